import { join } from 'node:path';
import { FormatError } from '../errors';
import { readParquet, writeParquet } from '../io/parquet';
import type { Predictions } from '../metrics/predictions';
import { TASKS, type Task } from '../metrics/tasks';

const PREDICTIONS_FILE = 'predictions.parquet';

/** What a classifier of some of the tasks says of each test ECG. */
export interface TaskPredictions extends Pick<Predictions, 'recordIds' | 'patientIds'> {
  readonly labels: Readonly<Partial<Predictions['labels']>>;
  readonly scores: Readonly<Partial<Predictions['scores']>>;
}

/** Writes predictions of the tasks that have scores into a run's folder, as `predictions.parquet`. */
export async function writePredictions(folder: string, predictions: TaskPredictions): Promise<void> {
  const { recordIds, patientIds, labels, scores } = predictions;
  await writeParquet(join(folder, PREDICTIONS_FILE), [
    { name: 'record_id', type: 'STRING', values: recordIds },
    { name: 'patient_id', type: 'STRING', values: patientIds },
    ...TASKS.filter((task) => scores[task] !== undefined).flatMap((task) => [
      { name: `label_${task.toLowerCase()}`, type: 'INT32' as const, values: labels[task]! },
      { name: `score_${task.toLowerCase()}`, type: 'DOUBLE' as const, values: scores[task]! },
    ]),
  ]);
}

/**
 * Reads what one classifier of all tasks, or one a task, said of the test ECGs.
 *
 * @param folders of runs on the same test ECGs, which together have predicted each task
 * @throws FormatError when a task is missing or comes twice
 */
export async function readPredictions(...folders: readonly string[]): Promise<Predictions> {
  const all = await Promise.all(folders.map((folder) => readParquet(join(folder, PREDICTIONS_FILE))));
  const columnsOf = (task: Task) => {
    const found = all.filter((columns) => columns[`score_${task.toLowerCase()}`] !== undefined);
    if (found.length === 1) return found[0];
    const where = { file: folders.join(', '), key: task };
    throw new FormatError('predictions', { expected: 'one score of each task', actual: `${found.length}`, where });
  };
  const byTask = <T>(of: (task: Task) => T) => Object.fromEntries(TASKS.map((task) => [task, of(task)]));
  const numbers = (kind: 'label' | 'score', task: Task) => columnsOf(task)[`${kind}_${task.toLowerCase()}`] as number[];
  return {
    recordIds: all[0].record_id as string[],
    patientIds: all[0].patient_id as string[],
    labels: byTask((task) => Uint8Array.from(numbers('label', task))) as Predictions['labels'],
    scores: byTask((task) => Float64Array.from(numbers('score', task))) as Predictions['scores'],
  };
}
