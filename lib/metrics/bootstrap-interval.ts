import { ArgumentError } from '../errors';
import { numberGroups } from '../identity';
import { type BootstrapOptions, bootstrapAreas } from './bootstrap-areas';
import { type BootstrappedMeasure, bootstrapMeasures } from './bootstrap-measures';
import { curveAreas } from './curve-areas';
import { MEASURES, type Measure } from './measure';
import { percentile } from './percentile';
import type { Predictions } from './predictions';
import { rankScores } from './ranked-scores';
import type { ResampleUnit } from './resample-units';

/** A measure with its bootstrap interval. */
export interface Interval {
  /** the measure on the test set itself */
  value: number;
  low: number;
  high: number;
  /** coverage: .95 unless asked otherwise */
  level: number;
  resamples: number;
  /** resamples that were left with one class only and drawn again */
  redrawn: number;
}

/** How a test set of the four tasks is resampled: by patient (default) or by single record. */
export type IntervalOptions = BootstrapOptions & { readonly unit?: ResampleUnit };

/**
 * The percentile bootstrap interval of a measure: the test set is resampled with replacement, the measure computed on
 * each resample, and the interval runs from the (1 - level) / 2 to the (1 + level) / 2 quantile (Efron, 1979).
 *
 * All ECGs of a patient are drawn together, since they are no independent evidence; `mean_auroc` and `criteria` see the
 * same resample in all four tasks. Several predictions are runs of one model (seeds): the interval is that of the mean
 * of their measures and covers other patients and other runs, as far as a few can tell. Of one run it covers other
 * patients alone, not another training.
 *
 * @param predictions of one model, or of several runs of it on the same records
 * @param options measure; unit: 'patient' (default) or 'record'; resamples, default 1,000; level, default .95; seed,
 *   default 0
 * @returns the measure and its interval
 * @throws UndefinedMetricError when the measure is undefined on the test set, or its patients are too few to differ
 * @throws ArgumentError when runs differ in their records, a patient id is missing, or an option is out of range
 */
export function bootstrapInterval(
  predictions: Predictions | readonly Predictions[],
  options: IntervalOptions & { readonly measure: Measure },
): Interval;
/**
 * The percentile bootstrap interval of the AUROC or AUPRC of any binary classification.
 *
 * @param yTrue [record] 1 or 0
 * @param yScore [record] finite
 * @param options measure: 'auroc' or 'auprc'; groups [record]: records of one group (a patient) are drawn together,
 *   default each by itself; prevalence: that at which an AUPRC is taken, default as it is; resamples, level and seed as
 *   above
 */
export function bootstrapInterval(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: BootstrapOptions & { readonly measure: 'auroc' | 'auprc'; readonly groups?: ArrayLike<string | number> },
): Interval;
export function bootstrapInterval(...given: BinaryArguments | PredictionsArguments): Interval {
  if (given.length === 3) return binaryInterval(...given);
  const [predictions, options] = given;
  return bootstrapIntervals(predictions, { ...options, measures: [options.measure] })[options.measure];
}

/**
 * The intervals of several measures from the same resamples: those of a row of a table.
 *
 * @param predictions of one model, or of several runs of it on the same records
 * @param options measures, default all; else as for `bootstrapInterval`
 */
export function bootstrapIntervals(
  predictions: Predictions | readonly Predictions[],
  options: IntervalOptions & { readonly measures?: readonly Measure[] } = {},
): Record<Measure, Interval> {
  const measures = options.measures ?? MEASURES;
  const runs = 'scores' in predictions ? [predictions] : predictions;
  const { bootstrapped, redrawn } = bootstrapMeasures([runs], measures, options);
  const intervals = measures.map((measure, m) => [measure, intervalOf(bootstrapped[0][m], redrawn, options)]);
  return Object.fromEntries(intervals) as Record<Measure, Interval>;
}

/** The percentile interval of bootstrapped values. */
export function intervalOf(
  { value, values }: BootstrappedMeasure,
  redrawn: number,
  options: { readonly level?: number },
): Interval {
  const { level = 0.95 } = options;
  if (!(level > 0 && level < 1)) {
    throw new ArgumentError('level', { expected: 'a number between 0 and 1', actual: String(level) });
  }
  const sorted = values.slice().sort();
  const low = percentile(sorted, (1 - level) / 2);
  const high = percentile(sorted, (1 + level) / 2);
  return { value, low, high, level, resamples: values.length, redrawn };
}

type PredictionsArguments = [
  predictions: Predictions | readonly Predictions[],
  options: IntervalOptions & { readonly measure: Measure },
];
type BinaryArguments = [
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: BootstrapOptions & { readonly measure: 'auroc' | 'auprc'; readonly groups?: ArrayLike<string | number> },
];

function binaryInterval(...[yTrue, yScore, options]: BinaryArguments): Interval {
  const { measure, groups } = options;
  if (measure !== 'auroc' && measure !== 'auprc') {
    throw new ArgumentError('measure', { expected: "'auroc' or 'auprc'", actual: String(measure) });
  }
  if (groups !== undefined && groups.length !== yTrue.length) {
    throw new ArgumentError('groups', { expected: `${yTrue.length}, one a record`, actual: String(groups.length) });
  }
  const ranked = rankScores(yTrue, yScore, { metric: measure.toUpperCase() });
  const unitOf = groups === undefined ? Uint32Array.from(yTrue, (_, record) => record) : numberGroups(groups);
  const { areas, redrawn } = bootstrapAreas([ranked], unitOf, options); // [resample, 1, 2]
  const at = measure === 'auroc' ? 0 : 1;
  const values = Float64Array.from({ length: areas.length / 2 }, (_, resample) => areas[2 * resample + at]);
  return intervalOf({ value: curveAreas(ranked, undefined, options)[measure], values }, redrawn, options);
}
