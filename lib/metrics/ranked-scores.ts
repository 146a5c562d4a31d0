import { checkBinary } from './check-binary';

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
  checkBinary(yTrue, yScore, options);
  const n = yTrue.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => yScore[b] - yScore[a] || a - b);
  const positive = new Uint8Array(n);
  const endsTie = new Uint8Array(n);
  for (let rank = 0; rank < n; rank++) {
    positive[rank] = yTrue[order[rank]];
    endsTie[rank] = rank === n - 1 || yScore[order[rank]] !== yScore[order[rank + 1]] ? 1 : 0;
  }
  return { order, positive, endsTie };
}
