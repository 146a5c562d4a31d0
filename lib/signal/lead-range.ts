import { wasm as w } from '../wasm-assembler';
import { wasmInstance } from '../wasm-instance';

/** Smallest and largest sample of a lead. */
export interface LeadRange {
  /** Smallest of the samples that are numbers, infinity where none is. */
  readonly low: number;
  /** Largest of them, -infinity where none is. */
  readonly high: number;
  /** Whether all samples are finite. */
  readonly finite: boolean;
}

/** Longest lead that is copied to the kernel. */
const MOST_SAMPLES = 2 ** 18;
const OUT_BYTES = 3 * 16;

let kernels: (Kernel & { readonly out: Float32Array; readonly lead: Float32Array }) | undefined;
let tried = false;

/** The range of a lead, in one pass. */
export function leadRange(lead: Float32Array): LeadRange {
  if (!tried) {
    tried = true;
    const found = wasmInstance<Kernel>([rangeKernel()], OUT_BYTES + 4 * MOST_SAMPLES);
    kernels = found && {
      range: found.range,
      out: new Float32Array(found.memory, 0, OUT_BYTES / 4),
      lead: new Float32Array(found.memory, OUT_BYTES, MOST_SAMPLES),
    };
  }
  if (kernels === undefined || lead.length > MOST_SAMPLES || lead.length === 0) return plainLeadRange(lead);
  const { range, out } = kernels;
  const samples = Math.ceil(lead.length / 4) * 4;
  kernels.lead.set(lead);
  kernels.lead.fill(lead[0], lead.length, samples);
  out.fill(Number.POSITIVE_INFINITY, 0, 4);
  out.fill(Number.NEGATIVE_INFINITY, 4, 8);
  range(OUT_BYTES, OUT_BYTES + 4 * samples, 0);
  return {
    low: Math.min(out[0], out[1], out[2], out[3]),
    high: Math.max(out[4], out[5], out[6], out[7]),
    finite: out[8] + out[9] + out[10] + out[11] === 0,
  };
}

/** The same without SIMD. */
export function plainLeadRange(lead: Float32Array): LeadRange {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let wrong = 0;
  for (let i = 0; i < lead.length; i++) {
    const value = lead[i];
    if (value < low) low = value;
    if (value > high) high = value;
    wrong += value - value;
  }
  return { low, high, finite: wrong === 0 };
}

interface Kernel {
  /**
   * Range of a lead, in four lanes: `out` gets the smallest of each, the largest, and 0 or, where a sample was NaN or
   * infinite, NaN. All are addresses.
   *
   * @param x [sample] float32, a multiple of four of them
   * @param end the address after the last
   * @param out [smallest, largest, 0 or NaN; lane = 4] float32: written over; smallest and largest are begun with
   */
  range(x: number, end: number, out: number): void;
}

function rangeKernel() {
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
