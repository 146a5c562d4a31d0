import { type Code, wasm as w } from '../wasm-assembler';
import { wasmInstance } from '../wasm-instance';

/** One lead of interleaved 16-bit samples. */
export interface InterleavedLead {
  /** The samples of all leads, frame by frame. */
  readonly flat: Int16Array;
  /** Place of the lead in a frame. */
  readonly column: number;
  /** Samples of a frame. */
  readonly stride: number;
  /** ADC value of 0 physical units. */
  readonly baseline: number;
  /** ADC units a physical unit. */
  readonly gain: number;
  /** ADC value that marks an invalid sample. */
  readonly invalid: number;
}

/** What was found on the way. */
export interface DecodedLead {
  /** Sum of the samples modulo 2^32. */
  readonly sum: number;
  /** Whether one of them is marked invalid. */
  readonly found: boolean;
}

interface Kernel {
  decode(x: number, end: number, stride: number, values: number, signal: number, constants: number): void;
}

const LANES = 8;
const MOST_SAMPLES = 2 ** 16; // of a lead
const MOST_FLAT = 2 ** 20;
const CONSTANTS_BYTES = 5 * 16;
const PLACES = {
  constants: 0,
  values: CONSTANTS_BYTES,
  signal: CONSTANTS_BYTES + 2 * MOST_SAMPLES,
  flat: CONSTANTS_BYTES + 6 * MOST_SAMPLES,
};

let decoder: ReturnType<typeof makeDecoder> | undefined;
let tried = false;

/**
 * Takes a lead out of its frames, as stored and as (value - baseline) / gain, eight samples at a time; the results are those
 * of the plain loop, bit for bit.
 *
 * @param values [sample], takes the ADC values
 * @param signal [sample], takes the physical values, also of invalid samples
 * @returns undefined, and nothing written, where only the plain loop can do it: without SIMD, for very long leads, or where
 *   the gain is no float32 (a quotient of two float32, rounded once, is what float64 rounded to float32 gives)
 */
export function decodeLead(lead: InterleavedLead, values: Int16Array, signal: Float32Array): DecodedLead | undefined {
  const { flat, baseline, gain } = lead;
  const exact = Math.fround(gain) === gain && Number.isInteger(baseline) && Math.abs(baseline) < 2 ** 23;
  const short = values.length <= MOST_SAMPLES && flat.length <= MOST_FLAT;
  if (!exact || !short || values.length < LANES) return undefined;
  if (!tried) {
    tried = true;
    decoder = makeDecoder();
  }
  return decoder?.(lead, values, signal);
}

function makeDecoder() {
  const kernel = wasmInstance<Kernel>([decode()], PLACES.flat + 2 * MOST_FLAT);
  if (kernel === undefined) return undefined;
  const { memory } = kernel;
  const held = new Int16Array(memory, PLACES.flat, MOST_FLAT);
  const integers = new Int32Array(memory, PLACES.constants, CONSTANTS_BYTES / 4);
  const floats = new Float32Array(memory, PLACES.constants, CONSTANTS_BYTES / 4);
  const shorts = new Int16Array(memory, PLACES.constants, CONSTANTS_BYTES / 2);
  let last: Int16Array | undefined; // the leads of a file come one after the other
  return (
    { flat, column, stride, baseline, gain, invalid }: InterleavedLead,
    values: Int16Array,
    signal: Float32Array,
  ): DecodedLead => {
    if (last !== flat || column === 0) held.set(flat);
    last = flat;
    integers.fill(baseline, 0, 4);
    floats.fill(gain, 4, 8);
    shorts.fill(invalid, 16, 24);
    const whole = values.length - (values.length % LANES);
    const start = PLACES.flat + 2 * column;
    kernel.decode(start, start + 2 * stride * whole, 2 * stride, PLACES.values, PLACES.signal, PLACES.constants);
    values.set(new Int16Array(memory, PLACES.values, whole));
    signal.set(new Float32Array(memory, PLACES.signal, whole));
    let sum = (integers[12] + integers[13] + integers[14] + integers[15]) | 0;
    let found = integers.subarray(16, 20).some((bits) => bits !== 0);
    for (let i = whole; i < values.length; i++) {
      const value = flat[column + i * stride];
      values[i] = value;
      signal[i] = (value - baseline) / gain;
      sum = (sum + value) | 0;
      found ||= value === invalid;
    }
    return { sum, found };
  };
}

function decode() {
  const [x, end, stride, values, signal, constants] = [0, 1, 2, 3, 4, 5];
  const [baseline, gain, invalid, sum, found, frame, half] = [6, 7, 8, 9, 10, 11, 12];
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  const physical = (shorts: Code, offset: number): Code => [
    w.set(half, shorts),
    w.set(sum, w.plusIntegers(w.get(sum), w.get(half))),
    w.store(w.get(signal), w.over(w.floats(w.minusIntegers(w.get(half), w.get(baseline))), w.get(gain)), offset),
  ];
  return {
    name: 'decode',
    parameters: 6,
    vectors: 7,
    code: [
      w.set(baseline, w.load(w.get(constants))),
      w.set(gain, w.load(w.get(constants), 16)),
      w.set(invalid, w.load(w.get(constants), 32)),
      w.loopWhileBelow(x, end, [
        lanes.map((lane) => [
          w.set(frame, w.loadShort(w.get(x), w.get(frame), lane)),
          w.set(x, w.add(w.get(x), w.get(stride))),
        ]),
        w.store(w.get(values), w.get(frame)),
        w.set(found, w.or(w.get(found), w.equalShorts(w.get(frame), w.get(invalid)))),
        physical(w.firstShorts(w.get(frame)), 0),
        physical(w.lastShorts(w.get(frame)), 16),
        w.set(values, w.add(w.get(values), w.constant(16))),
        w.set(signal, w.add(w.get(signal), w.constant(32))),
      ]),
      w.store(w.get(constants), w.get(sum), 48),
      w.store(w.get(constants), w.get(found), 64),
    ],
  };
}
