import { type Code, wasm as w } from '../wasm-assembler';
import { wasmInstance } from '../wasm-instance';

/** The loops over samples that take most of the time, four or two samples at a time; addresses are bytes of the memory. */
export interface SignalKernels {
  /** what addresses are of; zeros at first */
  memory: ArrayBuffer;
  /**
   * Range of a lead, in four lanes: `out` gets the smallest of each, the largest, and 0 or, where a sample was NaN or
   * infinite, NaN.
   *
   * @param x [sample] float32, a multiple of four of them
   * @param end the address after the last
   * @param out [smallest, largest, 0 or NaN; lane = 4] float32: written over; smallest and largest are begun with
   */
  range(x: number, end: number, out: number): void;
  /**
   * Parts a lead into its samples of even and of odd number, as float64.
   *
   * @param x [sample] float32, a multiple of four of them
   * @param end the address after the last
   * @param even, odd where they go
   */
  split(x: number, end: number, even: number, odd: number): void;
  /**
   * Halves the rate: `out[i] = h0 even[10 + i] + sum over j = 1 to 10 of h[2 j - 1] (odd[10 - j + i] + odd[9 + j + i])`.
   *
   * @param even, odd as of `split`, 10 of each before the first output's
   * @param taps h0, h1, h3, ... h19 float64
   * @param out float32, two at a time
   * @param end the address after the last output
   */
  halve(even: number, odd: number, taps: number, out: number, end: number): void;
}

/** Pairs of taps of `halve`, besides the one in the middle. */
const PAIRS = 10;
const DOUBLE = 8;

/**
 * Compiles the kernels, with a memory of so many bytes. Each computes what its plain twin does, bit for bit.
 *
 * @returns undefined where WebAssembly has no SIMD: then the twins compute
 */
export function signalKernels(bytes: number): SignalKernels | undefined {
  return wasmInstance<Omit<SignalKernels, 'memory'>>([range(), split(), halve()], bytes);
}

function range() {
  const [x, end, out] = [0, 1, 2];
  const [low, high, wrong, value] = [3, 4, 5, 6];
  return {
    name: 'range',
    parameters: 3,
    vectors: 4,
    code: [
      w.set(low, w.load(w.get(out))),
      w.set(high, w.load(w.get(out), 16)),
      w.loopWhileBelow(x, end, [
        w.set(value, w.load(w.get(x))),
        w.set(low, w.smaller(w.get(low), w.get(value))),
        w.set(high, w.larger(w.get(high), w.get(value))),
        w.set(wrong, w.plusFloats(w.get(wrong), w.minusFloats(w.get(value), w.get(value)))),
        w.set(x, w.add(w.get(x), w.constant(16))),
      ]),
      w.store(w.get(out), w.get(low)),
      w.store(w.get(out), w.get(high), 16),
      w.store(w.get(out), w.get(wrong), 32),
    ],
  };
}

function split() {
  const [x, end, even, odd] = [0, 1, 2, 3];
  const [first, second] = [4, 5];
  return {
    name: 'split',
    parameters: 4,
    vectors: 2,
    code: w.loopWhileBelow(x, end, [
      w.set(first, w.loadFloats(w.get(x))),
      w.set(second, w.loadFloats(w.get(x), 8)),
      w.store(w.get(even), w.firsts(w.get(first), w.get(second))),
      w.store(w.get(odd), w.seconds(w.get(first), w.get(second))),
      [even, odd, x].map((pointer) => w.set(pointer, w.add(w.get(pointer), w.constant(16)))),
    ]),
  };
}

function halve() {
  const [even, odd, taps, out, end] = [0, 1, 2, 3, 4];
  const tap = (pair: number) => 5 + pair;
  const sum = 6 + PAIRS;
  const pairs = Array.from({ length: PAIRS }, (_, i) => i + 1);
  return {
    name: 'halve',
    parameters: 5,
    vectors: 2 + PAIRS,
    code: [
      [0, ...pairs].map((pair) => w.set(tap(pair), w.loadDoubleTwice(w.get(taps), pair * DOUBLE))),
      w.loopWhileBelow(out, end, [
        w.set(sum, w.times(w.get(tap(0)), w.load(w.get(even), PAIRS * DOUBLE))),
        pairs.map((pair): Code => {
          const before = w.load(w.get(odd), (PAIRS - pair) * DOUBLE);
          const after = w.load(w.get(odd), (PAIRS - 1 + pair) * DOUBLE);
          return w.set(sum, w.plus(w.get(sum), w.times(w.get(tap(pair)), w.plus(before, after))));
        }),
        w.storeFloats(w.get(out), w.get(sum)),
        [even, odd].map((pointer) => w.set(pointer, w.add(w.get(pointer), w.constant(16)))),
        w.set(out, w.add(w.get(out), w.constant(8))),
      ]),
    ],
  };
}
