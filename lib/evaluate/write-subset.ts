import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '../errors';
import { writeCsv } from '../io/csv';
import type { Task } from '../metrics/tasks';
import type { LabelledPatients } from './stratified-patients';

const SUBSET_FILE = 'subset.csv';

/**
 * Lists the ECGs of a subset in a run's folder: `record_id`, `patient_id`, and a column of 1 and 0 a task, `label_mi`.
 *
 * @param folder exists
 * @param ecgs ids and labels of the ECGs that the subset was drawn from
 * @param options.positions the subset's among them; default all
 * @param options.file default `subset.csv`
 * @throws ArgumentError when the file is there and is no such list; StorageError when the disk refuses
 */
export function writeSubset<Name extends string = Task>(
  folder: string,
  { recordIds, patientIds, labels }: LabelledPatients<Name> & { readonly recordIds: readonly string[] },
  {
    positions = recordIds.keys(),
    file = SUBSET_FILE,
  }: { positions?: Iterable<number> | ArrayLike<number>; file?: string } = {},
): void {
  const tasks = Object.keys(labels) as Name[];
  const columns = ['record_id', 'patient_id', ...tasks.map((task) => `label_${task.toLowerCase()}`)];
  const rows = Array.from(positions, (position) => ({
    record_id: recordIds[position],
    patient_id: patientIds[position],
    ...Object.fromEntries(tasks.map((task) => [`label_${task.toLowerCase()}`, labels[task][position]])),
  }));
  const path = join(folder, file);
  const there = existsSync(path) ? readFileSync(path, 'utf8').split('\n', 1)[0] : undefined;
  if (there !== undefined && there !== columns.join(',')) {
    const expected = `none yet, or a subset of these tasks: ${columns.join(',')}`;
    throw new ArgumentError('file of a subset', { expected, actual: there, where: { file: path } });
  }
  writeCsv(path, columns, rows);
}
