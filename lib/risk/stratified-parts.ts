import { ArgumentError } from '../errors';
import { rowsOfGroups } from '../identity';
import { randomStream } from '../random';

export interface StratifiedPartsOptions {
  /** how many, at least 2 */
  readonly parts: number;
  readonly seed: number;
  /** tells this use of the seed from others */
  readonly name: readonly (string | number)[];
}

/**
 * Cuts records into parts of equal size and equal share of positives, all records of a patient in one part.
 *
 * Patients come in random order, those with more records first; each goes to the part that has the fewest records of
 * the patient's class (that of most of its records), of equals to the smallest. Where nobody has a second record, the
 * parts differ by at most one record of each class; like scikit-learn's `StratifiedGroupKFold`.
 *
 * @param records labels [row] 1 or 0, patientIds [row]
 * @param options parts, seed, name
 * @returns [row] the number of its part, from 0
 * @throws ArgumentError when there are fewer than 2 parts, fewer patients than parts, not one patient a row, a patient id
 *   is missing, or a part is left without positives or negatives
 */
export function stratifiedParts(
  { labels, patientIds }: { readonly labels: Uint8Array; readonly patientIds: readonly string[] },
  options: StratifiedPartsOptions,
): Uint16Array {
  const { parts, seed, name } = options;
  if (!(Number.isInteger(parts) && parts >= 2)) {
    throw new ArgumentError('parts', { expected: 'a whole number from 2 on', actual: String(parts) });
  }
  if (patientIds.length !== labels.length) {
    throw new ArgumentError('patient ids', {
      expected: `${labels.length}, one per row`,
      actual: String(patientIds.length),
    });
  }
  const patients = randomStream(seed, ...name, 'parts').shuffled(rowsOfGroups(patientIds, 'patient id'));
  if (patients.length < parts) {
    throw new ArgumentError('patients', { expected: `at least ${parts}, one a part`, actual: String(patients.length) });
  }
  patients.sort((a, b) => b.length - a.length); // keeps the random order of equals
  const counts = Array.from({ length: parts }, () => [0, 0]);
  const partOf = new Uint16Array(labels.length);
  for (const rows of patients) {
    const positives = rows.reduce((sum, row) => sum + labels[row], 0);
    const label = Number(2 * positives > rows.length);
    let part = 0;
    for (let other = 1; other < parts; other++) {
      const fewer = counts[other][label] - counts[part][label] || size(counts[other]) - size(counts[part]);
      if (fewer < 0) part = other;
    }
    counts[part][0] += rows.length - positives;
    counts[part][1] += positives;
    for (const row of rows) partOf[row] = part;
  }
  const lacking = counts.find(([negatives, positives]) => negatives === 0 || positives === 0);
  if (lacking !== undefined) {
    throw new ArgumentError(`records in ${parts} parts`, {
      expected: 'both classes in each part',
      actual: `a part with ${lacking[1]} positives and ${lacking[0]} negatives`,
    });
  }
  return partOf;
}

function size([negatives, positives]: readonly number[]): number {
  return negatives + positives;
}

/** How many parts these are, the numbers from 0 to the largest. */
export function countParts(parts: Iterable<number>): number {
  let last = -1;
  for (const part of parts) last = Math.max(last, part); // as arguments of Math.max so many would overflow the stack
  return last + 1;
}
