import { ArgumentError } from '../errors';
import { placements, placementVariance } from './de-long-placements';
import { normalQuantileOfTail } from './normal-distribution';

/** An AUROC with DeLong's standard error and interval. */
export interface DeLongInterval {
  /** the AUROC, 0 to 1 */
  value: number;
  /** at least 0 */
  low: number;
  /** at most 1 */
  high: number;
  /** coverage: .95 unless asked otherwise */
  level: number;
  standardError: number;
}

/**
 * DeLong's interval of an AUROC: the area plus and minus normal quantiles of its standard error, cut at 0 and 1.
 *
 * `variance = S10 / m + S01 / n`, S10 and S01 being the sample variances of the placement values of the m positives and
 * n negatives (DeLong, DeLong and Clarke-Pearson, 1988; computed as Sun and Xu, 2014). Needs no resampling, but takes
 * records as independent: with several ECGs a patient it is slightly too narrow, `bootstrapInterval` by patient is not.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @param options level: coverage, between 0 and 1, default .95
 * @throws UndefinedMetricError when lengths differ, there is no record, a class has fewer than two records, a label is
 *   not 0 or 1, or a score is not finite
 * @throws ArgumentError when the level is not between 0 and 1
 */
export function deLongInterval(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: { readonly level?: number } = {},
): DeLongInterval {
  const { level = 0.95 } = options;
  const { auroc, ofPositives, ofNegatives } = placements(yTrue, yScore);
  const standardError = Math.sqrt(placementVariance(ofPositives, ofNegatives));
  const half = halfWidth(standardError, level);
  return { value: auroc, low: Math.max(0, auroc - half), high: Math.min(1, auroc + half), level, standardError };
}

/** Half the width of a normal interval. */
export function halfWidth(standardError: number, level: number): number {
  if (!(level > 0 && level < 1)) {
    throw new ArgumentError('level', { expected: 'a number between 0 and 1', actual: String(level) });
  }
  return normalQuantileOfTail((1 - level) / 2) * standardError;
}
