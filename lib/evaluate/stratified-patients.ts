import { ArgumentError } from '../errors';
import { rowsOfGroups } from '../identity';
import type { Task } from '../metrics/tasks';
import { randomStream } from '../random';

/** Labels and patients of some ECGs. */
export interface LabelledPatients<Name extends string = Task> {
  /** `[row]` a task, 1 or 0; the strata are their combinations */
  readonly labels: Readonly<Record<Name, Uint8Array>>;
  /** `[row]` */
  readonly patientIds: readonly string[];
}

/**
 * All patients in a random order of which every stretch is stratified: it holds each combination of labels in about the
 * share that the whole does.
 *
 * A patient's stratum is what any of their ECGs has. The patients of a stratum are shuffled and laid end to end, each as
 * long as their ECGs are many; a point drawn on each, as a share of the stratum's length, is where they stand in the
 * order. So up to any point each stratum has its share of ECGs, within one patient.
 *
 * @param options.seed, name decide the order
 * @returns rows of one patient each
 * @throws ArgumentError when there is no row, a task has not one label a row, a label is not 0 or 1, or a patient id is
 *   missing
 */
export function stratifiedPatients<Name extends string>(
  { labels, patientIds }: LabelledPatients<Name>,
  { seed, name }: { seed: number; name: string },
): number[][] {
  const tasks = (Object.keys(labels) as Name[]).sort();
  const refuse = (what: string, expected: string, actual: string, row?: number): never => {
    throw new ArgumentError(what, { expected, actual, where: { row } });
  };
  if (patientIds.length === 0) refuse('patients', 'at least one row', 'none');
  for (const task of tasks) {
    const ofTask = labels[task];
    if (ofTask.length !== patientIds.length) {
      refuse(`labels of ${task}`, `${patientIds.length}, one per row`, String(ofTask.length));
    }
    const wrong = ofTask.findIndex((label) => label !== 0 && label !== 1);
    if (wrong !== -1) refuse(`labels of ${task}`, '0 or 1', String(ofTask[wrong]), wrong);
  }
  const strata = new Map<string, number[][]>();
  for (const rows of rowsOfGroups(patientIds, 'patient id')) {
    const stratum = tasks.map((task) => Number(rows.some((row) => labels[task][row] === 1))).join('');
    const patients = strata.get(stratum);
    if (patients === undefined) strata.set(stratum, [rows]);
    else patients.push(rows);
  }
  const placed: { rows: number[]; at: number }[] = [];
  for (const [stratum, patients] of strata) {
    const stream = randomStream(seed, name, stratum);
    const total = patients.reduce((sum, rows) => sum + rows.length, 0);
    let before = 0;
    for (const rows of stream.shuffled(patients)) {
      placed.push({ rows, at: (before + stream.uniform() * rows.length) / total });
      before += rows.length;
    }
  }
  return placed.sort((a, b) => a.at - b.at || a.rows[0] - b.rows[0]).map(({ rows }) => rows);
}

/** How many of the first patients have together as near to `ecgs` ECGs as patients as a whole allow. */
export function patientsFor(ecgs: number, patients: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const [count, { length }] of patients.entries()) {
    if (sum + length - ecgs > ecgs - sum) return count;
    sum += length;
  }
  return patients.length;
}
