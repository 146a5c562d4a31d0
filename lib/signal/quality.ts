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
 * a single spike or a flat lead does not move; 0.4 to 2 mV is usual.
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
    const { valid, range, deviation } = spread(lead);
    const lost = lead.length - valid;
    if (lost > maxInvalidFraction * lead.length) invalid.push(`${LEADS[i]} ${lost} of ${lead.length}`);
    if (range <= flatMv) flat.push(LEADS[i]);
    amplitudes.push(4 * deviation);
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

/** Number of valid samples, largest minus smallest, and standard deviation, mV. */
function spread(lead: Float32Array): { valid: number; range: number; deviation: number } {
  let low = lead[0];
  let high = low;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < lead.length; i++) {
    const value = lead[i];
    if (value < low) low = value;
    else if (value > high) high = value;
    sum += value;
    squares += value * value;
  }
  if (Number.isNaN(sum)) {
    const valid = lead.filter((value) => !Number.isNaN(value));
    return valid.length === 0 ? { valid: 0, range: 0, deviation: 0 } : spread(valid);
  }
  const mean = sum / lead.length;
  const deviation = Math.sqrt(Math.max(0, squares / lead.length - mean * mean));
  return { valid: lead.length, range: high - low, deviation };
}
