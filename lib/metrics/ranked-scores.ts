import { UndefinedMetricError } from '../errors';

/** Records in the order of their scores: all that AUROC and AUPRC depend on, sorted once for every resample. */
export interface RankedScores {
  /** [rank] the record at this rank, the highest score first */
  order: Uint32Array;
  /** [rank] 1 for a positive, 0 for a negative */
  positive: Uint8Array;
  /** [rank] 1 where the next score is lower, 0 inside a group of equal scores */
  endsTie: Uint8Array;
}

/**
 * Checks labels and scores and sorts the records by score.
 *
 * @param yTrue [record] 1 or 0
 * @param yScore [record] finite
 * @param options what to call the metric and the task in an error
 * @throws UndefinedMetricError when lengths differ, nothing is given, a label is not 0 or 1, a score is not finite,
 *   or only one class occurs
 */
export function rankScores(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: { readonly metric: string; readonly task?: string },
): RankedScores {
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
    if (label !== 0 && label !== 1) undefinedBecause('labels 0 or 1', String(label), i);
    if (!Number.isFinite(yScore[i])) undefinedBecause('finite scores', String(yScore[i]), i);
    positives += label;
  }
  if (positives === 0 || positives === n) {
    undefinedBecause('both classes', `one class only (${positives} positives among ${n} records)`);
  }

  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => yScore[b] - yScore[a] || a - b);
  const positive = new Uint8Array(n);
  const endsTie = new Uint8Array(n);
  for (let rank = 0; rank < n; rank++) {
    positive[rank] = yTrue[order[rank]];
    endsTie[rank] = rank === n - 1 || yScore[order[rank]] !== yScore[order[rank + 1]] ? 1 : 0;
  }
  return { order, positive, endsTie };
}
