import type { EcgRecord } from '../datasets/ecg-record';
import { stillOnce, stuckSamples } from './clipping';
import { countInvalid } from './fill-invalid';
import { leadRange } from './lead-range';
import { ambiguousLead, LEADS, leadPositions } from './leads';

/**
 * Why a record cannot be used. `missing-file`, `unreadable` and `not-a-voltage` come from its reader, `not-representable`
 * from the type that a store holds it in, `duplicate` from the records before it in its dataset, the others from its
 * signal.
 */
export const REJECTION_REASONS = [
  'missing-file',
  'unreadable',
  'not-a-voltage',
  'missing-lead',
  'ambiguous-lead',
  'no-samples',
  'implausible-rate',
  'too-short',
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
  /**
   * Shortest time that a record lasts, without what pads it, s; default 2: at 30 beats a minute or more, a record of 2 s
   * has a beat. A shorter one may have none, and is padding for the most part once it is stored as one of 10 s.
   */
  readonly minDurationS?: number;
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
  minDurationS: 2,
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
 * In this order: a lead of the twelve missing, one twice with samples that differ, no samples, a rate that is none of an ECG, a
 * record too short, invalid samples (NaN, infinite), too many flat leads, too many clipped leads, an amplitude that only a
 * wrong gain or unit explains.
 *
 * Where all leads are 0 for 0.1 s or more at a record's start or end, that is padding, which does not count as time.
 *
 * A lead is clipped when it stays at its own largest or smallest value again and again, as one whose amplifier or converter
 * has reached its end does: when more than 5 % of its samples lie in runs of at least 20 ms, and of 3 samples, that all
 * equal that value. (FieldTrip's ft_artifact_clip looks for runs of equal samples too; taking only those at the extremes spares
 * pauses at the baseline.) Zeros at the start and end of a lead are padding, and leads of less than 0.2 mV have too
 * few values to tell. The level at which a lead rests between two beats while all leads stand still is none that it is
 * stuck at: a simulated ECG without noise returns to it in every beat, and a lead with upward waves alone is lowest there.
 * Of PTB-XL at 100 Hz, nine leads of 21,799 ECGs are above 1 %, in nine ECGs, and none above 2.7 %.
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
    const names = [...record.leads, ...(record.otherSignals ?? [])];
    return { reason: 'missing-lead', detail: `${missing.join(' ')} not among ${names.join(' ')}` };
  }
  if (record.leads.length > LEADS.length) {
    const twice = ambiguousLead(record);
    if (twice !== undefined) return { reason: 'ambiguous-lead', detail: twice.detail };
  }
  if (record.samples === 0) return { reason: 'no-samples', detail: '0 samples a lead' };
  const { minRateHz, maxRateHz } = quality;
  if (!(record.fsHz >= minRateHz && record.fsHz <= maxRateHz)) {
    return { reason: 'implausible-rate', detail: `${record.fsHz} Hz, not ${minRateHz} to ${maxRateHz} Hz` };
  }
  const leads = positions.map((position) => {
    return record.signal.subarray(position * record.samples, (position + 1) * record.samples);
  });
  const padding = zerosAtBothEnds(leads, Math.ceil(PADDING_S * record.fsHz));
  const lastsS = (record.samples - padding) / record.fsHz;
  if (lastsS < quality.minDurationS && padding < record.samples) {
    const padded = padding === 0 ? '' : ` without the ${padding} zeros at its ends`;
    const detail = `${Number(lastsS.toPrecision(3))} s${padded}, less than ${quality.minDurationS} s`;
    return { reason: 'too-short', detail };
  }

  const flat: string[] = [];
  const invalid: string[] = [];
  const clipped: string[] = [];
  const amplitudes: number[] = [];
  const still = stillOnce(leads);
  leads.forEach((lead, i) => {
    const { low, high, finite } = leadRange(lead);
    const lost = finite ? 0 : countInvalid(lead);
    if (lost > quality.maxInvalidFraction * lead.length) invalid.push(`${LEADS[i]} ${lost} of ${lead.length}`);
    if (!(high - low > quality.flatMv)) flat.push(LEADS[i]);
    else {
      const run = Math.ceil((quality.clippedRunMs / 1000) * record.fsHz);
      const most = quality.maxClippedFraction * lead.length;
      const stuck = stuckSamples(lead, { low, high, run, most, longestRest: LONGEST_REST_S * record.fsHz, still });
      if (stuck > most) clipped.push(`${LEADS[i]} ${((100 * stuck) / lead.length).toFixed(1)} %`);
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

/** Longest time between two beats, at 30 a minute: a lead that stays at a value for longer does not rest there. */
const LONGEST_REST_S = 2;

/** Shorter stretches of zeros may be the signal's own. */
const PADDING_S = 0.1;

/** Samples at both ends at which all leads are 0, at each end `fewest` or more. */
function zerosAtBothEnds(leads: readonly Float32Array[], fewest: number): number {
  const { length } = leads[0];
  const isZero = (i: number) => leads.every((lead) => lead[i] === 0);
  let start = 0;
  while (start < length && isZero(start)) start++;
  let end = length;
  while (end > start && isZero(end - 1)) end--;
  return [start, length - end].reduce((sum, zeros) => (zeros >= fewest ? sum + zeros : sum), 0);
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
