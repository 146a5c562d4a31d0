import { ArgumentError } from '../errors';
import type { FeatureMatrix } from './feature-matrix';

/**
 * Scores each row by a linear function: `w x + b`, the logit of a logistic model.
 *
 * @param features [row, column]
 * @param model weights [column] and intercept
 * @returns [row]
 * @throws ArgumentError when the columns are not as many as the weights
 */
export function linearScores(
  { values, rows, columns }: FeatureMatrix,
  { weights, intercept }: { readonly weights: Float64Array; readonly intercept: number },
): Float64Array {
  if (columns !== weights.length) {
    throw new ArgumentError('features', { expected: `${weights.length} columns`, actual: String(columns) });
  }
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let score = intercept;
    for (let j = 0, at = row * columns; j < columns; j++, at++) score += weights[j] * values[at];
    scores[row] = score;
  }
  return scores;
}
