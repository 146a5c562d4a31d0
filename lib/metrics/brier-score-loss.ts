import { checkBinary } from './check-binary';

/**
 * Brier score: the mean squared error of the predicted probabilities, `mean of (p - y)^2` (Brier, 1950).
 *
 * It counts calibration and discrimination together. Equal to scikit-learn's `brier_score_loss`.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param probabilities [record] of being positive, 0 to 1; `sigmoid` makes them of logits
 * @returns 0 to 1; lower is better; always predicting the share q of positives gives q (1 - q)
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a probability is not between 0 and 1
 */
export function brierScoreLoss(yTrue: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  checkBinary(yTrue, probabilities, { metric: 'Brier score', probabilities: true });
  let squares = 0;
  for (let record = 0; record < yTrue.length; record++) squares += (probabilities[record] - yTrue[record]) ** 2;
  return squares / yTrue.length;
}
