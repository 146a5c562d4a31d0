import { ArgumentError } from '../errors';
import type { Predictions } from '../metrics/predictions';
import { TASKS, type Task } from '../metrics/tasks';
import { runInSlices } from './interruptible';
import { fitLinearProbes, type LinearProbe, type LinearProbeOptions } from './linear-probe';
import { checkProbeSet, type ProbeSet } from './probe-set';

/** A test set: also whose ECGs they are. */
export interface TestSet extends ProbeSet {
  /** [row] */
  recordIds: readonly string[];
  /** [row] */
  patientIds: readonly string[];
}

/**
 * Probes the paper's four tasks and predicts the test set: one model's row of Table 1. On collinear features this takes
 * minutes, in which signals, timers and messages still get their turn.
 *
 * @param sets train, validation (PTB-XL: folds 1-8 and 9) and test (fold 10), with the ids of its records and patients
 * @param options as for `linearProbe`; signal stops it, with the signal's reason
 * @returns the logits of the test records, and the probe of each task with what was chosen for it
 * @throws ArgumentError and UndefinedMetricError as `linearProbe`, and when the ids are not one per row; a test set with
 *   one class only is no error here: its scores are undefined, its predictions are not
 */
export async function probeAllTasks(
  sets: { train: ProbeSet; validation: ProbeSet; test: TestSet },
  { signal, ...options }: LinearProbeOptions & { readonly signal?: AbortSignal } = {},
): Promise<{ predictions: Predictions; probes: Record<Task, LinearProbe> }> {
  const { recordIds, patientIds, features } = sets.test;
  for (const [what, ids] of Object.entries({ recordIds, patientIds })) {
    if (ids.length === features.rows) continue;
    const expected = `${features.rows}, one per row`;
    throw new ArgumentError(`${what} of the test set`, { expected, actual: String(ids.length) });
  }
  const ofTasks = (set: ProbeSet): ProbeSet => ({ features: set.features, labels: byTask((task) => set.labels[task]) });
  const { train, validation, test } = sets;
  checkProbeSet(test, { name: 'test', tasks: TASKS, columns: train.features.columns });
  const work = fitLinearProbes({ train: ofTasks(train), validation: ofTasks(validation) }, options);
  const probes = await runInSlices(work, { signal });
  const labels = byTask((task) => test.labels[task]);
  const scores = byTask((task) => probes[task].predict(features));
  return { predictions: { recordIds, patientIds, labels, scores }, probes };
}

function byTask<T>(of: (task: Task) => T): Record<Task, T> {
  return Object.fromEntries(TASKS.map((task) => [task, of(task)])) as Record<Task, T>;
}
