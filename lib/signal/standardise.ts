import type { EcgRecord } from '../datasets/ecg-record';
import { ArgumentError, FormatError } from '../errors';
import { FS_HZ, LEADS, leadPositions, SAMPLES } from './leads';
import { type ResamplePlan, resamplePlan } from './resample-poly';

/** Options of `standardise`. */
export interface StandardiseOptions {
  /** Where the result goes, [lead = 12, sample = 2500]; default a new array. */
  readonly out?: Float32Array;
}

/** Standardises many records: as `standardise`, the filters and buffers of one rate used again. */
export type Standardiser = (record: EcgRecord, options?: StandardiseOptions) => Float32Array;

/**
 * Brings an ECG to the form that every model reads: twelve leads by name, 250 Hz, 10 s, mV.
 *
 * Resampled with an anti-aliasing filter (`resamplePoly`), then cropped about its centre or padded with 0 on both sides.
 * Amplitudes stay as they are: no filter against wander or mains, no z-score (section 4.1 of the paper).
 *
 * @param record mV, any rate, length and lead order; lead names in any case
 * @param options.out where the result goes; default a new array
 * @returns mV, [lead = 12, sample = 2500], leads in the order of `LEADS`
 * @throws FormatError when a lead is missing; ArgumentError when `out` has another size or the rate is no usable number
 */
export function standardise(record: EcgRecord, options: StandardiseOptions = {}): Float32Array {
  return standardiser()(record, options);
}

/** Makes a `standardise` that keeps its filters and buffers from record to record. */
export function standardiser(): Standardiser {
  const plans = new Map<number, ResamplePlan>();
  let resampled = new Float32Array(0);
  return (record, options = {}) => {
    const { out = new Float32Array(LEADS.length * SAMPLES) } = options;
    if (out.length !== LEADS.length * SAMPLES) {
      throw new ArgumentError('out', { expected: `${LEADS.length * SAMPLES} values`, actual: String(out.length) });
    }
    let plan = plans.get(record.fsHz);
    if (plan === undefined) {
      plan = resamplePlan(rateRatio(record));
      plans.set(record.fsHz, plan);
    }
    const length = plan.length(record.samples);
    if (resampled.length !== length) resampled = new Float32Array(length);
    const positions = leadPositions(record.leads);
    for (let i = 0; i < LEADS.length; i++) {
      const position = positions[i];
      if (position === -1) {
        const where = { file: record.file, record: record.recordId, lead: LEADS[i] };
        throw new FormatError('lead', { expected: LEADS[i], actual: `only ${record.leads.join(' ')}`, where });
      }
      const lead = record.signal.subarray(position * record.samples, (position + 1) * record.samples);
      const target = out.subarray(i * SAMPLES, (i + 1) * SAMPLES);
      if (length === SAMPLES) {
        plan.apply(lead, target);
        continue;
      }
      plan.apply(lead, resampled);
      if (length > SAMPLES) {
        const start = Math.floor((length - SAMPLES) / 2);
        target.set(resampled.subarray(start, start + SAMPLES));
      } else {
        target.fill(0);
        target.set(resampled, Math.floor((SAMPLES - length) / 2));
      }
    }
    return out;
  };
}

/** 250 Hz over the record's rate as whole numbers; rates such as 256.41 Hz count to a thousandth. */
function rateRatio(record: EcgRecord): { up: number; down: number } {
  const thousandths = Math.round(record.fsHz * 1000);
  if (!(thousandths > 0 && Number.isFinite(thousandths))) {
    const where = { file: record.file, record: record.recordId };
    throw new ArgumentError('sampling rate', { expected: 'a number > 0 Hz', actual: String(record.fsHz), where });
  }
  return { up: FS_HZ * 1000, down: thousandths };
}
