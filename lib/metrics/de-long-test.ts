import { UndefinedMetricError } from '../errors';
import { halfWidth } from './de-long-interval';
import { placements, placementVariance } from './de-long-placements';
import { normalTail } from './normal-distribution';

/** How much larger the first of two AUROCs on the same records is. */
export interface DeLongTest {
  /** the difference of the AUROCs, first - second */
  value: number;
  low: number;
  high: number;
  /** coverage of the interval: .95 unless asked otherwise */
  level: number;
  standardError: number;
  /** the AUROC of the first scores */
  first: number;
  /** the AUROC of the second scores */
  second: number;
  /** the difference over its standard error */
  z: number;
  /** two-sided: how often equal AUROCs would differ as much */
  pValue: number;
}

const ROUNDING = 1e-14; // below it a standard error is that of no difference, computed

/**
 * DeLong's test of two correlated AUROCs: whether two scores of the same records separate the classes equally well.
 *
 * `z = difference / standard error`, the variance being that of the differences of the placement values, which is
 * `var1 + var2 - 2 covariance` (DeLong, DeLong and Clarke-Pearson, 1988; computed as Sun and Xu, 2014). It takes records
 * as independent; `pairedBootstrapDifference` resamples patients.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScores the first and the second scores, [record] each, finite; higher means more likely positive
 * @param options level: coverage of the interval, between 0 and 1, default .95
 * @returns the difference, its interval, z and the two-sided p-value; for scores that rank alike 0 and 1
 * @throws UndefinedMetricError when lengths differ, there is no record, a class has fewer than two records, a label is
 *   not 0 or 1, a score is not finite, or AUROCs differ without any variance
 * @throws ArgumentError when the level is not between 0 and 1
 */
export function deLongTest(
  yTrue: ArrayLike<number>,
  yScores: readonly [first: ArrayLike<number>, second: ArrayLike<number>],
  options: { readonly level?: number } = {},
): DeLongTest {
  const { level = 0.95 } = options;
  const [first, second] = yScores.map((yScore) => placements(yTrue, yScore));
  const difference = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - b[i]);
  const ofPositives = difference(first.ofPositives, second.ofPositives);
  const ofNegatives = difference(first.ofNegatives, second.ofNegatives);
  const standardError = Math.sqrt(placementVariance(ofPositives, ofNegatives));
  const value = first.auroc - second.auroc;
  const noVariance = standardError < ROUNDING;
  if (noVariance && Math.abs(value) > ROUNDING) {
    const actual = `${first.auroc} and ${second.auroc} with a variance of 0`;
    throw new UndefinedMetricError('DeLong test', { expected: 'AUROCs whose difference varies', actual });
  }
  const z = noVariance ? 0 : value / standardError;
  const half = halfWidth(standardError, level);
  const aurocs = { first: first.auroc, second: second.auroc };
  return {
    value,
    low: value - half,
    high: value + half,
    level,
    standardError,
    ...aurocs,
    z,
    pValue: 2 * normalTail(Math.abs(z)),
  };
}
