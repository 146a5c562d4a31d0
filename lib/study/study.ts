import { join } from 'node:path';
import { type Engine, useEngine } from '../engine/use-engine';
import { ArgumentError } from '../errors';
import { extractFeatures } from '../evaluate/features';
import { type NpyFile, readNpy, writeNpy } from '../io/npy';
import { storeSource } from '../pretrain/ecg-source';
import type { Method } from '../pretrain/method';
import { pretrain } from '../pretrain/pretrain';
import { type OnProgress, trackProgress } from '../progress';
import { modelNameOf, type ProbedModel, type ProbeName } from '../report/probed-model';
import type { Provenance } from '../report/provenance';
import { readPublishedTables } from '../report/published-tables';
import { type Table1Report, table1Report } from '../report/table-1-report';
import { writeTable1 } from '../report/write-table-1';
import type { EcgStore } from '../store/open-store';
import { findCheckout } from './checkout';
import { type Cohort, SPLITS, type Split, selectCohort } from './cohort';
import { describeSplits, type SplitDescription } from './describe-splits';
import {
  type EncoderSpec,
  encodersOf,
  encoderTitle,
  featuresRun,
  pretrainingRun,
  probeRun,
  type StudyBasis,
} from './encoder-jobs';
import { type PlannedJob, planJobs } from './plan';
import { PretrainedModel } from './pretrained-model';
import type { Profile } from './profile-schema';
import { readProfile } from './profiles';
import { FEATURES_FILE, LABELLED_SPLITS, labelsOf, readPredictions, runProbe, splitFeatures } from './run-probe';
import { type Run, RunStore } from './run-store';
import { openStudyStore } from './study-store';

export interface StudyOptions {
  /** `tiny`, `ptbxl-quick`, `ptbxl`, or the path of a JSON file with a profile's settings. */
  readonly profile: string;
  /** The checkout, where `data`, `runs`, `paper-tables` and `figures` lie; default: the one around this folder. */
  readonly folder?: string;
  /** Holds `raw/` and `standardised/`; default `data` in the checkout. */
  readonly dataFolder?: string;
  /** Holds a folder a run; default `runs` in the checkout. */
  readonly runsFolder?: string;
  /** Told of every step of whatever is computed. */
  readonly onProgress?: OnProgress;
  /** Stops what is being computed after the step under way; the next call goes on from there. */
  readonly signal?: AbortSignal;
}

/** Table 1 of a study: every probed model, the table, its claims, and where it comes from. */
export interface LinearProbing extends Table1Report {
  readonly models: readonly ProbedModel[];
  readonly provenance: Provenance;
  /** Writes `paper-tables/<profile>/` and `figures/<profile>/`; returns the paths. */
  write(): Promise<string[]>;
}

/**
 * A study: one profile on one store of ECGs, its results computed when they are asked for.
 *
 * What exists on disk is read, never computed again; what is missing is computed, with progress, and goes on where it
 * was stopped.
 */
export class Study {
  readonly profile: Profile;
  readonly store: EcgStore;
  readonly cohort: Cohort;
  readonly engine: Engine;
  readonly #folder: string;
  readonly #runs: RunStore;
  readonly #basis: StudyBasis;
  readonly #options: StudyOptions;

  /** Use `openStudy`. */
  constructor(parts: { profile: Profile; store: EcgStore; engine: Engine; folder: string; options: StudyOptions }) {
    this.profile = parts.profile;
    this.store = parts.store;
    this.engine = parts.engine;
    this.cohort = selectCohort(parts.store, parts.profile);
    this.#folder = parts.folder;
    this.#options = parts.options;
    this.#runs = new RunStore(parts.options.runsFolder ?? join(parts.folder, 'runs'));
    this.#basis = { profile: parts.profile, data: parts.store.manifest.hash, backend: parts.engine.backend };
  }

  /** The jobs of Table 1 in order: what is done, what is to do, and what it will cost. */
  plan(): PlannedJob[] {
    const ecgs = Object.fromEntries(SPLITS.map((split) => [split, this.cohort[split].length])) as Record<Split, number>;
    return planJobs(this.#basis, { ecgs, stateOf: (spec) => this.#runs.stateOf(spec) });
  }

  /** ECGs, patients and labels of each split. */
  describeData(): SplitDescription[] {
    return describeSplits(this.store, this.cohort, this.profile);
  }

  /**
   * An encoder, pretrained if it is not yet (section 3.2 of the paper).
   *
   * @param method `random` needs no training; `contrastive`, `generative`, `hybrid` as the profile says
   * @param options.seed one of the profile's; default the first
   */
  async pretrain(method: Method, { seed = this.profile.seeds[0] }: { seed?: number } = {}): Promise<PretrainedModel> {
    return this.#encoder(this.#specOf(method, seed));
  }

  /**
   * The embeddings of the test ECGs and their labels, such as a map of the embeddings needs.
   *
   * @returns `features [test ECG, dim]` and, by task, the labels
   */
  async testFeatures(method: Method, { seed = this.profile.seeds[0] }: { seed?: number } = {}) {
    const features = await this.#keptFeatures(this.#specOf(method, seed));
    return { features: features.test, labels: labelsOf(this.store, this.cohort.test) };
  }

  /** Table 1: the random, CL, GL and HL encoders, each with a weak and a tuned linear probe. */
  async linearProbing(): Promise<LinearProbing> {
    const models: ProbedModel[] = [];
    let seconds = 0;
    for (const seed of this.profile.seeds) {
      for (const spec of encodersOf(this.profile, seed)) {
        const { run: trained } = await this.#encoder(spec);
        const features = await this.#features(spec);
        seconds += (trained?.seconds ?? 0) + features.seconds;
        for (const probe of ['weak', 'tuned'] as const) {
          const run = await this.#probe(spec, features, probe);
          seconds += run.seconds;
          models.push(await probedModel(spec, probe, run));
        }
      }
    }
    const published = readPublishedTables(join(this.#folder, 'paper-tables', 'published'));
    const report = table1Report(models, { ...this.profile.bootstrap, published });
    const provenance = this.#provenance(seconds);
    const { name } = this.profile;
    const [tables, figures] = [join(this.#folder, 'paper-tables', name), join(this.#folder, 'figures', name)];
    return { models, ...report, provenance, write: () => writeTable1(report, { tables, figures, provenance }) };
  }

  /** Closes the store's files. */
  close(): void {
    this.store.close();
  }

  #specOf(method: Method, seed: number): EncoderSpec {
    if (!this.profile.seeds.includes(seed)) {
      throw new ArgumentError('seed', { expected: `one of ${this.profile.seeds.join(', ')}`, actual: String(seed) });
    }
    const specs = encodersOf(this.profile, seed).filter((spec) => spec.method === method);
    return specs[specs.length - 1]; // of several random encoders the one with HL's architecture
  }

  async #encoder(spec: EncoderSpec): Promise<PretrainedModel> {
    const { method } = spec;
    const { methods, ...recipe } = this.profile.pretraining;
    if (method === 'random') return new PretrainedModel(spec, recipe);
    const { epochs, learningRate, architecture } = methods[method];
    const run = await this.#runs.compute(
      pretrainingRun(this.#basis, { ...spec, method }),
      (folder) =>
        pretrain(storeSource(this.store, this.cohort.pretrain), {
          ...recipe,
          method,
          architecture,
          epochs,
          learningRate,
          seed: spec.seed,
          folder,
          task: `pretrain ${encoderTitle(spec)}`,
          onProgress: this.#options.onProgress,
          signal: this.#options.signal,
        }),
      { engine: this.#engineName() },
    );
    return new PretrainedModel({ ...spec, run }, recipe);
  }

  async #features(spec: EncoderSpec): Promise<Run> {
    return this.#runs.compute(
      featuresRun(this.#basis, spec),
      async (folder) => {
        const encoder = (await this.#encoder(spec)).encoder();
        const rows = Int32Array.from(LABELLED_SPLITS.flatMap((split) => Array.from(this.cohort[split])));
        const task = `features of ${encoderTitle(spec)}`;
        const onBatch = trackProgress({ task, total: rows.length, unit: 'ECGs' }, this.#options);
        const { signal } = this.#options;
        const { values, columns } = await extractFeatures(encoder, { source: this.store, rows }, { signal, onBatch });
        encoder.dispose();
        writeNpy(join(folder, FEATURES_FILE), values, { shape: [rows.length, columns] });
      },
      { engine: this.#engineName() },
    );
  }

  async #keptFeatures(spec: EncoderSpec) {
    const file = join((await this.#features(spec)).folder, FEATURES_FILE);
    const kept: NpyFile = readNpy(file);
    return splitFeatures(kept, this.cohort, file);
  }

  async #probe(spec: EncoderSpec, features: Run, probe: ProbeName): Promise<Run> {
    const { store, cohort } = this;
    const { seed } = spec;
    this.#options.signal?.throwIfAborted();
    const report = trackProgress(
      { task: `${probe} probe on ${encoderTitle(spec)}`, total: 1, unit: 'probes' },
      this.#options,
    );
    const run = await this.#runs.compute(
      probeRun(this.#basis, spec, probe),
      async (folder) => {
        report(0);
        await runProbe(join(features.folder, FEATURES_FILE), { store, cohort, probe, seed, folder });
        report(1);
      },
      { engine: this.#engineName() },
    );
    return run;
  }

  #engineName(): string {
    return `${this.engine.backend} ${this.engine.version}`;
  }

  #provenance(durationS: number): Provenance {
    const { name, data, seeds } = this.profile;
    const tested = `${this.cohort.test.length.toLocaleString('en-US')} test ECGs`;
    return {
      profile: name,
      data: `${data.dataset === 'synthetic' ? 'synthetic cohort' : 'PTB-XL'} fold ${data.test.folds.join(', ')}, ${tested}`,
      synthetic: data.dataset === 'synthetic',
      seeds,
      engine: this.#engineName(),
      durationS: Math.round(durationS),
    };
  }
}

async function probedModel(spec: EncoderSpec, probe: ProbeName, run: Run): Promise<ProbedModel> {
  const { patchSize, blockDepth, embeddingSize } = spec.architecture;
  return {
    model: modelNameOf(spec.method),
    method: spec.method,
    patchSize,
    blockDepth,
    embeddingSize,
    seed: spec.seed,
    run: run.name,
    probe,
    predictions: await readPredictions(run.folder),
  };
}

/**
 * Opens a study on one profile: its settings checked, its ECGs found (the synthetic cohort is made), an engine chosen.
 *
 * @throws ArgumentError when the profile does not exist or has a setting that it should not
 * @throws MissingFileError when the profile's ECGs are not standardised yet, with the command that does it
 */
export async function openStudy(options: StudyOptions): Promise<Study> {
  const profile = readProfile(options.profile);
  const folder = options.folder ?? findCheckout(process.cwd());
  const engine = await useEngine();
  const store = await openStudyStore(options.dataFolder ?? join(folder, 'data'), profile, options);
  return new Study({ profile, store, engine, folder, options });
}
