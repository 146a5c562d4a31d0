import { join } from 'node:path';
import type { Engine } from '../engine/use-engine';
import type { OnProgress } from '../progress';
import type { Provenance } from '../report/provenance';
import { type PublishedTables, readPublishedTables } from '../report/published-tables';
import type { EcgStore } from '../store/open-store';
import { verifyShards } from '../store/verify-shards';
import { hashOf } from './canonical-json';
import { type Cohort, selectCohort, subsetName } from './cohort';
import type { StudyBasis } from './encoder-jobs';
import { checkOutputs, type Outputs, outputsOf } from './outputs';
import type { StudyStores } from './pretraining-source';
import type { Profile } from './profile-schema';
import { type Run, type RunSpec, RunStore } from './run-store';

/** Who watches a computation, and who may stop it. */
export interface Watch {
  /** Told of every step of whatever is computed. */
  readonly onProgress?: OnProgress;
  /** Stops what is being computed after the step under way; the next call goes on from there. */
  readonly signal?: AbortSignal;
}

/** What a context is made of. */
interface ContextParts {
  readonly profile: Profile;
  readonly stores: StudyStores;
  readonly engine: Engine;
  readonly folder: string;
  readonly dataFolder: string;
  readonly runsFolder: string;
  readonly watch: Watch;
}

/** What every table of a study is made from: its profile, its ECGs, its runs. */
export class StudyContext {
  readonly profile: Profile;
  readonly store: EcgStore;
  /** Stores of the other datasets that are pretrained on, by name. */
  readonly others: ReadonlyMap<string, EcgStore>;
  readonly cohort: Cohort;
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly basis: StudyBasis;
  readonly watch: Watch;
  /** Holds `raw/` and `standardised/`. */
  readonly dataFolder: string;
  readonly #folder: string;
  readonly #parts: ContextParts;

  constructor(parts: ContextParts) {
    const { profile, engine } = parts;
    const { store, others } = parts.stores;
    this.profile = profile;
    this.store = store;
    this.others = others;
    this.engine = engine;
    this.cohort = selectCohort(store, profile);
    this.runs = new RunStore(parts.runsFolder);
    this.basis = { profile, data: store.manifest.hash, others: manifestsOf(others), backend: engine.backend };
    this.watch = parts.watch;
    this.dataFolder = parts.dataFolder;
    this.#folder = parts.folder;
    this.#parts = parts;
  }

  /**
   * The same on the same ECGs with another profile.
   *
   * @param words added to the progress, in brackets: the profile's own jobs may have the same names
   */
  withProfile(profile: Profile, words: string): StudyContext {
    const { onProgress, signal } = this.watch;
    const named: OnProgress = (progress) => onProgress?.({ ...progress, task: `${progress.task} (${words})` });
    return new StudyContext({ ...this.#parts, profile, watch: { onProgress: named, signal } });
  }

  /** The run of these settings: found, or computed now, on stores whose shards are those of their manifests. */
  async compute(spec: RunSpec, work: (folder: string) => Promise<void>): Promise<Run> {
    this.watch.signal?.throwIfAborted();
    if (this.runs.stateOf(spec) !== 'finished') await this.verifyStores();
    return this.runs.compute(spec, work, { engine: this.engineName });
  }

  /** Compares the shards of all stores with their manifests, where that has not been done (`verifyShards`). */
  async verifyStores(): Promise<void> {
    for (const store of [this.store, ...this.others.values()]) await verifyShards(store, this.watch);
  }

  /** Backend, version and what else decides the last digits: a GPU, or plain ops in place of the kit's kernels. */
  get engineName(): string {
    const { backend, version, device, plainOps } = this.engine;
    return `${backend} ${version}${device === 'gpu' ? ' on a GPU' : ''}${plainOps === undefined ? '' : ' in plain ops'}`;
  }

  get published(): PublishedTables {
    return readPublishedTables(this.publishedFolder);
  }

  /** Where the paper's tables lie. */
  get publishedFolder(): string {
    return join(this.#folder, 'paper-tables', 'published');
  }

  /**
   * Where this profile's tables and figures go.
   *
   * @throws ArgumentError when other files are there
   */
  get outputs(): Outputs {
    const outputs = outputsOf(this.#folder, this.profile);
    checkOutputs(outputs, this.profile.name);
    return outputs;
  }

  /** Where figures made of these runs come from. */
  provenance(runs: readonly Run[]): Provenance {
    const { name, data, seeds } = this.profile;
    const tested = `${this.cohort.test.length.toLocaleString('en-US')} test ECGs`;
    const distinct = new Map(runs.map((run) => [run.name, run.seconds]));
    return {
      profile: name,
      settings: hashOf(this.profile),
      data: `${DATASET_TITLE[data.dataset]}${choicesOf(this.store)}, ${subsetName(data.test)}, ${tested}`,
      synthetic: data.dataset === 'synthetic',
      seeds,
      engine: [...new Set(runs.map(({ engine }) => engine))].sort().join(', ') || this.engineName,
      dataManifest: this.basis.data,
      otherManifests: this.basis.others,
      durationS: Math.round([...distinct.values()].reduce((sum, seconds) => sum + seconds, 0)),
    };
  }
}

const DATASET_TITLE: Readonly<Record<Profile['data']['dataset'], string>> = {
  synthetic: 'synthetic cohort',
  'ptb-xl': 'PTB-XL',
  'wfdb-folder': 'ECGs of one’s own',
};

/** What was chosen in standardising, in brackets: ` (rate 100, z-score)`; nothing where nothing was. */
function choicesOf({ manifest: { choices, standardise } }: EcgStore): string {
  const { bandPass, zScore } = standardise;
  const words = [
    ...Object.entries(choices).map(([key, value]) => `${key} ${value}`),
    ...(bandPass === null ? [] : [`band-pass ${bandPass.lowHz}-${bandPass.highHz} Hz`]),
    ...(zScore ? ['z-score'] : []),
  ];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function manifestsOf(others: ReadonlyMap<string, EcgStore>): Record<string, string> | undefined {
  if (others.size === 0) return undefined;
  return Object.fromEntries([...others].map(([name, { manifest }]) => [name, manifest.hash]));
}
