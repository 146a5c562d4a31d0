import type { EcgRecord } from '../datasets/ecg-record';
import { LEADS, leadPositions } from './leads';

/** Why a record cannot be used. `unreadable` comes from its reader, the others from its signal. */
export const REJECTION_REASONS = [
  'unreadable',
  'missing-lead',
  'no-samples',
  'not-a-number',
  'no-signal',
  'implausible-amplitude',
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** A reason and what was found. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** Thresholds of `rejection`. */
export interface QualityOptions {
  /** Largest fraction of invalid samples that a lead may have, 0 to 1; default 0. */
  readonly maxInvalidFraction?: number;
  /** A lead whose range is at most this is flat, mV, >= 0; default 0: all its samples are equal. */
  readonly flatMv?: number;
  /** Flat leads that a record may have, 0 to 12; default 11: only a record without any signal is rejected. */
  readonly maxFlatLeads?: number;
  /** Largest typical amplitude (see `rejection`), mV; default 10. */
  readonly maxAmplitudeMv?: number;
  /** Smallest typical amplitude, mV; default 0.01. */
  readonly minAmplitudeMv?: number;
}

/** The thresholds taken where none are given. */
export const DEFAULT_QUALITY: Required<QualityOptions> = {
  maxInvalidFraction: 0,
  flatMv: 0,
  maxFlatLeads: 11,
  maxAmplitudeMv: 10,
  minAmplitudeMv: 0.01,
};

/**
 * Says why a record cannot be used, or undefined where it can.
 *
 * In this order: a lead of the twelve missing, no samples, invalid samples (NaN), too many flat leads, an amplitude that
 * only a wrong gain explains. The typical amplitude is the median over leads of the standard deviation times 4, which
 * a single spike or a flat lead hardly moves; of PTB-XL's it is 0.16 to 3 mV.
 *
 * @param record any lead order, mV
 * @param options thresholds
 */
export function rejection(record: EcgRecord, options: QualityOptions = {}): Rejection | undefined {
  const { maxInvalidFraction, flatMv, maxFlatLeads, maxAmplitudeMv, minAmplitudeMv } = {
    ...DEFAULT_QUALITY,
    ...options,
  };
  const positions = leadPositions(record.leads);
  const missing = LEADS.filter((_, i) => positions[i] === -1);
  if (missing.length > 0) {
    return { reason: 'missing-lead', detail: `${missing.join(' ')} not among ${record.leads.join(' ')}` };
  }
  if (record.samples === 0) return { reason: 'no-samples', detail: '0 samples a lead' };

  const flat: string[] = [];
  const invalid: string[] = [];
  const amplitudes: number[] = [];
  positions.forEach((position, i) => {
    const lead = record.signal.subarray(position * record.samples, (position + 1) * record.samples);
    const lost = countInvalid(lead);
    if (lost > maxInvalidFraction * lead.length) invalid.push(`${LEADS[i]} ${lost} of ${lead.length}`);
    if (isFlat(lead, flatMv)) flat.push(LEADS[i]);
    amplitudes.push(4 * deviation(lead));
  });
  if (invalid.length > 0) return { reason: 'not-a-number', detail: `invalid samples: ${invalid.join(', ')}` };
  if (flat.length > maxFlatLeads) {
    const detail = flat.length === LEADS.length ? 'all leads flat' : `flat: ${flat.join(' ')}`;
    return { reason: 'no-signal', detail };
  }
  amplitudes.sort((a, b) => a - b);
  const median = (amplitudes[5] + amplitudes[6]) / 2;
  if (median > maxAmplitudeMv || median < minAmplitudeMv) {
    const detail = `typical amplitude ${median.toPrecision(3)} mV, not ${minAmplitudeMv} to ${maxAmplitudeMv} mV`;
    return { reason: 'implausible-amplitude', detail };
  }
  return undefined;
}

/** Number of NaN; a sum over all tells at once whether there is any. */
function countInvalid(lead: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0]; // four sums, for an addition waits for the one before
  let i = 0;
  for (; i + 3 < lead.length; i += 4) {
    a += lead[i];
    b += lead[i + 1];
    c += lead[i + 2];
    d += lead[i + 3];
  }
  for (; i < lead.length; i++) a += lead[i];
  if (!Number.isNaN(a + b + c + d)) return 0;
  return lead.reduce((count, value) => (Number.isNaN(value) ? count + 1 : count), 0);
}

/** Whether largest minus smallest is at most `flatMv`; most leads show after a few samples that it is not. */
function isFlat(lead: Float32Array, flatMv: number): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < lead.length; i++) {
    if (lead[i] < low) low = lead[i];
    if (lead[i] > high) high = lead[i];
    if (high - low > flatMv) return false;
  }
  return true;
}

/** Standard deviation of the valid ones among about 1,000 samples, evenly spaced. */
function deviation(lead: Float32Array): number {
  const step = Math.max(1, Math.floor(lead.length / 1000));
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < lead.length; i += step) {
    const value = lead[i];
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  if (count === 0) return 0;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
