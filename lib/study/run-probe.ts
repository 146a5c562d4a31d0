import { join } from 'node:path';
import { FormatError } from '../errors';
import type { FeatureMatrix } from '../evaluate/feature-matrix';
import { probeAllTasks } from '../evaluate/probe-all-tasks';
import { type NpyFile, readNpy } from '../io/npy';
import { readParquet, writeParquet } from '../io/parquet';
import { writeFileWhole } from '../io/whole-file';
import { allMeasures } from '../metrics/measure';
import type { Predictions } from '../metrics/predictions';
import { TASKS, type Task } from '../metrics/tasks';
import type { EcgStore } from '../store/open-store';
import type { Cohort } from './cohort';

export const FEATURES_FILE = 'features.npy';
const PREDICTIONS_FILE = 'predictions.parquet';
const SCORES_FILE = 'scores.json';

/** The labelled splits, in the order in which their features are kept. */
export const LABELLED_SPLITS = ['train', 'validation', 'test'] as const;

/**
 * Fits a probe a task on kept features and writes what it says of the test ECGs.
 *
 * @param features file of features, `[train + validation + test, dim]`
 * @param options.folder gets `predictions.parquet` and `scores.json`
 */
export async function runProbe(
  features: string,
  {
    store,
    cohort,
    probe,
    seed,
    folder,
  }: { store: EcgStore; cohort: Cohort; probe: 'weak' | 'tuned'; seed: number; folder: string },
): Promise<void> {
  const matrices = splitFeatures(readNpy(features), cohort, features);
  const setOf = (split: (typeof LABELLED_SPLITS)[number]) => ({
    features: matrices[split],
    labels: labelsOf(store, cohort[split]),
  });
  const ids = (list: readonly string[]) => Array.from(cohort.test, (row) => list[row]);
  const test = { ...setOf('test'), recordIds: ids(store.recordIds), patientIds: ids(store.patientIds) };
  const options = probe === 'weak' ? ({ kind: 'weak', seed } as const) : ({ kind: 'tuned' } as const);
  const { predictions, probes } = probeAllTasks(
    { train: setOf('train'), validation: setOf('validation'), test },
    options,
  );
  await writePredictions(join(folder, PREDICTIONS_FILE), predictions);
  const chosen = TASKS.map((task) => {
    const { C, epoch, validationAuroc } = probes[task];
    return [task, { C, epoch, validationAuroc }];
  });
  const scores = { test: allMeasures(predictions), chosen: Object.fromEntries(chosen) };
  writeFileWhole(join(folder, SCORES_FILE), `${JSON.stringify(scores, null, 2)}\n`);
}

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

async function writePredictions(path: string, { recordIds, patientIds, labels, scores }: Predictions): Promise<void> {
  await writeParquet(path, [
    { name: 'record_id', type: 'STRING', values: recordIds },
    { name: 'patient_id', type: 'STRING', values: patientIds },
    ...TASKS.flatMap((task) => [
      { name: `label_${task.toLowerCase()}`, type: 'INT32' as const, values: labels[task] },
      { name: `score_${task.toLowerCase()}`, type: 'DOUBLE' as const, values: scores[task] },
    ]),
  ]);
}

/** Reads what a probe said of the test ECGs. */
export async function readPredictions(folder: string): Promise<Predictions> {
  const columns = await readParquet(join(folder, PREDICTIONS_FILE));
  const byTask = <T>(of: (task: string) => T) =>
    Object.fromEntries(TASKS.map((task) => [task, of(task.toLowerCase())]));
  return {
    recordIds: columns.record_id as string[],
    patientIds: columns.patient_id as string[],
    labels: byTask((task) => Uint8Array.from(columns[`label_${task}`] as number[])) as Predictions['labels'],
    scores: byTask((task) => Float64Array.from(columns[`score_${task}`] as number[])) as Predictions['scores'],
  };
}
