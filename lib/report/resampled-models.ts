import { ArgumentError } from '../errors';
import { type BootstrappedMeasure, bootstrapMeasures } from '../metrics/bootstrap-measures';
import { allMeasures, MEASURES, type Measure } from '../metrics/measure';
import type { Predictions } from '../metrics/predictions';
import type { ResampleUnit } from '../metrics/resample-units';
import { TASKS, type Task } from '../metrics/tasks';
import { MODEL_NAMES, type ModelName } from './probed-model';
import { SCORE_MEASURES, type ScoreMeasure } from './score-columns';
import { type RowKey, rowName, type ScoredModel } from './scored-model';

/** A row of a table: one model at one architecture and setting, its seeds taken together. */
export interface ResampledModel extends RowKey {
  readonly seeds: readonly number[];
  /** [seed] names of run folders: one, or four, of the tasks in their order. */
  readonly runs: readonly (readonly string[])[];
  /** [seed] */
  readonly predictions: readonly Predictions[];
  /** Each measure, the mean over the seeds, on the test set and on the same resamples of it for every model. */
  readonly measured: Readonly<Record<ScoreMeasure, BootstrappedMeasure>>;
  /**
   * Where the setting has a case ratio (Table 4): the same, AUPRCs taken as if as few of the test ECGs were cases as of
   * the training's; the test set has its own, higher share.
   */
  readonly atCaseRatio: Readonly<Record<ScoreMeasure, BootstrappedMeasure>> | undefined;
  /** The standard deviation (n - 1) of each measure over the seeds; undefined with one seed. */
  readonly spread: Readonly<Record<ScoreMeasure, number>> | undefined;
  /** The mean over the seeds, where every one tells it. */
  readonly validationAurocs: Readonly<Record<Task, number>> | undefined;
}

export interface ResampleOptions {
  /** Bootstrap resamples of the test set; default 1,000. */
  readonly resamples?: number;
  /** Of the resampling; default 0. */
  readonly seed?: number;
  /** What is drawn; default 'patient': all ECGs of a patient together. */
  readonly unit?: ResampleUnit;
}

/**
 * Groups scored models into the rows of a table and scores all of them on the same resamples of the test set, so that
 * differences between models have an interval too (paired bootstrap).
 *
 * The resamples hang on the test ECGs and the options alone: rows of two calls can be compared as well.
 *
 * @param models one per row and seed, all on the same test ECGs
 * @param options resamples, seed, unit; models: the order of the rows, default that of `MODEL_NAMES`
 * @returns in that order; architectures and settings of a model in the order given
 * @throws ArgumentError when there is no model, a seed comes twice, or the test ECGs differ
 */
export function resampleModels(
  models: readonly ScoredModel[],
  options: ResampleOptions & { readonly models?: readonly ModelName[] } = {},
): ResampledModel[] {
  const grouped = groupSeeds(models, [...new Set([...(options.models ?? []), ...MODEL_NAMES])]);
  const predictions = grouped.map((row) => row.map((one) => one.predictions));
  const { bootstrapped } = bootstrapMeasures(predictions, MEASURES, options);
  return grouped.map((row, r) => {
    const { model, architecture, setting = {} } = row[0];
    return {
      model,
      architecture,
      setting,
      seeds: row.map(({ seed }) => seed),
      runs: row.map(({ runs }) => runs),
      predictions: predictions[r],
      measured: byMeasure(bootstrapped[r]),
      atCaseRatio: measuredAtCaseRatio(predictions[r], setting.case_ratio_percent, options),
      spread: spreadOf(predictions[r]),
      validationAurocs: meanByTask(row.map(({ validationAurocs }) => validationAurocs)),
    };
  });
}

/** The models of each row, in the rows' order. */
function groupSeeds(models: readonly ScoredModel[], order: readonly ModelName[]): ScoredModel[][] {
  const rows = new Map<string, ScoredModel[]>();
  for (const name of order) {
    for (const one of models.filter(({ model }) => model === name)) {
      const key = rowName({ ...one, setting: one.setting ?? {} });
      const row = rows.get(key) ?? [];
      if (row.some(({ seed }) => seed === one.seed)) {
        throw new ArgumentError('models of a table', {
          expected: `one a seed of ${key}`,
          actual: `seed ${one.seed} twice`,
        });
      }
      rows.set(key, [...row, one]);
    }
  }
  return [...rows.values()];
}

function measuredAtCaseRatio(
  seeds: readonly Predictions[],
  percent: string | undefined,
  options: ResampleOptions,
): ResampledModel['atCaseRatio'] {
  if (percent === undefined) return undefined;
  const prevalence = Number(percent) / 100;
  return byMeasure(bootstrapMeasures([seeds], MEASURES, { ...options, prevalence }).bootstrapped[0]);
}

/** Bootstrapped `MEASURES` by their names, and the mean AUPRC. */
function byMeasure(bootstrapped: readonly BootstrappedMeasure[]): Record<ScoreMeasure, BootstrappedMeasure> {
  const pairs = MEASURES.map((measure, m) => [measure, bootstrapped[m]]);
  const measured = Object.fromEntries(pairs) as Record<Measure, BootstrappedMeasure>;
  return { ...measured, mean_auprc: meanAuprc(measured) };
}

/** Criteria are four AUROCs and four AUPRCs: what they leave beside the mean AUROC. */
function meanAuprc({ criteria, mean_auroc }: Record<Measure, BootstrappedMeasure>): BootstrappedMeasure {
  const rest = (sum: number, auroc: number) => sum / 4 - auroc;
  return {
    value: rest(criteria.value, mean_auroc.value),
    values: criteria.values.map((sum, resample) => rest(sum, mean_auroc.values[resample])),
  };
}

function meanByTask(seeds: readonly ScoredModel['validationAurocs'][]): ResampledModel['validationAurocs'] {
  if (!seeds.every((aurocs) => aurocs !== undefined)) return undefined;
  const mean = (task: Task) => seeds.reduce((sum, aurocs) => sum + aurocs[task], 0) / seeds.length;
  return Object.fromEntries(TASKS.map((task) => [task, mean(task)])) as Record<Task, number>;
}

function spreadOf(seeds: readonly Predictions[]): ResampledModel['spread'] {
  if (seeds.length < 2) return undefined;
  const scores = seeds.map((predictions) => {
    const own = allMeasures(predictions);
    return { ...own, mean_auprc: own.criteria / 4 - own.mean_auroc };
  });
  const deviation = (measure: ScoreMeasure) => {
    const mean = scores.reduce((sum, one) => sum + one[measure], 0) / scores.length;
    return Math.sqrt(scores.reduce((sum, one) => sum + (one[measure] - mean) ** 2, 0) / (scores.length - 1));
  };
  const spreads = SCORE_MEASURES.map((measure) => [measure, deviation(measure)]);
  return Object.fromEntries(spreads) as Record<ScoreMeasure, number>;
}
