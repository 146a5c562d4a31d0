import { ArgumentError } from '../errors';
import { randomStream } from '../random';

/** How many ECGs of each class a case-ratio subset has. */
export interface CaseRatioOptions {
  /** Share of positives, in (0, 1); the paper's: .05, .02, .01 (Table 4), and .25 (appendix A.3). */
  readonly ratio: number;
  /** ECGs in all; default 7000 (appendix A.3). */
  readonly ecgs?: number;
  /** Which ECGs: equal seeds give nested subsets. */
  readonly seed: number;
}

/**
 * Draws training ECGs of one task with a given share of positives, without replacement (appendix A.3 of the paper: 70 MI
 * and 6,930 others make 1 %).
 *
 * Positives and negatives are each put into a random order that the seed decides, of which a subset takes the first
 * `round(ratio * ecgs)` and the rest: so the positives at 1 % are among those at 2 %, these among those at 5 %, and the
 * negatives at 5 % among those at 1 %. The test set stays as it is.
 *
 * @param labels `[row]`, 1 or 0: the task's on the training ECGs
 * @returns positions in `labels`, ascending
 * @throws ArgumentError when the ratio is not between 0 and 1 or gives one class only, a label is not 0 or 1, or there are too few positives or negatives (it says how
 *   many there are)
 */
export function caseRatioSubset(labels: Uint8Array, { ratio, ecgs = 7000, seed }: CaseRatioOptions): Int32Array {
  if (!(ratio > 0 && ratio < 1)) {
    throw new ArgumentError('case ratio', { expected: 'a share between 0 and 1', actual: String(ratio) });
  }
  if (!(Number.isInteger(ecgs) && ecgs >= 1)) {
    throw new ArgumentError('ECGs of a case ratio', { expected: 'a whole number >= 1', actual: String(ecgs) });
  }
  const wrong = labels.findIndex((label) => label !== 0 && label !== 1);
  if (wrong !== -1) {
    throw new ArgumentError('labels', { expected: '0 or 1', actual: String(labels[wrong]), where: { row: wrong } });
  }
  const positives = Math.round(ratio * ecgs);
  if (positives === 0 || positives === ecgs) {
    const actual = `${positives} positives among ${ecgs} ECGs at ${ratio}`;
    throw new ArgumentError('case ratio', { expected: 'a share that gives ECGs of both classes', actual });
  }
  const first = (label: number, count: number) => {
    const name = label === 1 ? 'positives' : 'negatives';
    const rows = Array.from(labels.keys()).filter((row) => labels[row] === label);
    if (rows.length < count) {
      const expected = `at least ${count} ${name} for ${ecgs} ECGs at a case ratio of ${ratio}`;
      throw new ArgumentError('labels', { expected, actual: String(rows.length) });
    }
    return randomStream(seed, 'case ratio', name).shuffled(rows).slice(0, count);
  };
  return Int32Array.from([...first(1, positives), ...first(0, ecgs - positives)]).sort();
}
