import type { EcgRecord } from '../datasets/ecg-record';
import { countInvalid } from './fill-invalid';
import { leadRange } from './lead-range';
import { LEADS, leadPositions } from './leads';

/**
 * Why a record cannot be used. `unreadable` comes from its reader, `not-representable` from the type that a store holds it in,
 * `duplicate` from the records before it in its dataset, the others from its signal.
 */
export const REJECTION_REASONS = [
  'unreadable',
  'missing-lead',
  'no-samples',
  'implausible-rate',
  'not-a-number',
  'no-signal',
  'clipped',
  'implausible-amplitude',
  'not-representable',
  'duplicate',
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** A reason and what was found. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** Thresholds of `rejection`. */
export interface QualityOptions {
  /** Smallest sampling rate, Hz; default 50. */
  readonly minRateHz?: number;
  /** Largest sampling rate, Hz; default 20,000. */
  readonly maxRateHz?: number;
  /** Largest fraction of invalid samples that a lead may have, 0 to 1; default 0. */
  readonly maxInvalidFraction?: number;
  /** A lead whose range is at most this is flat, mV, >= 0; default 0: all its samples are equal. */
  readonly flatMv?: number;
  /** Flat leads that a record may have, 0 to 12; default 11: only a record without any signal is rejected. */
  readonly maxFlatLeads?: number;
  /** Shortest time that a lead stays at its largest or smallest value to count as stuck there, ms; default 20. */
  readonly clippedRunMs?: number;
  /** A lead with a larger fraction of stuck samples is clipped, 0 to 1; default 0.05. */
  readonly maxClippedFraction?: number;
  /** Clipped leads that a record may have, 0 to 12; default 2. */
  readonly maxClippedLeads?: number;
  /** Largest typical amplitude (see `rejection`), mV; default 10. */
  readonly maxAmplitudeMv?: number;
  /** Smallest typical amplitude, mV; default 0.01. */
  readonly minAmplitudeMv?: number;
  /** Whether a record that equals an earlier one of its dataset is rejected; default true. */
  readonly rejectDuplicates?: boolean;
}

/** The thresholds taken where none are given. */
export const DEFAULT_QUALITY: Required<QualityOptions> = {
  minRateHz: 50,
  maxRateHz: 20_000,
  maxInvalidFraction: 0,
  flatMv: 0,
  maxFlatLeads: 11,
  clippedRunMs: 20,
  maxClippedFraction: 0.05,
  maxClippedLeads: 2,
  maxAmplitudeMv: 10,
  minAmplitudeMv: 0.01,
  rejectDuplicates: true,
};

/**
 * Says why a record cannot be used, or undefined where it can.
 *
 * In this order: a lead of the twelve missing, no samples, a rate that is none of an ECG, invalid samples (NaN, infinite), too
 * many flat leads, too many clipped leads, an amplitude that only a wrong gain or unit explains.
 *
 * A lead is clipped when it stays at its own largest or smallest value again and again, as one whose amplifier or converter
 * has reached its end does: when more than 5 % of its samples lie in runs of at least 20 ms, and of 3 samples, that all
 * equal that value. (FieldTrip's ft_artifact_clip looks for runs of equal samples too; taking only those at the extremes spares
 * pauses at the baseline.) Zeros at the start and end of a lead are padding, and leads of less than 0.2 mV have too
 * few values to tell. Of PTB-XL at 100 Hz, nine leads of 21,799 ECGs are above 1 %, in nine ECGs, and none above 2.7 %.
 *
 * The typical amplitude is the median over leads of the standard deviation times 4, which a single spike or a flat lead
 * hardly moves; of PTB-XL's it is 0.16 to 3 mV.
 *
 * @param record any lead order, mV
 * @param options thresholds; `rejectDuplicates` is for a store, which knows the other records
 */
export function rejection(record: EcgRecord, options: QualityOptions = {}): Rejection | undefined {
  const quality = { ...DEFAULT_QUALITY, ...options };
  const positions = leadPositions(record.leads);
  const missing = LEADS.filter((_, i) => positions[i] === -1);
  if (missing.length > 0) {
    return { reason: 'missing-lead', detail: `${missing.join(' ')} not among ${record.leads.join(' ')}` };
  }
  if (record.samples === 0) return { reason: 'no-samples', detail: '0 samples a lead' };
  const { minRateHz, maxRateHz } = quality;
  if (!(record.fsHz >= minRateHz && record.fsHz <= maxRateHz)) {
    return { reason: 'implausible-rate', detail: `${record.fsHz} Hz, not ${minRateHz} to ${maxRateHz} Hz` };
  }

  const flat: string[] = [];
  const invalid: string[] = [];
  const clipped: string[] = [];
  const amplitudes: number[] = [];
  positions.forEach((position, i) => {
    const lead = record.signal.subarray(position * record.samples, (position + 1) * record.samples);
    const { low, high, finite } = leadRange(lead);
    const lost = finite ? 0 : countInvalid(lead);
    if (lost > quality.maxInvalidFraction * lead.length) invalid.push(`${LEADS[i]} ${lost} of ${lead.length}`);
    if (!(high - low > quality.flatMv)) flat.push(LEADS[i]);
    else {
      const stuck = stuckSamples(lead, { low, high, run: Math.ceil((quality.clippedRunMs / 1000) * record.fsHz) });
      if (stuck > quality.maxClippedFraction * lead.length) {
        clipped.push(`${LEADS[i]} ${((100 * stuck) / lead.length).toFixed(1)} %`);
      }
    }
    amplitudes.push(4 * deviation(lead));
  });
  if (invalid.length > 0) return { reason: 'not-a-number', detail: `invalid samples: ${invalid.join(', ')}` };
  if (flat.length > quality.maxFlatLeads) {
    const detail = flat.length === LEADS.length ? 'all leads flat' : `flat: ${flat.join(' ')}`;
    return { reason: 'no-signal', detail };
  }
  if (clipped.length > quality.maxClippedLeads) {
    return { reason: 'clipped', detail: `stuck at the largest or smallest value: ${clipped.join(', ')}` };
  }
  amplitudes.sort((a, b) => a - b);
  const median = (amplitudes[5] + amplitudes[6]) / 2;
  const { minAmplitudeMv, maxAmplitudeMv } = quality;
  if (median > maxAmplitudeMv || median < minAmplitudeMv) {
    const found = `typical amplitude ${median.toPrecision(3)} mV, not ${minAmplitudeMv} to ${maxAmplitudeMv} mV`;
    const mistake = likelyMistake(median);
    return { reason: 'implausible-amplitude', detail: mistake === undefined ? found : `${found}: ${mistake}` };
  }
  return undefined;
}

/** Leads of a smaller range take few values, and are often at their largest. */
const MIN_CLIPPED_RANGE_MV = 0.2;

/** Samples in runs of at least `run`, and 3, that all equal `low` or all equal `high`, without zeros at both ends. */
function stuckSamples(lead: Float32Array, { low, high, run }: { low: number; high: number; run: number }): number {
  if (!(high - low >= MIN_CLIPPED_RANGE_MV)) return 0;
  const shortest = Math.max(3, run);
  // a run of `shortest` has one of every `shortest` samples: a look at those finds all runs, and mostly none
  let stuck = 0;
  for (let i = shortest - 1; i < lead.length; i += shortest) {
    const value = lead[i];
    if (value !== low && value !== high) continue;
    let start = i;
    while (start > 0 && lead[start - 1] === value) start--;
    let end = i + 1;
    while (end < lead.length && lead[end] === value) end++;
    const padding = value === 0 && (start === 0 || end === lead.length);
    if (end - start >= shortest && !padding) stuck += end - start;
    i += Math.floor((end - 1 - i) / shortest) * shortest; // on to the first look after the run
  }
  return stuck;
}

/** Standard deviation of the valid ones among about 1,000 samples, evenly spaced. */
function deviation(lead: Float32Array): number {
  const step = Math.max(1, Math.floor(lead.length / 1000));
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < lead.length; i += step) {
    const value = lead[i];
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  if (count === 0) return 0;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** Typical amplitudes that ECGs have, mV: the range of PTB-XL's. */
const USUAL_MV = { low: 0.16, high: 3 };

/** Mistakes that make an amplitude implausible, and the factor of each; the more common first. */
const MISTAKES = [
  [1000, 'microvolts read as millivolts?'],
  [200, 'ADC units of 5 uV read as millivolts?'],
  [1e6, 'nanovolts read as millivolts?'],
  [1e-3, 'volts read as millivolts?'],
  [1 / 200, 'divided by a gain of 200 a mV twice?'],
  [1e-6, 'divided by 1000 twice?'],
] as const;

/** Names the mistake without which an amplitude would be usual, if there is one. */
function likelyMistake(amplitudeMv: number): string | undefined {
  const likely = MISTAKES.find(([factor]) => {
    const mended = amplitudeMv / factor;
    return mended >= USUAL_MV.low && mended <= USUAL_MV.high;
  });
  if (likely === undefined) return undefined;
  const [factor, mistake] = likely;
  return `${factor > 1 ? `${factor} times too large` : `${Math.round(1 / factor)} times too small`}: ${mistake}`;
}
