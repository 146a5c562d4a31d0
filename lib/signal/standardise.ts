import type { EcgRecord } from '../datasets/ecg-record';
import { ArgumentError, FormatError, UnusableSignalError } from '../errors';
import { type BandPassOptions, butterworthBandPass } from './butterworth';
import { fillInvalid } from './fill-invalid';
import { filterForwardBackward } from './filter-forward-backward';
import { ambiguousLead, FS_HZ, LEADS, leadPositions, SAMPLES } from './leads';
import { type ResamplePlan, resamplePlan } from './resample-poly';

/** What is done to a signal besides bringing it to its rate and length; nothing of it by default. */
export interface StandardiseSettings {
  /** Lets only a band through (`butterworthBandPass`, forwards and backwards, at 250 Hz); default no filter. */
  readonly bandPass?: BandPassOptions;
  /** Shifts and scales each record to mean 0 and standard deviation 1 over its twelve leads; default false. */
  readonly zScore?: boolean;
}

/** Options of `standardise`. */
export interface StandardiseOptions extends StandardiseSettings {
  /** Where the result goes, [lead = 12, sample = 2500]; default a new array. */
  readonly out?: Float32Array;
}

/** Standardises many records: as `standardise`, the filters and buffers of one rate used again. */
export type Standardiser = (
  record: EcgRecord,
  options?: Pick<StandardiseOptions, 'out'> & {
    /** Whether all samples are known to be finite, so that none needs to be looked for; default false. */
    readonly finite?: boolean;
  },
) => Float32Array;

/**
 * Brings an ECG to the form that every model reads: twelve leads by name, 250 Hz, 10 s, mV.
 *
 * Invalid samples are bridged (`fillInvalid`). Resampled with an anti-aliasing filter (`resamplePoly`), then cropped about
 * its centre or padded with 0 on both sides. Amplitudes stay as they are (section 4.1 of the paper) unless the options ask
 * for a band-pass, which comes after the resampling and before the cropping, so that its ends are cut off with the rest;
 * or for the z-score, (x - mean) / sd over the samples of all leads that are kept, without the padding. The z-score has no
 * unit, keeps the leads' amplitudes relative to each other, and is 0 where a record is flat throughout.
 *
 * @param record mV, any rate, length and lead order; lead names in any case
 * @param options.bandPass edges and order of a band-pass; default none
 * @param options.zScore whether the result is in standard deviations instead of mV; default false
 * @param options.out where the result goes; default a new array
 * @returns mV, [lead = 12, sample = 2500], leads in the order of `LEADS`
 * @throws FormatError when a lead is missing; UnusableSignalError when one is there twice and the two differ; ArgumentError
 *   when `out` or the signal has another size, the rate is no usable number, or
 *   the band is none
 */
export function standardise(record: EcgRecord, options: StandardiseOptions = {}): Float32Array {
  return standardiser(options)(record, options);
}

/** Rates whose filters are kept; a dataset has one or two. */
const MAX_PLANS = 8;

/** Makes a `standardise` that keeps its filters and buffers from record to record. */
export function standardiser({ bandPass, zScore = false }: StandardiseSettings = {}): Standardiser {
  const sections = bandPass === undefined ? undefined : butterworthBandPass(bandPass, FS_HZ);
  const plans = new Map<number, ResamplePlan>();
  let resampled: Float32Array | Float64Array = new Float32Array(0);
  return (record, options = {}) => {
    const { out = new Float32Array(LEADS.length * SAMPLES), finite = false } = options;
    if (out.length !== LEADS.length * SAMPLES) {
      throw new ArgumentError('out', { expected: `${LEADS.length * SAMPLES} values`, actual: String(out.length) });
    }
    if (record.signal.length !== record.leads.length * record.samples) {
      const expected = `${record.leads.length} leads x ${record.samples} samples`;
      const where = { file: record.file, record: record.recordId };
      throw new ArgumentError('signal', { expected, actual: `${record.signal.length} values`, where });
    }
    let plan = plans.get(record.fsHz);
    if (plan === undefined) {
      plan = resamplePlan(rateRatio(record));
      if (plans.size >= MAX_PLANS) plans.delete(plans.keys().next().value!); // the oldest
      plans.set(record.fsHz, plan);
    }
    const length = plan.length(record.samples);
    if (resampled.length !== length) {
      resampled = sections === undefined ? new Float32Array(length) : new Float64Array(length);
    }
    const positions = leadPositions(record.leads);
    requireEachOnce(record);
    for (let i = 0; i < LEADS.length; i++) {
      const position = positions[i];
      if (position === -1) {
        const where = { file: record.file, record: record.recordId, lead: LEADS[i] };
        throw new FormatError('lead', { expected: LEADS[i], actual: `only ${record.leads.join(' ')}`, where });
      }
      const found = record.signal.subarray(position * record.samples, (position + 1) * record.samples);
      const lead = finite ? found : fillInvalid(found);
      const target = out.subarray(i * SAMPLES, (i + 1) * SAMPLES);
      if (length === SAMPLES && sections === undefined) {
        plan.apply(lead, target);
        continue;
      }
      plan.apply(lead, resampled);
      const whole = sections === undefined ? resampled : filterForwardBackward(sections, resampled);
      if (length >= SAMPLES) {
        const start = Math.floor((length - SAMPLES) / 2);
        target.set(whole.subarray(start, start + SAMPLES));
      } else {
        target.fill(0);
        target.set(whole, Math.floor((SAMPLES - length) / 2));
      }
    }
    if (zScore) toZScore(out, length);
    return out;
  };
}

function requireEachOnce(record: EcgRecord): void {
  const twice = record.leads.length > LEADS.length ? ambiguousLead(record) : undefined;
  if (twice === undefined) return;
  const where = { file: record.file, record: record.recordId, lead: twice.lead };
  throw new UnusableSignalError('lead', {
    ...{ reason: 'ambiguous-lead', expected: 'each lead once', actual: twice.detail, where },
  });
}

/** Subtracts the mean and divides by the standard deviation, both over the `length` samples of each lead within padding. */
function toZScore(ecg: Float32Array, length: number): void {
  const kept = Math.min(length, SAMPLES);
  const start = Math.floor((SAMPLES - kept) / 2);
  const leads = LEADS.map((_, i) => ecg.subarray(i * SAMPLES + start, i * SAMPLES + start + kept));
  const count = LEADS.length * kept;
  let sum = 0;
  for (const lead of leads) for (let i = 0; i < kept; i++) sum += lead[i];
  const mean = sum / count;
  let squares = 0;
  for (const lead of leads) for (let i = 0; i < kept; i++) squares += (lead[i] - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  for (const lead of leads) {
    for (let i = 0; i < kept; i++) lead[i] = deviation === 0 ? 0 : (lead[i] - mean) / deviation;
  }
}

/** Largest factor of a change of rate: a filter has 20 taps for each of it, a second's work at this one. */
const MAX_FACTOR = 1_000_000;

/**
 * 250 Hz over the record's rate as whole numbers; rates such as 256.41 Hz count to a thousandth.
 *
 * Where that leads to a factor above 1,000,000 (rates above 1,000 Hz), the last convergent of the continued fraction below
 * it is taken, which is off by less than 2e-6 of the rate (20 us in 10 s).
 */
function rateRatio(record: EcgRecord): { up: number; down: number } {
  const thousandths = Math.round(record.fsHz * 1000);
  if (!(thousandths > 0 && Number.isFinite(thousandths))) {
    const where = { file: record.file, record: record.recordId };
    throw new ArgumentError('sampling rate', { expected: 'a number > 0 Hz', actual: String(record.fsHz), where });
  }
  let ratio = { up: 0, down: 1 };
  let before = { up: 1, down: 0 };
  for (let [a, b] = [thousandths, FS_HZ * 1000]; b > 0; [a, b] = [b, a % b]) {
    const whole = Math.floor(a / b);
    const next = { up: whole * ratio.up + before.up, down: whole * ratio.down + before.down };
    if (Math.max(next.up, next.down) > MAX_FACTOR) break;
    [before, ratio] = [ratio, next];
  }
  return ratio;
}
