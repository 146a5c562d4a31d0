import { curveCounts } from './curve-counts';

/** The points of a precision-recall curve, recall falling from 1 to 0. */
export interface PrecisionRecallCurve {
  /** [point] share of true positives among the records at or above the threshold; the last point, at recall 0, has 1 */
  precision: Float64Array;
  /** [point] share of the positives at or above the threshold, descending from 1 to 0 */
  recall: Float64Array;
  /** [point - 1] the distinct scores, ascending; the last point has none */
  thresholds: Float64Array;
}

/**
 * The precision-recall curve: precision against recall at every distinct score.
 *
 * Equal to scikit-learn's `precision_recall_curve`, in its order. `averagePrecisionScore` is the area of its steps.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a score is not finite
 */
export function precisionRecallCurve(yTrue: ArrayLike<number>, yScore: ArrayLike<number>): PrecisionRecallCurve {
  const counts = curveCounts(yTrue, yScore, { metric: 'precision-recall curve' });
  const { truePositives, falsePositives } = counts;
  const positives = truePositives[truePositives.length - 1];
  const precision = truePositives.map((count, k) => count / (count + falsePositives[k]));
  const recall = truePositives.map((count) => count / positives);
  return {
    precision: Float64Array.from([...precision.reverse(), 1]),
    recall: Float64Array.from([...recall.reverse(), 0]),
    thresholds: counts.thresholds.reverse(),
  };
}
