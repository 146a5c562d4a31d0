import { ArgumentError } from '../errors';
import { randomStream } from '../random';

/** Most records of a class in a balanced subset: the paper's Table 2 has 500. */
const RECORDS_PER_CLASS = 500;

export interface BalancedSubsetOptions {
  /** whose labels these are; part of the random stream's name */
  readonly task: string;
  readonly split: 'train' | 'test';
  /** default 0 */
  readonly seed?: number;
  /** default 500; a class with fewer records gives all that it has */
  readonly perClass?: number;
}

/**
 * The rows of a class-balanced subset: so many positives and negatives, drawn without replacement.
 *
 * It depends on the labels and the options alone, so that every model is judged on the same records. All figures of the
 * paper's Table 2 are fractions of such sets: 500 + 500 for MI and STTC, 500 + 481 for CD, 500 + 263 for HYP.
 *
 * @param labels [row] 1 or 0
 * @param options task, split, seed, perClass
 * @returns row numbers, ascending
 * @throws ArgumentError when a label is not 0 or 1, a class has no record, or perClass is not a positive whole number
 */
export function balancedSubset(labels: Uint8Array, options: BalancedSubsetOptions): Uint32Array {
  const { task, split, seed = 0, perClass = RECORDS_PER_CLASS } = options;
  if (!(Number.isInteger(perClass) && perClass > 0)) {
    throw new ArgumentError('perClass', { expected: 'a positive whole number', actual: String(perClass) });
  }
  const rowsOf: number[][] = [[], []];
  labels.forEach((label, row) => {
    if (label !== 0 && label !== 1) {
      const details = { expected: '0 or 1', actual: String(label), where: { row } };
      throw new ArgumentError(`labels of ${task} of the ${split} set`, details);
    }
    rowsOf[label].push(row);
  });
  const [negatives, positives] = rowsOf;
  if (negatives.length === 0 || positives.length === 0) {
    const actual = `${positives.length} positives and ${negatives.length} negatives`;
    throw new ArgumentError(`labels of ${task} of the ${split} set`, { expected: 'both classes', actual });
  }
  const stream = randomStream(seed, 'risk', 'subset', split, task);
  return Uint32Array.from(rowsOf.flatMap((rows) => stream.shuffled(rows).slice(0, perClass))).sort();
}
