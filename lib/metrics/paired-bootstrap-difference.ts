import type { Interval, IntervalOptions } from './bootstrap-interval';
import { intervalOf } from './bootstrap-interval';
import { bootstrapMeasures } from './bootstrap-measures';
import type { Measure } from './measure';
import type { Predictions } from './predictions';

/** How much better the first model is: the difference of a measure, with its interval. */
export interface PairedDifference extends Interval {
  /** the measure of the first model on the test set */
  first: number;
  /** the measure of the second model on the test set */
  second: number;
}

/**
 * The percentile bootstrap interval of a difference of a measure between two models, `first - second`.
 *
 * Both are scored on the same resamples, so that what makes a resample easy or hard for both cancels out; the interval
 * is narrower than two separate ones suggest. Zero outside the interval means that these models differ on such patients;
 * with one run of each, another training may still turn the order round. Several runs are drawn anew like the patients.
 *
 * @param first predictions of one model, or of several runs (seeds) of it: then the mean of their measures counts
 * @param second the same of the other, on the same records in the same order
 * @param options measure; unit: 'patient' (default) or 'record'; resamples, default 1,000; level, default .95; seed,
 *   default 0
 * @returns the difference (`value`), its interval, and the measure of each model
 * @throws ArgumentError when the two differ in their records, patients or labels
 * @throws UndefinedMetricError when the measure is undefined on the test set
 */
export function pairedBootstrapDifference(
  first: Predictions | readonly Predictions[],
  second: Predictions | readonly Predictions[],
  options: IntervalOptions & { readonly measure: Measure },
): PairedDifference {
  const models = [first, second].map((model) => ('scores' in model ? [model] : model));
  const { bootstrapped, redrawn } = bootstrapMeasures(models, [options.measure], options);
  const [[ofFirst], [ofSecond]] = bootstrapped;
  const difference = {
    value: ofFirst.value - ofSecond.value,
    values: ofFirst.values.map((value, resample) => value - ofSecond.values[resample]),
  };
  return { ...intervalOf(difference, redrawn, options), first: ofFirst.value, second: ofSecond.value };
}
