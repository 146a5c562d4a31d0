import type { Task } from '../metrics/tasks';
import type { Split } from './cohort';
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
  specsOfRow,
  supervisedSpecs,
} from './fine-tune-jobs';
import { riskRun, supervisedRun } from './risk-jobs';
import { type RunSpec, RunStore } from './run-store';

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
}

const NONE: Cost = { passes: 0, flops: 0 };

/** Lists the jobs of some tables, each once, in the order in which they run, with their cost. */
export function planJobs(basis: StudyBasis, { ecgs, stateOf, tables = PLANNED_TABLES }: PlanOptions): PlannedJob[] {
  const names = new RunStore('');
  const jobs = new Map<string, PlannedJob>();
  const add = (job: string, spec: RunSpec, { passes, flops }: Cost = NONE): void => {
    const run = names.nameOf(spec);
    if (!jobs.has(run)) jobs.set(run, { job, run, state: stateOf(spec), ecgs: passes, teraflops: flops / 1e12 });
  };
  const plan = new Plan(basis, ecgs, add);
  for (const table of tables) plan.addTable(table);
  return [...jobs.values()];
}

class Plan {
  readonly #basis: StudyBasis;
  readonly #ecgs: PlanOptions['ecgs'];
  readonly #add: (job: string, spec: RunSpec, cost?: Cost) => void;

  constructor(basis: StudyBasis, ecgs: PlanOptions['ecgs'], add: (job: string, spec: RunSpec, cost?: Cost) => void) {
    this.#basis = basis;
    this.#ecgs = ecgs;
    this.#add = add;
  }

  addTable(table: number): void {
    const { profile } = this.#basis;
    const { seeds, head } = profile.fineTuning;
    const few = (subset: (task: Task) => LabelSubset, heads: 'joint' | 'separate') =>
      learnersWithFewLabels(profile).flatMap((learner) =>
        seeds.flatMap((seed) => specsOfRow(learner, { seed, head: heads, subset })),
      );
    if (table === 1) this.#addProbing();
    if (table === 2) this.#addRisk();
    if (table === 3) {
      const learners = learnersOf(profile);
      this.#addTrainings(learners.flatMap((learner) => seeds.flatMap((seed) => specsOfRow(learner, { seed, head }))));
    }
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
      this.#addFeatures(encoder);
      for (const probe of ['weak', 'tuned'] as const) {
        this.#add(`${probe} probe on ${encoderTitle(encoder)}`, probeRun(this.#basis, encoder, probe));
      }
    }
  }

  #addRisk(): void {
    const basis = this.#basis;
    const { profile } = basis;
    for (const encoder of profile.seeds.flatMap((seed) => encodersOf(profile, seed))) {
      if (encoder.method === 'random') continue;
      const specs = supervisedSpecs(profile, encoder.architecture);
      this.#addTrainings(specs);
      const passes = this.#ecgs.train * specs.length;
      const flops = passes * wholeEcgFlops(encoder.architecture);
      this.#add(`training ECGs by ${fineTuneTitle(specs[0])}`, supervisedRun(basis, specs), { passes, flops });
      this.#addFeatures(encoder);
      this.#add(`risk of ${encoderTitle(encoder)}`, riskRun(basis, encoder));
    }
  }

  #addFeatures(encoder: EncoderSpec): void {
    this.#addPretraining(encoder);
    const { train, validation, test } = this.#ecgs;
    const passes = train + validation + test;
    const flops = passes * wholeEcgFlops(encoder.architecture);
    this.#add(`features of ${encoderTitle(encoder)}`, featuresRun(this.#basis, encoder), { passes, flops });
  }

  #addPretraining(encoder: EncoderSpec): void {
    const { method } = encoder;
    if (method === 'random') return;
    const cost = pretrainingCost(this.#basis.profile, { ...encoder, method }, this.#ecgs.pretrain);
    this.#add(`pretrain ${encoderTitle(encoder)}`, pretrainingRun(this.#basis, { ...encoder, method }), cost);
  }

  #addTrainings(specs: readonly FineTuneSpec[]): void {
    for (const spec of specs) {
      const { learner, seed, subset } = spec;
      if (learner.kind === 'pretrained') this.#addPretraining({ ...learner, seed });
      const all = this.#ecgs.train;
      const train =
        subset === undefined ? all : 'ecgs' in subset ? subset.ecgs : Math.round((all * subset.usagePercent) / 100);
      const cost = fineTuningCost(this.#basis.profile, learner, { ...this.#ecgs, train });
      this.#add(`train ${fineTuneTitle(spec)}`, fineTuneRun(this.#basis, spec), cost);
    }
  }
}
