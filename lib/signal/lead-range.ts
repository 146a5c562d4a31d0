import { type SignalKernels, signalKernels } from './signal-kernels';

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

let kernels:
  | { readonly range: SignalKernels['range']; readonly out: Float32Array; readonly lead: Float32Array }
  | undefined;
let tried = false;

/** The range of a lead, in one pass. */
export function leadRange(lead: Float32Array): LeadRange {
  if (!tried) {
    tried = true;
    const found = signalKernels(OUT_BYTES + 4 * MOST_SAMPLES);
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
