import { curveCounts } from './curve-counts';

/** The points of a receiver operating characteristic curve, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** [point] share of the negatives at or above the threshold, ascending from 0 to 1 */
  falsePositiveRate: Float64Array;
  /** [point] share of the positives at or above the threshold (the sensitivity), ascending from 0 to 1 */
  truePositiveRate: Float64Array;
  /** [point] infinity, then the distinct scores, descending */
  thresholds: Float64Array;
}

/**
 * The receiver operating characteristic curve: true against false positive rate at every distinct score.
 *
 * Every threshold gives a point, also where three lie on a line; equal to scikit-learn's
 * `roc_curve(y_true, y_score, drop_intermediate=False)`. The area under it, by trapezoids, is `rocAucScore`.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a score is not finite
 */
export function rocCurve(yTrue: ArrayLike<number>, yScore: ArrayLike<number>): RocCurve {
  const { thresholds, truePositives, falsePositives } = curveCounts(yTrue, yScore, { metric: 'ROC curve' });
  const rates = (counts: Float64Array) => {
    const all = counts[counts.length - 1];
    return Float64Array.from([0, ...counts.map((count) => count / all)]);
  };
  return {
    falsePositiveRate: rates(falsePositives),
    truePositiveRate: rates(truePositives),
    thresholds: Float64Array.from([Number.POSITIVE_INFINITY, ...thresholds]),
  };
}
