import { ArgumentError } from '../errors';
import { randomStream } from '../random';
import { type BootstrapOptions, bootstrapAreas } from './bootstrap-areas';
import { type CurveAreas, curveAreas } from './curve-areas';
import { type Measure, measureOfAreas, tasksOfMeasure } from './measure';
import type { Predictions } from './predictions';
import { rankScores } from './ranked-scores';
import { type ResampleUnit, resampleUnits } from './resample-units';
import { checkSameRecords } from './same-records';
import { TASKS, type Task } from './tasks';

/** One measure of one model: on the test set, and on each resample of it. */
export interface BootstrappedMeasure {
  value: number;
  /** [resample] */
  values: Float64Array;
}

/**
 * Measures of several models on the same resamples.
 *
 * Several runs of a model (seeds) count by the mean of their measures; a resample draws them anew as well, as many as there
 * are, with replacement and from the same places for every model.
 *
 * @param models [model][run]
 * @param measures those asked; a resample is drawn again when a task that any of them needs is left with one class
 * @returns bootstrapped [model][measure], and the number of resamples that were drawn again
 * @throws ArgumentError when two predictions differ in their records, patients or labels
 * @throws UndefinedMetricError when a measure is undefined on the test set
 */
export function bootstrapMeasures(
  models: readonly (readonly Predictions[])[],
  measures: readonly Measure[],
  options: BootstrapOptions & { readonly unit?: ResampleUnit },
): { bootstrapped: BootstrappedMeasure[][]; redrawn: number } {
  if (models.length === 0 || models.some((runs) => runs.length === 0)) {
    throw new ArgumentError('bootstrap', { expected: 'at least one run of each model', actual: 'none' });
  }
  const [first] = models[0];
  for (const run of models.flat()) checkSameRecords(first, run);
  const tasks = TASKS.filter((task) => measures.some((measure) => tasksOfMeasure(measure).includes(task)));
  const metric = measures.length === 1 ? measures[0] : 'AUROC and AUPRC';

  const ranked = models.flat().flatMap((run) => {
    return tasks.map((task) => rankScores(run.labels[task], run.scores[task], { metric, task }));
  }); // [run x task]
  const unitOf = resampleUnits(first, options.unit ?? 'patient');
  const { areas, redrawn } = bootstrapAreas(ranked, unitOf, options); // [resample, run x task, 2]
  const resamples = areas.length / (2 * ranked.length);
  const runDraws = drawRuns(resamples, Math.max(...models.map((runs) => runs.length)), options.seed ?? 0);

  let run = 0;
  const bootstrapped = models.map((runs) => {
    const offset = run * tasks.length;
    run += runs.length;
    /** The mean over some of the model's runs of a measure, its areas being read by their place among `ranked`. */
    const meanOver = (taken: readonly number[], measure: Measure, areasAt: (list: number) => CurveAreas) => {
      let sum = 0;
      for (const r of taken) {
        const ofTask = {} as Record<Task, CurveAreas>;
        for (let t = 0; t < tasks.length; t++) ofTask[tasks[t]] = areasAt(offset + r * tasks.length + t);
        sum += measureOfAreas(ofTask, measure);
      }
      return sum / taken.length;
    };
    const all = runs.map((_, r) => r);
    const drawn = (resample: number) => all.map((r) => Math.floor(runDraws[resample][r] * runs.length));
    const onTestSet = ranked.map((lists) => curveAreas(lists, undefined, options));
    return measures.map((measure) => ({
      value: meanOver(all, measure, (list) => onTestSet[list]),
      values: Float64Array.from({ length: resamples }, (_, resample) =>
        meanOver(drawn(resample), measure, (list) => {
          const at = (resample * ranked.length + list) * 2;
          return { auroc: areas[at], auprc: areas[at + 1] };
        }),
      ),
    }));
  });
  return { bootstrapped, redrawn };
}

/** [resample][draw] where among a model's runs to take one, 0 to 1; a stream of their own leaves the patients' draws alone. */
function drawRuns(resamples: number, most: number, seed: number): number[][] {
  const stream = randomStream(seed, 'bootstrap', 'runs');
  return Array.from({ length: resamples }, () => Array.from({ length: most }, () => stream.uniform()));
}
