import { ArgumentError } from '../errors';
import { rowsOfGroups } from '../identity';
import { randomStream } from '../random';

/**
 * Deals groups of rows (a patient's ECGs) into folds for a cross-validation: the rows of a group stay together.
 *
 * Groups with the same labels are dealt one after the other, fold by fold, in an order that the seed decides; first
 * those with a positive of the rarest problem. So each fold gets the rarest problem's positive groups to within one, and
 * about equal shares of all others, as scikit-learn's `StratifiedGroupKFold` aims at.
 *
 * @param groups [row] its group
 * @param options labels: [problem][row] 1 or 0, to spread evenly, default none; folds: at least 2, default 5; seed,
 *   default 0
 * @returns [fold] the numbers of its rows, ascending; every row is in one fold
 * @throws ArgumentError when there are fewer than 2 folds, fewer groups than folds, a problem has not one label a row, or
 *   a group is missing (NaN, `None`; see `readIdentity`)
 */
export function groupedFolds(
  groups: ArrayLike<string | number>,
  options: { readonly labels?: readonly Uint8Array[]; readonly folds?: number; readonly seed?: number } = {},
): Uint32Array[] {
  const { labels = [], folds = 5, seed = 0 } = options;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new ArgumentError('folds', { expected: 'a whole number of at least 2', actual: String(folds) });
  }
  for (const [problem, { length }] of labels.entries()) {
    if (length === groups.length) continue;
    const expected = `${groups.length}, one per row`;
    throw new ArgumentError(`labels of problem ${problem}`, { expected, actual: String(length) });
  }
  const rowsOf = rowsOfGroups(groups);
  if (rowsOf.length < folds) {
    throw new ArgumentError('groups', { expected: `at least ${folds}, one per fold`, actual: String(rowsOf.length) });
  }
  const positives = (ofProblem: Uint8Array) => ofProblem.reduce((sum, label) => sum + label, 0);
  const rarestFirst = [...labels].sort((a, b) => positives(a) - positives(b));
  /** A digit a problem, the rarest first: 1 when a row of the group is positive. */
  const pattern = (rows: readonly number[]) => {
    return rarestFirst.map((ofProblem) => (rows.some((row) => ofProblem[row] === 1) ? 1 : 0)).join('');
  };
  const shuffled = randomStream(seed, 'grouped folds').shuffled(rowsOf);
  const dealt = shuffled.map((rows) => ({ rows, key: pattern(rows) }));
  dealt.sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0)); // stable: shuffled among equals
  return Array.from({ length: folds }, (_, fold) => {
    const rows = dealt.filter((_, place) => place % folds === fold).flatMap((group) => group.rows);
    return Uint32Array.from(rows).sort();
  });
}
