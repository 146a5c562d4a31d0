import { checkLabelledEcgs } from '../evaluate/labelled-ecgs';
import { READOUT_NAMES, type Readout } from '../evaluate/readout';
import { TASKS, type Task } from '../metrics/tasks';
import { storeSource } from '../pretrain/ecg-source';
import type { ProbeName } from '../report/probed-model';
import { SPLITS, type Split } from './cohort';
import { type Cost, fineTuningCost, pretrainingCost, wholeEcgFlops } from './compute-cost';
import {
  type EncoderSpec,
  encodersOf,
  encoderTitle,
  featuresRun,
  pretrainingRun,
  probeRun,
  type StudyBasis,
} from './encoder-jobs';
import {
  type FineTuneSpec,
  fineTuneRun,
  fineTuneTitle,
  type LabelSubset,
  learnersOf,
  learnersWithFewLabels,
  recipeOf,
  specsOfRow,
  supervisedSpecs,
} from './fine-tune-jobs';
import { labelSubset } from './label-subset';
import { LABELLED_SPLITS, labelsOf } from './labelled-splits';
import { pretrainingEcgs } from './pretraining-source';
import type { Trial } from './profile-schema';
import { basisOfReadout, readoutOf, readoutsOf } from './readout-jobs';
import { riskRun, supervisedRun } from './risk-jobs';
import { type RunSpec, runName } from './run-store';
import type { StudyContext } from './study-context';
import { basisOfTrial, encoderOfTrial, ownRecipes } from './trial-jobs';

/** A job of a study, before it runs. */
export interface PlannedJob {
  readonly job: string;
  /** Name of its run folder. */
  readonly run: string;
  readonly state: 'missing' | 'started' | 'finished';
  /** ECGs that pass through the network: an ECG once an epoch, views and masked passes counted each. */
  readonly ecgs: number;
  /** Floating-point operations of its matrix products, in units of 10^12; a training may stop earlier. */
  readonly teraflops: number;
  /** Names of the runs that must be finished before it. */
  readonly needs: readonly string[];
  readonly work: JobWork;
}

/** What a job does. */
export type JobWork =
  | ({ readonly kind: 'pretrain' | 'features' | 'risk'; readonly encoder: EncoderSpec } & Changed)
  | ({ readonly kind: 'probe'; readonly encoder: EncoderSpec; readonly probe: ProbeName } & Changed)
  | { readonly kind: 'train'; readonly training: FineTuneSpec }
  | { readonly kind: 'supervised'; readonly trainings: readonly FineTuneSpec[] };

/** What sets a job apart from the profile's own: a trial of another recipe, or another readout. */
interface Changed {
  readonly trial?: Trial;
  readonly readout?: Readout;
}

/** The tables that have jobs. */
export const PLANNED_TABLES = [1, 2, 3, 4, 5] as const;

export interface PlanOptions {
  /** ECGs of each split. */
  readonly ecgs: Readonly<Record<Split, number>>;
  /** What is on disk of a run. */
  readonly stateOf: (spec: RunSpec) => PlannedJob['state'];
  /** Default: Tables 1 to 5. */
  readonly tables?: readonly number[];
  /** The profile's trials too; default false. */
  readonly trials?: boolean;
}

const NONE: Cost = { passes: 0, flops: 0 };

/** The jobs of some tables of a study, each once, in the order in which they run, with their cost. */
export function planOf(
  context: StudyContext,
  { tables, trials }: Pick<PlanOptions, 'tables' | 'trials'> = {},
): PlannedJob[] {
  const { basis, cohort, runs } = context;
  const counts = SPLITS.map((split) => [split, cohort[split].length]);
  const ecgs = { ...(Object.fromEntries(counts) as Record<Split, number>), pretrain: pretrainingEcgs(context) };
  return planJobs(basis, { ecgs, tables, trials, stateOf: (spec) => runs.stateOf(spec) });
}

/**
 * Draws the labels of a plan's trainings and probes, so that too few cases do not show after hours.
 *
 * @throws ArgumentError when a ratio asks for more cases than there are, or a task has one class only in what a job learns
 *   from, chooses by or is judged on
 */
export function checkPlan(
  { store, cohort }: Pick<StudyContext, 'store' | 'cohort'>,
  jobs: readonly PlannedJob[],
): void {
  const check = (rows: Int32Array, set: { name: string; tasks: readonly Task[] }) =>
    checkLabelledEcgs({ source: storeSource(store, rows), labels: labelsOf(store, rows) }, set);
  const toDo = jobs.filter(
    ({ work, state }) => (work.kind === 'train' || work.kind === 'probe') && state !== 'finished',
  );
  if (toDo.length === 0) return;
  for (const name of LABELLED_SPLITS) check(cohort[name], { name, tasks: TASKS });
  for (const { work, job } of toDo) {
    if (work.kind !== 'train' || work.training.subset === undefined) continue;
    check(labelSubset(store, cohort.train, work.training), { name: `training (${job})`, tasks: work.training.tasks });
  }
}

/** Lists the jobs of some tables, each once, in the order in which they run, with their cost. */
export function planJobs(
  basis: StudyBasis,
  { ecgs, stateOf, tables = PLANNED_TABLES, trials = false }: PlanOptions,
): PlannedJob[] {
  const jobs = new Map<string, PlannedJob>();
  const add: AddJob = (job, spec, { work, needs = [], cost: { passes, flops } = NONE }) => {
    const run = runName(spec);
    if (!jobs.has(run)) {
      jobs.set(run, { job, run, state: stateOf(spec), ecgs: passes, teraflops: flops / 1e12, needs, work });
    }
    return run;
  };
  const plan = new Plan(basis, ecgs, add);
  for (const table of tables) plan.addTable(table);
  if (trials) {
    for (const own of ownRecipes()) plan.addProbe(encoderOfTrial(basis.profile, own), 'tuned');
    for (const trial of basis.profile.trials ?? []) {
      new Plan(basisOfTrial(basis, trial), ecgs, add, { trial }).addProbe(
        encoderOfTrial(basis.profile, trial),
        'tuned',
      );
    }
  }
  return [...jobs.values()];
}

/** Adds a job unless it is there; gives the name of its run. */
type AddJob = (
  job: string,
  spec: RunSpec,
  what: { readonly work: JobWork; readonly needs?: readonly string[]; readonly cost?: Cost },
) => string;

class Plan {
  readonly #basis: StudyBasis;
  readonly #ecgs: PlanOptions['ecgs'];
  readonly #add: AddJob;

  readonly #changed: Changed;

  constructor(basis: StudyBasis, ecgs: PlanOptions['ecgs'], add: AddJob, changed: Changed = {}) {
    this.#basis = basis;
    this.#ecgs = ecgs;
    this.#add = add;
    this.#changed = changed;
  }

  addTable(table: number): void {
    const { profile } = this.#basis;
    const { seeds, head } = profile.fineTuning;
    const few = (subset: (task: Task) => LabelSubset, heads: 'joint' | 'separate') =>
      learnersWithFewLabels(profile).flatMap((learner) =>
        seeds.flatMap((seed) => specsOfRow(learner, { seed, head: heads, subset })),
      );
    if (table === 1) {
      this.#addProbing();
      for (const readout of readoutsOf(profile).filter((one) => one !== readoutOf(profile))) {
        new Plan(basisOfReadout(this.#basis, readout), this.#ecgs, this.#add, { readout }).#addProbing();
      }
    }
    if (table === 2) this.#addRisk();
    if (table === 3) {
      const learners = learnersOf(profile);
      this.#addTrainings(learners.flatMap((learner) => seeds.flatMap((seed) => specsOfRow(learner, { seed, head }))));
    }
    if (table === 4 || table === 5) this.addTable(3); // the drops are from there
    if (table === 4) {
      const { ecgs, casePercents } = profile.lowIncidence;
      const specs = casePercents.flatMap((casePercent) => few((task) => ({ casePercent, ecgs, task }), 'separate'));
      this.#addTrainings(specs);
    }
    if (table === 5) {
      this.#addTrainings(profile.dataUsage.percents.flatMap((usagePercent) => few(() => ({ usagePercent }), head)));
    }
  }

  #addProbing(): void {
    const { profile } = this.#basis;
    for (const encoder of profile.seeds.flatMap((seed) => encodersOf(profile, seed))) {
      for (const probe of ['weak', 'tuned'] as const) this.addProbe(encoder, probe);
    }
  }

  addProbe(encoder: EncoderSpec, probe: ProbeName): void {
    const needs = [this.#addFeatures(encoder)];
    const work = { kind: 'probe', encoder, probe, ...this.#changed } as const;
    const job = `${probe} probe on ${encoderTitle(encoder)}${this.#ofChange()}`;
    this.#add(job, probeRun(this.#basis, encoder, probe), { work, needs });
  }

  #addRisk(): void {
    const basis = this.#basis;
    const { profile } = basis;
    for (const encoder of profile.seeds.flatMap((seed) => encodersOf(profile, seed))) {
      if (encoder.method === 'random') continue;
      const trainings = supervisedSpecs(profile, encoder.architecture);
      const trained = this.#addTrainings(trainings);
      const passes = this.#ecgs.train * trainings.length;
      const supervised = this.#add(`training ECGs by ${fineTuneTitle(trainings[0])}`, supervisedRun(basis, trainings), {
        work: { kind: 'supervised', trainings },
        needs: trained,
        cost: { passes, flops: passes * wholeEcgFlops(encoder.architecture) },
      });
      const needs = [supervised, this.#addFeatures(encoder)];
      this.#add(`risk of ${encoderTitle(encoder)}`, riskRun(basis, encoder), {
        work: { kind: 'risk', encoder },
        needs,
      });
    }
  }

  #addFeatures(encoder: EncoderSpec): string {
    const needs = this.#addPretraining(encoder);
    const { train, validation, test } = this.#ecgs;
    const passes = train + validation + test;
    const cost = { passes, flops: passes * wholeEcgFlops(encoder.architecture) };
    const work = { kind: 'features', encoder, ...this.#changed } as const;
    const job = `features of ${encoderTitle(encoder)}${this.#ofChange()}`;
    return this.#add(job, featuresRun(this.#basis, encoder), { work, needs, cost });
  }

  /** The run that an encoder needs; none where it is random. */
  #addPretraining(encoder: EncoderSpec): string[] {
    const { method } = encoder;
    if (method === 'random') return [];
    const cost = pretrainingCost(this.#basis.profile, { ...encoder, method }, this.#ecgs.pretrain);
    const spec = pretrainingRun(this.#basis, { ...encoder, method });
    const work = { kind: 'pretrain', encoder, ...this.#changed } as const;
    return [this.#add(`pretrain ${encoderTitle(encoder)}${this.#ofChange()}`, spec, { work, cost })];
  }

  #ofChange(): string {
    const { trial, readout } = this.#changed;
    const change = trial?.title ?? (readout && READOUT_NAMES[readout]);
    return change === undefined ? '' : ` (${change})`;
  }

  #addTrainings(trainings: readonly FineTuneSpec[]): string[] {
    return trainings.map((training) => {
      const { learner, seed, subset } = training;
      const needs = learner.kind === 'pretrained' ? this.#addPretraining({ ...learner, seed }) : [];
      const all = this.#ecgs.train;
      const train =
        subset === undefined ? all : 'ecgs' in subset ? subset.ecgs : Math.round((all * subset.usagePercent) / 100);
      const cost = fineTuningCost(learner, recipeOf(training, this.#basis.profile), { ...this.#ecgs, train });
      const work = { kind: 'train', training } as const;
      return this.#add(`train ${fineTuneTitle(training)}`, fineTuneRun(this.#basis, training), { work, needs, cost });
    });
  }
}
