import { curveAreas } from './curve-areas';
import { rankScores } from './ranked-scores';

/**
 * Area under the receiver operating characteristic curve (AUROC).
 *
 * The share of pairs of a positive and a negative in which the positive has the higher score; a tie counts one half
 * (the Mann-Whitney statistic on mid-ranks, equal to the trapezoid area). Equal to scikit-learn's `roc_auc_score`.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @returns 0 to 1; .5 is chance, higher is better
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a score is not finite
 */
export function rocAucScore(yTrue: ArrayLike<number>, yScore: ArrayLike<number>): number {
  return curveAreas(rankScores(yTrue, yScore, { metric: 'AUROC' })).auroc;
}
