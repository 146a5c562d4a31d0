import { ArgumentError } from '../errors';
import type { FeatureMatrix } from './feature-matrix';

/**
 * Scores each row by a linear function: `w x + b`, the logit of a logistic model.
 *
 * @param features [row, column]
 * @param model weights [column] and intercept
 * @returns [row]
 * @throws ArgumentError when the columns are not as many as the weights, the values not rows x columns, or a feature is
 *   not finite (with its row)
 */
export function linearScores(
  { values, rows, columns }: FeatureMatrix,
  { weights, intercept }: { readonly weights: Float64Array; readonly intercept: number },
): Float64Array {
  if (columns !== weights.length) {
    throw new ArgumentError('features', { expected: `${weights.length} columns`, actual: String(columns) });
  }
  if (values.length !== rows * columns) {
    const expected = `${rows} x ${columns} = ${rows * columns} values`;
    throw new ArgumentError('features', { expected, actual: String(values.length) });
  }
  const scores = new Float64Array(rows);
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let [s0, s1, s2, s3] = [intercept, intercept, intercept, intercept]; // four rows at a time: no sum waits for itself
    for (let j = 0, at = row * columns; j < columns; j++, at++) {
      const weight = weights[j];
      s0 += weight * values[at];
      s1 += weight * values[at + columns];
      s2 += weight * values[at + 2 * columns];
      s3 += weight * values[at + 3 * columns];
    }
    scores[row] = s0;
    scores[row + 1] = s1;
    scores[row + 2] = s2;
    scores[row + 3] = s3;
  }
  for (; row < rows; row++) {
    let score = intercept;
    for (let j = 0, at = row * columns; j < columns; j++, at++) score += weights[j] * values[at];
    scores[row] = score;
  }
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  if (wrong !== -1) {
    const actual = `a score of ${scores[wrong]}`;
    throw new ArgumentError('features', { expected: 'finite values', actual, where: { row: wrong } });
  }
  return scores;
}
