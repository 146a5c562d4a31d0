import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset';
import { ArgumentError, KitError, MissingFileError } from '../errors';
import { lockFolder } from '../io/folder-lock';
import { isBegun, releaseEmptyFolder, releaseFolder } from '../io/own-folder';
import { type BandPassOptions, butterworthBandPass } from '../signal/butterworth';
import { FS_HZ } from '../signal/leads';
import type { QualityOptions } from '../signal/quality';
import { qualityThresholds } from '../signal/quality-thresholds';
import type { WorkerError } from '../worker-error';
import { finishStore } from './finish-store';
import { MANIFEST_FILE, type StoreManifest } from './manifest';
import { openStore } from './open-store';
import { ShardMaker } from './shard-maker';
import { findShardNote } from './shard-note';
import { claimStoreFolder, removeLeftovers, VERIFIED_FILE } from './store-folder';
import { type StorePlan, shardRows, sourceHash } from './store-plan';
import { STORED_TYPES, type StoredType } from './stored-type';
import type { DatasetOpener } from './worker-messages';
import { makeShards, othersGone } from './worker-pool';

/** Options of `writeStore`. Those up to `quality` decide the bytes, the others do not. */
export interface WriteStoreOptions {
  /** Rows of the dataset that a shard is made from, >= 1, and so its most records; default 500 (60 MB). */
  readonly recordsPerShard?: number;
  /**
   * How values are stored: `float32` mV, or `int16` whole microvolts (`toMicrovolts`: to the nearest, halves to even, within
   * +-32.767 mV), half the size; default float32. An ECG that the type would destroy is rejected (`lossOnStoring`).
   */
  readonly type?: StoredType;
  /** Lets only a band through (`standardise`); default no filter. */
  readonly bandPass?: BandPassOptions;
  /** Shifts and scales each record to mean 0 and standard deviation 1 (`standardise`); default false. */
  readonly zScore?: boolean;
  /** Thresholds that decide which records are rejected. */
  readonly quality?: QualityOptions;
  /** Processes that make shards, >= 1; default 1: this one. The bytes are the same whatever their number. */
  readonly workers?: number;
  /** How a worker process opens the dataset; default the kit's format of the dataset's name, with its choices as options. */
  readonly opener?: DatasetOpener;
  /**
   * Makes the store again where it is there already, or begun: rows and options tell one store from another, and whether
   * the files of the records have changed since is not looked at. Replaces the store of another dataset too. Default false.
   */
  readonly anew?: boolean;
  /** Called after every record; with several processes, after every few. */
  readonly onProgress?: (progress: StoreProgress) => void;
  /** Called when a worker process died; its shard is made again. A shard that kills two ends the call. */
  readonly onWorkerDeath?: (fault: WorkerError) => void;
  /** Stops after the record at hand; what is finished is taken up by the next call. */
  readonly signal?: AbortSignal;
}

/** How far a store is. */
export interface StoreProgress {
  readonly done: number;
  readonly total: number;
  readonly rejected: number;
  /** Records that an earlier, interrupted call had finished. */
  readonly resumed: number;
}

/** What `writeStore` has made. */
export interface WrittenStore {
  readonly manifest: StoreManifest;
  /** True when the store was there already and nothing had to be done. */
  readonly existed: boolean;
  /** Why the store that was there could not stay, in words; undefined where there was none. */
  readonly replaced: string | undefined;
}

/**
 * Standardises a dataset into a store: shards [record, lead = 12, sample = 2500], an index, the rejected records, and last a
 * manifest.
 *
 * Records that are stored as the same bytes as one before them in the dataset are rejected as `duplicate`, last of all.
 * A killed call is taken up by its finished shards and ends with the same bytes; without its manifest a folder is no store.
 * Memory: two shards a process, one being made while the other is written, and some 30 bytes a record, besides the
 * dataset's rows.
 *
 * @param folder where the store goes: empty, or what an earlier call for this dataset has left there
 * @param dataset the opened dataset
 * @throws ArgumentError on an option that cannot be, or a folder that holds anything else; StorageError when the disk is full or another process writes there;
 *   WorkerError when a worker process cannot do its work; the signal's reason when it was aborted
 */
export async function writeStore(
  folder: string,
  dataset: Dataset,
  options: WriteStoreOptions = {},
): Promise<WrittenStore> {
  const { workers = 1, anew = false, onProgress, onWorkerDeath, signal } = options;
  const plan = storePlan(dataset, options);
  requireWhole('workers', workers);
  const unlock = lockFolder(folder);
  try {
    const present = await presentStore(folder, plan.source);
    if (typeof present === 'object' && !anew) {
      if (isBegun(folder)) {
        removeLeftovers(folder, present.shards); // a call was killed at its very end
        releaseFolder(folder);
      }
      return { manifest: present, existed: true, replaced: undefined };
    }
    claimStoreFolder(folder, dataset.name, { anew });
    for (const file of [MANIFEST_FILE, VERIFIED_FILE]) rmSync(join(folder, file), { force: true });
    await othersGone(folder);
    if (anew) removeLeftovers(folder, []);

    const total = dataset.rows.length;
    const shards = Math.ceil(total / plan.recordsPerShard);
    const todo: number[] = [];
    let resumed = 0;
    let rejectedBefore = 0;
    for (let shard = 0; shard < shards; shard++) {
      signal?.throwIfAborted();
      const note = await findShardNote(folder, shard, plan.source);
      if (note === undefined) todo.push(shard);
      else {
        const { start, end } = shardRows(shard, plan.recordsPerShard, total);
        resumed += end - start;
        rejectedBefore += note.rejected.length;
      }
    }
    const tell = (done: number, rejected: number) =>
      onProgress?.({ done: resumed + done, total, rejected: rejectedBefore + rejected, resumed });
    if (workers > 1) {
      dataset.requireRoom?.(Math.min(workers, todo.length));
      await makeShards({
        folder,
        plan,
        opener: options.opener ?? { name: dataset.name, arguments: [dataset.folder, dataset.choices] },
        rows: total,
        shards: todo,
        workers,
        signal,
        onProgress: tell,
        onWorkerDeath: (fault) => onWorkerDeath?.(fault),
      });
    } else {
      await makeShardsHere(new ShardMaker(folder, dataset, plan), todo, { onProgress: tell, signal });
    }
    const manifest = await finishStore(folder, dataset, { plan, shards });
    return { manifest, existed: false, replaced: typeof present === 'object' ? 'as asked for' : present };
  } finally {
    releaseEmptyFolder(folder); // of a call that failed before its first shard
    unlock();
  }
}

/** Makes shards one after the other in this process. */
async function makeShardsHere(
  maker: ShardMaker,
  shards: readonly number[],
  { onProgress, signal }: { onProgress: (done: number, rejected: number) => void; signal?: AbortSignal },
): Promise<void> {
  let [before, rejectedBefore] = [0, 0];
  try {
    for (const shard of shards) {
      let [done, rejected] = [0, 0];
      await maker.make(shard, {
        onRecord(...counts) {
          [done, rejected] = counts;
          onProgress(before + done, rejectedBefore + rejected);
        },
        check: () => signal?.throwIfAborted(),
      });
      before += done;
      rejectedBefore += rejected;
    }
  } finally {
    await maker.flush();
  }
}

/** Checks the options that decide the bytes and names what they are. */
function storePlan(dataset: Dataset, options: WriteStoreOptions): StorePlan {
  const { recordsPerShard = 500, type = 'float32', bandPass, zScore = false } = options;
  requireWhole('recordsPerShard', recordsPerShard);
  if (!Object.hasOwn(STORED_TYPES, type)) {
    const expected = Object.keys(STORED_TYPES).join(' or ');
    throw new ArgumentError('type of a store', { expected, actual: String(type) });
  }
  if (zScore && type === 'int16') {
    const actual = 'int16, which holds microvolts';
    throw new ArgumentError('type of a store of z-scores', { expected: 'float32', actual });
  }
  const standardise = { bandPass: bandPass === undefined ? null : namedBand(bandPass), zScore };
  const quality = qualityThresholds(options.quality);
  const decided = { recordsPerShard, quality, standardise, type };
  return { ...decided, source: sourceHash(dataset, decided) };
}

/** A band with all that decides it, in the order of the manifest. */
function namedBand(options: BandPassOptions): Required<BandPassOptions> {
  butterworthBandPass(options, FS_HZ); // throws on a band that is none
  const { lowHz, highHz, order = 3 } = options;
  return { lowHz, highHz, order };
}

function requireWhole(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ArgumentError(what, { expected: 'a whole number >= 1', actual: String(value) });
}

/** The manifest of a store of this source that can be opened, or why what is there must be made again. */
async function presentStore(folder: string, source: string): Promise<StoreManifest | string | undefined> {
  try {
    const store = await openStore(folder);
    store.close();
    return store.manifest.source === source ? store.manifest : 'made from other rows or options';
  } catch (fault) {
    if (fault instanceof MissingFileError && fault.where.file === join(folder, MANIFEST_FILE)) return undefined;
    if (fault instanceof KitError) return fault.message;
    throw fault;
  }
}
