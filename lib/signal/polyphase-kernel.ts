import { type Code, wasm as w } from '../wasm-assembler';
import { wasmInstance } from '../wasm-instance';
import { extendAlongLine } from './line-extension';

/** The taps of one phase: output = sum_k taps[k] x[first + k]. */
export interface Phase {
  readonly first: number;
  readonly taps: Float64Array;
}

/** What a kernel computes: a resampling by up / down. */
export interface Polyphase {
  readonly up: number;
  readonly down: number;
  /** Samples that the phases see beyond either end of a signal. */
  readonly margin: number;
  /** One for each of the first `up` outputs. */
  readonly phases: readonly Phase[];
}

/** Resamples a signal of at least one sample into `out`. */
export type PolyphaseKernel = (signal: Float32Array, out: Float32Array) => void;

const [FLOAT, DOUBLE] = [4, 8];

/**
 * Compiles a resampling with SIMD, two outputs of a phase at a time; taps that are 0 are left out. It computes what
 * `resamplePlan` does without it, bit for bit.
 *
 * Memory holds the taps of all phases, the extended signal, its samples as float64, parted by their number modulo `down` so
 * that those of neighbouring outputs lie side by side, and the outputs.
 *
 * @param room longest signal
 * @returns undefined where WebAssembly has no SIMD
 */
export function polyphaseKernel({ up, down, margin, phases }: Polyphase, room: number): PolyphaseKernel | undefined {
  const pairsOf = (samples: number) => Math.ceil((samples + 2 * margin) / (2 * down)) + 1;
  const tapsAt = phases.map((_, m) => DOUBLE * phases.slice(0, m).reduce((sum, { taps }) => sum + taps.length, 0));
  const partsAt = 16 * Math.ceil((tapsAt[up - 1] + DOUBLE * phases[up - 1].taps.length) / 16);
  const partBytes = 2 * DOUBLE * pairsOf(room);
  const signalAt = partsAt + down * partBytes;
  const outsAt = signalAt + 2 * down * FLOAT * pairsOf(room);
  const bytes = outsAt + FLOAT * (Math.ceil((room * up) / down) + 2 * up);
  const placed = phases.map(({ first, taps }) => ({ first: margin + first, taps }));
  const functions = [part({ down, partBytes }), ...placed.map((phase, m) => filter(phase, m, { up, down, partBytes }))];
  const kernels = wasmInstance<Readonly<Record<string, (...addresses: number[]) => void>>>(functions, bytes);
  if (kernels === undefined) return undefined;
  const { memory } = kernels as { memory: ArrayBuffer };
  phases.forEach(({ taps }, m) => {
    new Float64Array(memory, tapsAt[m], taps.length).set(taps);
  });
  const run = phases.map((_, m) => kernels[`phase${m}`]);
  let extended = new Float32Array(0);
  let outs = new Float32Array(0);
  return (signal, out) => {
    const pairs = pairsOf(signal.length);
    if (extended.length !== signal.length + 2 * margin) {
      extended = new Float32Array(memory, signalAt, signal.length + 2 * margin);
      outs = new Float32Array(memory, outsAt, out.length);
    }
    extendAlongLine(signal, margin, extended);
    kernels.part(signalAt, signalAt + 2 * down * FLOAT * pairs, partsAt);
    for (let m = 0; m < up && m < out.length; m++) {
      const first = outsAt + FLOAT * m;
      run[m](partsAt, tapsAt[m], first, first + FLOAT * up * Math.ceil((out.length - m) / up));
    }
    out.set(outs);
  };
}

/** part(x, end, to): samples of float32 to `down` lists of float64, `partBytes` apart. */
function part({ down, partBytes }: { down: number; partBytes: number }) {
  const [x, end, to] = [0, 1, 2];
  const remainders = Array.from({ length: down }, (_, remainder) => remainder);
  return {
    name: 'part',
    parameters: 3,
    vectors: 0,
    code: w.loopWhileBelow(x, end, [
      remainders.map((remainder) => {
        const pair = w.loadTwoFloats(w.get(x), [FLOAT * remainder, FLOAT * (remainder + down)]);
        return w.store(w.get(to), pair, remainder * partBytes);
      }),
      w.set(x, w.add(w.get(x), w.constant(2 * down * FLOAT))),
      w.set(to, w.add(w.get(to), w.constant(2 * DOUBLE))),
    ]),
  };
}

/** phase(from, taps, out, end): every `up`-th output from `out` on, up to `end`, and one more where they are odd. */
function filter(
  { first, taps }: Phase,
  m: number,
  { up, down, partBytes }: { up: number; down: number; partBytes: number },
) {
  const [from, tapsAt, out, end] = [0, 1, 2, 3];
  const used = [...taps.keys()].filter((k) => taps[k] !== 0);
  const tap = (i: number) => 4 + i;
  const sum = tap(used.length);
  const products = used.map((k, i): Code => {
    const place = first + k;
    const offset = (place % down) * partBytes + DOUBLE * Math.floor(place / down);
    return w.times(w.get(tap(i)), w.load(w.get(from), offset));
  });
  return {
    name: `phase${m}`,
    parameters: 4,
    vectors: used.length + 1,
    code: [
      used.map((k, i) => w.set(tap(i), w.loadDoubleTwice(w.get(tapsAt), DOUBLE * k))),
      w.loopWhileBelow(out, end, [
        w.set(sum, w.singles(products.reduce((total, product) => w.plus(total, product)))),
        w.storeFloat(w.get(out), w.get(sum), { lane: 0, offset: 0 }),
        w.storeFloat(w.get(out), w.get(sum), { lane: 1, offset: up * FLOAT }),
        w.set(from, w.add(w.get(from), w.constant(2 * DOUBLE))),
        w.set(out, w.add(w.get(out), w.constant(2 * up * FLOAT))),
      ]),
    ],
  };
}
