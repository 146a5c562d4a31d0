import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeAllTasks } from '../evaluate/probe-all-tasks';
import type { CSelection } from '../evaluate/tuned-probe';
import { readNpy } from '../io/npy';
import { writeFileWhole } from '../io/whole-file';
import { allMeasures } from '../metrics/measure';
import { TASKS, type Task } from '../metrics/tasks';
import type { EcgStore } from '../store/open-store';
import type { Cohort } from './cohort';
import { type LABELLED_SPLITS, labelsOf, splitFeatures } from './labelled-splits';
import { writePredictions } from './predictions-file';

const SCORES_FILE = 'scores.json';

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
    selection,
    seed,
    folder,
    signal,
    onFit,
  }: {
    store: EcgStore;
    cohort: Cohort;
    probe: 'weak' | 'tuned';
    /** How a tuned probe chooses C; default by the validation ECGs. */
    selection?: CSelection;
    seed: number;
    folder: string;
    /** Stops the fits. */
    signal?: AbortSignal;
    /** Told how many fits of how many are done; a weak probe is one. */
    onFit: (done: number, total: number) => void;
  },
): Promise<void> {
  const matrices = splitFeatures(readNpy(features), cohort, features);
  const setOf = (split: (typeof LABELLED_SPLITS)[number]) => ({
    features: matrices[split],
    labels: labelsOf(store, cohort[split]),
  });
  const ids = (list: readonly string[]) => Array.from(cohort.test, (row) => list[row]);
  const test = { ...setOf('test'), recordIds: ids(store.recordIds), patientIds: ids(store.patientIds) };
  const groups = Array.from(cohort.train, (row) => store.patientIds[row]);
  const options =
    probe === 'weak' ? ({ kind: 'weak', seed } as const) : ({ kind: 'tuned', selection, groups, seed, onFit } as const);
  const sets = { train: setOf('train'), validation: setOf('validation'), test };
  const { predictions, probes } = await probeAllTasks(sets, { ...options, signal });
  if (probe === 'weak') onFit(1, 1);
  await writePredictions(folder, predictions);
  const chosen = TASKS.map((task) => {
    const { C, epoch, converged, validationAuroc } = probes[task];
    return [task, { C, epoch, converged, validationAuroc }];
  });
  const scores = { test: allMeasures(predictions), chosen: Object.fromEntries(chosen) };
  writeFileWhole(join(folder, SCORES_FILE), `${JSON.stringify(scores, null, 2)}\n`);
}

/** The AUROC on the validation ECGs of a run's probe of each task. */
export function readValidationAurocs(folder: string): Record<Task, number> {
  const { chosen } = JSON.parse(readFileSync(join(folder, SCORES_FILE), 'utf8'));
  return Object.fromEntries(TASKS.map((task) => [task, chosen[task].validationAuroc])) as Record<Task, number>;
}
