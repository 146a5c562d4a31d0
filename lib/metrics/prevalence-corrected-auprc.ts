import { curveAreas } from './curve-areas';
import { checkPrevalence } from './prevalence';
import { rankScores } from './ranked-scores';

/**
 * The average precision that the same classifier would have where another share of the records is positive.
 *
 * A classifier's true and false positive rates, TPR and FPR, do not depend on the prevalence pi, its precision does:
 * `precision = pi TPR / (pi TPR + (1 - pi) FPR)`, and `AP = sum of dTPR x precision` over the thresholds. Of rare cases
 * even a good classifier finds few among many false alarms: an AUPRC says little without its prevalence, and only AUPRCs
 * at one prevalence can be compared. Equal to scikit-learn's `average_precision_score` with the sample weights
 * `pi / positives` and `(1 - pi) / negatives`; at the records' own prevalence equal to `averagePrecisionScore`.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @param options prevalence: the share of positives, between 0 and 1
 * @returns 0 to 1; chance is the prevalence, higher is better
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a score is not finite
 * @throws ArgumentError when the prevalence is not between 0 and 1
 */
export function prevalenceCorrectedAuprc(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: { readonly prevalence: number },
): number {
  checkPrevalence(options.prevalence);
  const ranked = rankScores(yTrue, yScore, { metric: 'prevalence-corrected AUPRC' });
  return curveAreas(ranked, undefined, options).auprc;
}
