import { ArgumentError } from '../errors';
import type { Predictions } from './predictions';
import { TASKS } from './tasks';

/**
 * Checks that two predictions are of the same records, in the same order, with the same labels: only then do they
 * share resamples.
 *
 * @throws ArgumentError that names the first record in which they differ
 */
export function checkSameRecords(first: Predictions, other: Predictions): void {
  const lists: [what: string, expected: ArrayLike<string | number>, actual: ArrayLike<string | number>][] = [
    ['record id', first.recordIds, other.recordIds],
    ['patient id', first.patientIds, other.patientIds],
  ];
  for (const task of TASKS) lists.push([`label of ${task}`, first.labels[task], other.labels[task]]);
  const n = first.recordIds.length;
  for (const [what, expected, actual] of lists) {
    if (expected.length !== n || actual.length !== n) {
      const lengths = `${expected.length} and ${actual.length}`;
      throw new ArgumentError(`${what}s of the predictions compared`, { expected: `${n} in each`, actual: lengths });
    }
    for (let row = 0; row < n; row++) {
      if (expected[row] === actual[row] || Number.isNaN(expected[row])) continue; // no label at all: the metrics say so
      throw new ArgumentError(`${what} in the predictions compared`, {
        expected: String(expected[row]),
        actual: String(actual[row]),
        where: { record: first.recordIds[row], row },
      });
    }
  }
}
