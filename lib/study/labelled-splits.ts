import { FormatError } from '../errors';
import type { FeatureMatrix } from '../evaluate/feature-matrix';
import type { NpyFile } from '../io/npy';
import { TASKS, type Task } from '../metrics/tasks';
import type { EcgStore } from '../store/open-store';
import type { Cohort } from './cohort';

/** The labelled splits, in the order in which their features are kept. */
export const LABELLED_SPLITS = ['train', 'validation', 'test'] as const;

/** Of a run that keeps features. */
export const FEATURES_FILE = 'features.npy';

/** Labels of the four tasks at some rows of a store. */
export function labelsOf(store: EcgStore, rows: Int32Array): Record<Task, Uint8Array> {
  const labels = TASKS.map((task) => [task, Uint8Array.from(rows, (row) => store.labels[task][row])]);
  return Object.fromEntries(labels) as Record<Task, Uint8Array>;
}

/** Cuts kept features, `[train + validation + test, dim]`, into a matrix a split. */
export function splitFeatures(
  { values, shape: [rows, columns] }: NpyFile,
  cohort: Cohort,
  file: string,
): Record<(typeof LABELLED_SPLITS)[number], FeatureMatrix> {
  const expected = LABELLED_SPLITS.reduce((sum, split) => sum + cohort[split].length, 0);
  if (rows !== expected || !(values instanceof Float32Array)) {
    const where = { file };
    throw new FormatError('features', { expected: `float32 of ${expected} ECGs`, actual: `${rows} rows`, where });
  }
  let start = 0;
  const matrices = LABELLED_SPLITS.map((split) => {
    const { length } = cohort[split];
    const part = values.subarray(start * columns, (start + length) * columns);
    start += length;
    return [split, { values: part, rows: length, columns }];
  });
  return Object.fromEntries(matrices);
}
