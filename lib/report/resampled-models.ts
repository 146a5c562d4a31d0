import { ArgumentError } from '../errors';
import { type BootstrappedMeasure, bootstrapMeasures } from '../metrics/bootstrap-measures';
import { MEASURES, type Measure } from '../metrics/measure';
import type { ResampleUnit } from '../metrics/resample-units';
import { MODEL_NAMES, type ModelName, type ProbedModel, type ProbeName } from './probed-model';

/** A row of a table: one model at one architecture with one probe, its seeds taken together. */
export interface ResampledModel {
  readonly model: ModelName;
  readonly patchSize: number;
  readonly blockDepth: number;
  readonly embeddingSize: number;
  readonly probe: ProbeName;
  readonly seeds: readonly number[];
  readonly runs: readonly string[];
  /** Each measure, the mean over the seeds, on the test set and on the same resamples of it for every model. */
  readonly measured: Readonly<Record<Measure, BootstrappedMeasure>>;
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
 * Groups probed models into the rows of a table and scores all of them on the same resamples of the test set, so that
 * differences between models have an interval too (paired bootstrap).
 *
 * @param models one a model, architecture, probe and seed, all on the same test ECGs
 * @param options resamples, seed, unit
 * @returns in the paper's order of models; architectures and probes of a model in the order given
 * @throws ArgumentError when there is no model, a seed comes twice, or the test ECGs differ
 */
export function resampleModels(models: readonly ProbedModel[], options: ResampleOptions = {}): ResampledModel[] {
  const rows = new Map<string, ProbedModel[]>();
  for (const name of MODEL_NAMES) {
    for (const one of models.filter(({ model }) => model === name)) {
      const key = [one.model, one.patchSize, one.blockDepth, one.embeddingSize, one.probe].join(' ');
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
  const grouped = [...rows.values()];
  const predictions = grouped.map((row) => row.map((one) => one.predictions));
  const { bootstrapped } = bootstrapMeasures(predictions, MEASURES, options);
  return grouped.map((row, r) => ({
    model: row[0].model,
    patchSize: row[0].patchSize,
    blockDepth: row[0].blockDepth,
    embeddingSize: row[0].embeddingSize,
    probe: row[0].probe,
    seeds: row.map(({ seed }) => seed),
    runs: row.map(({ run }) => run),
    measured: Object.fromEntries(
      MEASURES.map((measure, m) => [measure, bootstrapped[r][m]]),
    ) as ResampledModel['measured'],
  }));
}
