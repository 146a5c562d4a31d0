import type { Engine } from '../engine/use-engine';
import { ArgumentError } from '../errors';
import type { Readout } from '../evaluate/readout';
import type { Method } from '../pretrain/method';
import type { PlantedFault } from '../report/planted-fault-rows';
import type { EcgStore } from '../store/open-store';
import type { Cohort } from './cohort';
import { computeJobs } from './compute-jobs';
import { type DataExample, dataExamples, type RejectedExample, rejectedExamples } from './data-examples';
import { type DataDescription, describeData } from './describe-data';
import { describeSplits, type SplitDescription } from './describe-splits';
import type { EncoderSpec } from './encoder-jobs';
import { dataUsage, type FineTuning, fineTuning, lowIncidence } from './fine-tuning';
import { labelsOf } from './labelled-splits';
import { type LinearProbing, linearProbing } from './linear-probing';
import { openContext, type StudyOpening, type StudyOptions } from './open-context';
import { checkPlan, type PlannedJob, planOf } from './plan';
import { plantedFaults } from './planted-faults';
import type { PretrainedModel } from './pretrained-model';
import type { Profile } from './profile-schema';
import { readoutsOf } from './readout-jobs';
import { type RecipeTrials, recipeTrials } from './recipe-trials';
import { type RiskDecompositionTable, riskDecomposition } from './risk-decomposition';
import type { StudyContext } from './study-context';
import { encoderOf, keptFeatures } from './study-encoders';
import { makeSyntheticStores } from './synthetic-stores';

/**
 * A study: one profile on one store of ECGs, its results computed when they are asked for.
 *
 * What exists on disk is read, never computed again; what is missing is computed, with progress, and goes on where it
 * was stopped.
 */
export class Study {
  readonly #context: StudyContext;
  readonly #opening: StudyOpening;

  /** Use `openStudy`. */
  constructor(context: StudyContext, opening: StudyOpening) {
    this.#context = context;
    this.#opening = opening;
  }

  get profile(): Profile {
    return this.#context.profile;
  }

  get store(): EcgStore {
    return this.#context.store;
  }

  get cohort(): Cohort {
    return this.#context.cohort;
  }

  get engine(): Engine {
    return this.#context.engine;
  }

  /**
   * The jobs of some tables in order: what is done, what is to do, and what it will cost.
   *
   * @param options.tables default 1 to 5
   * @param options.trials those of `recipeTrials` too; default false
   * @throws ArgumentError when there are too few cases for a ratio of Table 4, or of a superclass in a split or a part of it,
   *   or when tables of another profile of this name are there
   */
  plan(options: { tables?: readonly number[]; trials?: boolean } = {}): PlannedJob[] {
    this.#context.outputs; // refuses a folder of other tables
    const jobs = planOf(this.#context, options);
    checkPlan(this.#context, jobs);
    return jobs;
  }

  /**
   * Computes what is missing for some tables in several processes at once, each with its share of the cores; the tables
   * are then made of what lies on disk.
   *
   * Small networks gain: an operation on two threads is not twice as fast. Sums on another number of threads may differ in
   * their last digit.
   *
   * @param options.tables, trials as for `plan`
   * @param options.workers processes, >= 1
   * @throws ArgumentError when `workers` is no such number
   * @throws WorkerError when a process dies; the error of a job; the signal's reason. What is done is kept
   */
  async compute({
    workers,
    ...which
  }: {
    tables?: readonly number[];
    trials?: boolean;
    workers: number;
  }): Promise<void> {
    const { engine, watch } = this.#context;
    const jobs = this.plan(which);
    if (jobs.some(({ state }) => state !== 'finished')) await this.#context.verifyStores(); // once, for all processes
    await computeJobs(jobs, { opening: this.#opening, backend: engine.backend, workers, ...watch });
  }

  /** ECGs, patients and labels of each split; of pretraining, of each dataset. */
  describeSplits(): SplitDescription[] {
    return describeSplits(this.store, this.cohort, this.#context);
  }

  /** Tables 6 and 7 and Figure 1: the datasets and labels that are there, beside the paper's. */
  describeData(): Promise<DataDescription> {
    return describeData(this.#context);
  }

  /**
   * An ECG of each dataset before and after standardising: of those whose publisher's files lie under `data/raw` and whose
   * store is there; of the others, and of all with a synthetic profile, one that the synthetic cohort has in their format.
   */
  async dataExamples(): Promise<DataExample[]> {
    await this.#makeSynthetic();
    return dataExamples(this.#context.dataFolder, { synthetic: this.profile.data.dataset === 'synthetic' });
  }

  /** For each reason of rejection one of the records that the synthetic cohort breaks on purpose. */
  async rejectedExamples(): Promise<RejectedExample[]> {
    await this.#makeSynthetic();
    return rejectedExamples(this.#context.dataFolder);
  }

  /** How many of the records that the synthetic cohort breaks on purpose standardising has found, by reason. */
  async plantedFaults(): Promise<PlantedFault[]> {
    await this.#makeSynthetic();
    return plantedFaults(this.#context.dataFolder);
  }

  /**
   * An encoder, pretrained if it is not yet (section 3.2 of the paper).
   *
   * @param method `random` needs no training and has HL's architecture; `contrastive`, `generative`, `hybrid` as the
   *   profile says
   * @param options.seed one of the profile's; default the first
   */
  async pretrain(method: Method, { seed = this.profile.seeds[0] }: { seed?: number } = {}): Promise<PretrainedModel> {
    return encoderOf(this.#context, this.#specOf(method, seed));
  }

  /**
   * The embeddings of the test ECGs and their labels, such as a map of the embeddings needs.
   *
   * @returns `features [test ECG, dim]` and, by task, the labels
   */
  async testFeatures(method: Method, { seed = this.profile.seeds[0] }: { seed?: number } = {}) {
    const features = await keptFeatures(this.#context, this.#specOf(method, seed));
    return { features: features.test, labels: labelsOf(this.store, this.cohort.test) };
  }

  /** The readouts in which Table 1 is made: the profile's, and the usual one, `mean`, where that is another. */
  get readouts(): Readout[] {
    return readoutsOf(this.profile);
  }

  /**
   * Table 1: the random, CL, GL and HL encoders, each with a weak and a tuned linear probe.
   *
   * @param options.readout what the probes read of an encoder; default what the profile says. Pretraining does not depend
   *   on it.
   */
  linearProbing(options: { readonly readout?: Readout } = {}): Promise<LinearProbing> {
    return linearProbing(this.#context, options);
  }

  /**
   * The recipes that the profile wants tried, `trials`, beside its own CL, GL and HL: pretrained with the first seed,
   * probed, compared with CL.
   */
  recipeTrials(): Promise<RecipeTrials> {
    return recipeTrials(this.#context);
  }

  /** Table 2: the risk of CL, GL and HL in four parts. */
  riskDecomposition(): Promise<RiskDecompositionTable> {
    return riskDecomposition(this.#context);
  }

  /** Table 3: fine-tuned CL, GL and HL beside a Vision Transformer and a ResNet from scratch. */
  fineTuning(): Promise<FineTuning> {
    return fineTuning(this.#context);
  }

  /** Table 4: the same with fewer cases among the training ECGs. */
  lowIncidence(): Promise<FineTuning> {
    return lowIncidence(this.#context);
  }

  /** Table 5: the same on a part of the labels; where Table 4 is trained already, its claims are judged on both. */
  async dataUsage(): Promise<FineTuning> {
    const trained = planOf(this.#context, { tables: [4] }).every(({ state }) => state === 'finished');
    return dataUsage(this.#context, { table4: trained ? await this.lowIncidence() : undefined });
  }

  /** Closes the stores' files. */
  close(): void {
    this.store.close();
    for (const store of this.#context.others.values()) store.close();
  }

  /** Makes the synthetic cohort where it is not there. */
  #makeSynthetic(): Promise<void> {
    const { dataFolder, watch } = this.#context;
    return makeSyntheticStores(dataFolder, watch);
  }

  #specOf(method: Method, seed: number): EncoderSpec {
    if (!this.profile.seeds.includes(seed)) {
      throw new ArgumentError('seed', { expected: `one of ${this.profile.seeds.join(', ')}`, actual: String(seed) });
    }
    const { methods } = this.profile.pretraining;
    const { architecture } = methods[method === 'random' ? 'hybrid' : method];
    return { method, architecture, seed };
  }
}

/**
 * Opens a study on one profile: its settings checked, its ECGs found (the synthetic cohort is made), an engine chosen.
 *
 * @throws ArgumentError when the profile does not exist or has a setting that it should not
 * @throws MissingFileError when ECGs of the profile, those to pretrain on among them, are not standardised yet, with the
 *   command that does it
 */
export async function openStudy({ onProgress, signal, ...opening }: StudyOptions): Promise<Study> {
  return new Study(await openContext({ onProgress, signal, ...opening }), opening);
}
