import { ArgumentError, UndefinedMetricError } from '../errors';
import { numberGroups } from '../identity';
import type { BootstrappedMeasure } from '../metrics/bootstrap-measures';
import { TASKS, type Task } from '../metrics/tasks';
import { randomStream } from '../random';
import { decomposeRisk, RISK_TERMS, type RiskDecomposition, type Risks } from '../risk/decompose-risk';
import type { EncoderRisk } from '../risk/risk-of-all-tasks';
import { countParts } from '../risk/stratified-parts';
import { RISK_MODES, type RiskMode, type RiskRecords, risksReader } from '../risk/task-risk';
import { MODEL_NAMES, type ModelName } from './probed-model';

/** The five figures of a row of Table 2. */
export const RISK_FIGURES = [...RISK_TERMS, 'total'] as const satisfies readonly (keyof RiskDecomposition)[];

export type RiskFigure = (typeof RISK_FIGURES)[number];

/** The rows of a model: the four tasks and their mean. */
export const RISK_PLACES = [...TASKS, 'average'] as const;

export type RiskPlace = (typeof RISK_PLACES)[number];

/** An encoder with its probes: one a model and seed of Table 2. */
export interface RiskModel {
  readonly model: ModelName;
  readonly seed: number;
  /** Names of the run folders behind it: the encoder's probes and the supervised network. */
  readonly runs: readonly string[];
  readonly risk: EncoderRisk;
}

/** A model in one mode, its seeds taken together. */
export interface ResampledRisk {
  readonly model: ModelName;
  readonly mode: RiskMode;
  readonly seeds: readonly number[];
  readonly runs: readonly string[];
  /** [seed] */
  readonly risks: readonly EncoderRisk[];
  /** The decomposition of the seeds' mean risks. */
  readonly decomposed: Readonly<Record<RiskPlace, RiskDecomposition>>;
  /** [seed] */
  readonly ofSeeds: readonly Readonly<Record<RiskPlace, RiskDecomposition>>[];
  /** Each figure, also on the resamples, which are the same for all models. */
  readonly figures: Readonly<Record<RiskPlace, Readonly<Record<RiskFigure, BootstrappedMeasure>>>>;
}

export interface RiskResampleOptions {
  /** Default 1,000. */
  readonly resamples?: number;
  /** Of the resampling; default 0. */
  readonly seed?: number;
}

/**
 * Decomposes the risks of several models, on their sets and on shared resamples, so that differences between models
 * have an interval too (paired bootstrap).
 *
 * A resample draws, with replacement, the patients of B_tr with all their ECGs there, the patients of B_te likewise, and
 * the seeds; all models and tasks see the same draw. It so covers which ECGs the errors are counted on and which seed
 * was run, with few seeds too little of that. It does not cover which 1,000 ECGs the probes were fitted on: they are
 * fitted once.
 *
 * @param models one a model and seed, all on the same subsets
 * @param options resamples, seed
 * @returns in the order of `MODEL_NAMES`, each model in both modes
 * @throws ArgumentError when there is no model, a seed comes twice, or the subsets differ
 */
export function resampleRisks(models: readonly RiskModel[], options: RiskResampleOptions = {}): ResampledRisk[] {
  const { resamples = 1000, seed = 0 } = options;
  const groups = groupSeeds(models);
  const [first] = models;
  for (const { risk } of models) checkSameSubsets(first.risk, risk);
  const rows = groups.flatMap((group) => RISK_MODES.map((mode) => ({ mode, group, read: readersOf(group, mode) })));
  const figures = rows.map(() => emptyFigures(resamples));
  const draws = drawer(first.risk, { seed, most: Math.max(...groups.map((group) => group.length)) });
  let redrawn = 0;
  for (let done = 0; done < resamples; ) {
    const { weights, seedsAt } = draws();
    const drawn = attempt(() =>
      rows.map(({ group, read }) => {
        const ofSeeds = read.map((ofTask) => risksByTask((task) => ofTask[task](weights[task])));
        return byPlace(meanRisks(seedsAt.map((at) => ofSeeds[Math.floor(at * group.length)]).slice(0, group.length)));
      }),
    );
    if (drawn === undefined) {
      redrawn++;
      if (redrawn > 10 * resamples) throw new UndefinedMetricError('resamples', FEW_RECORDS);
      continue;
    }
    drawn.forEach((places, r) => {
      for (const place of RISK_PLACES) {
        for (const figure of RISK_FIGURES) figures[r][place][figure][done] = places[place][figure];
      }
    });
    done++;
  }
  return rows.map(({ mode, group, read }, r) => {
    const risks = read.map((ofTask) => risksByTask((task) => ofTask[task]()));
    const decomposed = byPlace(meanRisks(risks));
    return {
      model: group[0].model,
      mode,
      seeds: group.map((one) => one.seed),
      runs: [...new Set(group.flatMap(({ runs }) => runs))],
      risks: group.map(({ risk }) => risk),
      decomposed,
      ofSeeds: risks.map(byPlace),
      figures: of(RISK_PLACES, (place) =>
        of(RISK_FIGURES, (figure) => ({ value: decomposed[place][figure], values: figures[r][place][figure] })),
      ),
    };
  });
}

const FEW_RECORDS = { expected: 'records of both classes in most resamples', actual: 'nearly none' } as const;

type TaskRisks = Readonly<Record<Task, Risks>>;

/** The models' seeds, in the order of `MODEL_NAMES`. */
function groupSeeds(models: readonly RiskModel[]): RiskModel[][] {
  const groups = MODEL_NAMES.map((name) => models.filter(({ model }) => model === name)).filter(
    (own) => own.length > 0,
  );
  if (groups.length === 0) throw new ArgumentError('models of Table 2', { expected: 'at least one', actual: 'none' });
  for (const group of groups) {
    const twice = group.find(({ seed }, at) => group.findIndex((other) => other.seed === seed) < at);
    if (twice === undefined) continue;
    const expected = `one a seed of ${twice.model}`;
    throw new ArgumentError('models of Table 2', { expected, actual: `seed ${twice.seed} twice` });
  }
  return groups;
}

/** [seed][task] */
function readersOf(group: readonly RiskModel[], mode: RiskMode) {
  return group.map(({ risk }) => of(TASKS, (task) => risksReader(risk[task], { mode })));
}

/** Draws how often each record counts, and where among the seeds to take one. */
function drawer(risk: EncoderRisk, { seed, most }: { readonly seed: number; readonly most: number }) {
  const stream = randomStream(seed, 'risk', 'bootstrap');
  const sets = (['train', 'test'] as const).map((set) => {
    const numbers = numberGroups(
      TASKS.flatMap((task) => [...risk[task][set].patientIds]),
      'patient id',
    ); // all tasks, one numbering
    let start = 0;
    const patients = of(TASKS, (task) => {
      const from = start;
      start += risk[task][set].patientIds.length;
      return numbers.subarray(from, start);
    });
    return { set, patients, count: countParts(numbers) };
  });
  return () => {
    const [train, test] = sets.map(({ patients, count }) => {
      const times = new Uint8Array(count);
      for (let i = 0; i < count; i++) times[stream.integer(count)]++;
      return of(TASKS, (task) => Uint8Array.from(patients[task], (patient) => times[patient]));
    });
    const weights = of(TASKS, (task) => ({ train: train[task], test: test[task] }));
    return { weights, seedsAt: Array.from({ length: most }, () => stream.uniform()) };
  };
}

function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UndefinedMetricError) return undefined; // a class was not drawn
    throw error;
  }
}

function risksByTask(risks: (task: Task) => Risks): TaskRisks {
  return of(TASKS, risks);
}

function meanRisks(risks: readonly TaskRisks[]): TaskRisks {
  return of(TASKS, (task) => meanOf(risks.map((one) => one[task])));
}

function byPlace(risks: TaskRisks): Record<RiskPlace, RiskDecomposition> {
  const average = meanOf(TASKS.map((task) => risks[task]));
  return of(RISK_PLACES, (place) => decomposeRisk(place === 'average' ? average : risks[place]));
}

function meanOf(risks: readonly Risks[]): Risks {
  return of(['supervised', 'approximated', 'heldOut', 'test'] as const, (name) => {
    return risks.reduce((sum, one) => sum + one[name], 0) / risks.length;
  });
}

function emptyFigures(resamples: number): Record<RiskPlace, Record<RiskFigure, Float64Array>> {
  return of(RISK_PLACES, () => of(RISK_FIGURES, () => new Float64Array(resamples)));
}

function of<Key extends string, T>(keys: readonly Key[], value: (key: Key) => T): Record<Key, T> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, T>;
}

/** Models share resamples only where their subsets are the same records. */
function checkSameSubsets(first: EncoderRisk, other: EncoderRisk): void {
  for (const task of TASKS) {
    for (const set of ['train', 'test'] as const) {
      const [a, b]: RiskRecords[] = [first[task][set], other[task][set]];
      const same = (['recordIds', 'patientIds', 'labels'] as const).every(
        (list) => a[list].length === b[list].length && a[list].every((value, row) => value === b[list][row]),
      );
      if (same) continue;
      const expected = 'the same for all models';
      throw new ArgumentError(`${set} subset of ${task}`, { expected, actual: 'other records' });
    }
    if (!first[task].train.split.every((split, row) => split === other[task].train.split[row])) {
      throw new ArgumentError(`splits of ${task}`, { expected: 'the same for all models', actual: 'others' });
    }
  }
}
