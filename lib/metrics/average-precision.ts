import { curveAreas } from './curve-areas';
import { rankScores } from './ranked-scores';

/**
 * Average precision, the step-wise area under the precision-recall curve: the paper's AUPRC.
 *
 * `AP = sum over thresholds k of (recall_k - recall_(k-1)) x precision_k`, thresholds being the distinct scores from
 * the highest down; nothing is interpolated (`auprcScore` has the trapezoid as an option). Equal to scikit-learn's `average_precision_score`.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @returns 0 to 1; chance is the share of positives, higher is better
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a score is not finite
 */
export function averagePrecisionScore(yTrue: ArrayLike<number>, yScore: ArrayLike<number>): number {
  return curveAreas(rankScores(yTrue, yScore, { metric: 'AUPRC' })).auprc;
}
