import { UndefinedMetricError } from '../errors';

/**
 * Checks the labels and scores of a binary task, as every metric needs them.
 *
 * @param yTrue [record] 1 or 0
 * @param yScore [record] finite
 * @param options what to call the metric and the task in an error; probabilities: whether scores must lie in 0 to 1,
 *   default false
 * @returns the number of positives
 * @throws UndefinedMetricError when lengths differ, nothing is given, a label is not 0 or 1, a score is not finite (or no
 *   probability), or only one class occurs
 */
export function checkBinary(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: { readonly metric: string; readonly task?: string; readonly probabilities?: boolean },
): number {
  const n = yTrue.length;
  const undefinedBecause = (expected: string, actual: string, row?: number): never => {
    const name = options.task === undefined ? options.metric : `${options.metric} of ${options.task}`;
    throw new UndefinedMetricError(name, { expected, actual, where: { row } });
  };
  if (yScore.length !== n) undefinedBecause('as many scores as labels', `${n} labels and ${yScore.length} scores`);
  if (n === 0) undefinedBecause('at least one record of each class', 'no record');
  let positives = 0;
  for (let i = 0; i < n; i++) {
    const label = yTrue[i];
    const score = yScore[i];
    if (label !== 0 && label !== 1) undefinedBecause('labels 0 or 1', String(label), i);
    if (!Number.isFinite(score)) undefinedBecause('finite scores', String(score), i);
    if (options.probabilities === true && (score < 0 || score > 1)) {
      undefinedBecause('probabilities of 0 to 1 (sigmoid makes them of logits)', String(score), i);
    }
    positives += label;
  }
  if (positives === 0 || positives === n) {
    undefinedBecause('both classes', `one class only (${positives} positives among ${n} records)`);
  }
  return positives;
}
