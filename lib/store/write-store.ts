import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Dataset } from '../datasets/dataset';
import { ArgumentError, KitError } from '../errors';
import { lockFolder } from '../io/folder-lock';
import { DEFAULT_QUALITY, type QualityOptions } from '../signal/quality';
import { MANIFEST_FILE, STORE_VERSION, type StoreManifest } from './manifest';
import { openStore } from './open-store';
import { StoreBuild } from './store-build';

/** Options of `writeStore`. */
export interface WriteStoreOptions {
  /** Records a shard, >= 1; default 500 (60 MB). */
  readonly recordsPerShard?: number;
  /** Thresholds that decide which records are rejected. */
  readonly quality?: QualityOptions;
  /** Called after every record. */
  readonly onProgress?: (progress: StoreProgress) => void;
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
}

/**
 * Standardises a dataset into a store: shards of float32 [record, lead = 12, sample = 2500] in mV, an index, the
 * rejected records, and last a manifest.
 *
 * A killed call is taken up after its last finished shard and ends with the same bytes; without its manifest a folder
 * is no store. Memory does not grow with the number of records, but for the index's row of each.
 *
 * @param folder where the store goes; shards of another store there are replaced
 * @param dataset the opened dataset
 * @throws StorageError when the disk is full or another process writes there; the signal's reason when it was aborted
 */
export async function writeStore(
  folder: string,
  dataset: Dataset,
  options: WriteStoreOptions = {},
): Promise<WrittenStore> {
  const { recordsPerShard = 500, onProgress, signal } = options;
  if (!(Number.isInteger(recordsPerShard) && recordsPerShard >= 1)) {
    const expected = 'a whole number >= 1';
    throw new ArgumentError('recordsPerShard', { expected, actual: String(recordsPerShard) });
  }
  const quality = { ...DEFAULT_QUALITY, ...options.quality };
  const source = sourceHash(dataset, recordsPerShard, quality);
  const unlock = lockFolder(folder);
  try {
    const present = await wholeStore(folder, source);
    if (present !== undefined) return { manifest: present, existed: true };
    rmSync(join(folder, MANIFEST_FILE), { force: true });
    const build = new StoreBuild(folder, dataset, recordsPerShard, quality, source);
    const resumed = build.resume();
    while (build.position < dataset.rows.length) {
      signal?.throwIfAborted();
      build.add(dataset.rows[build.position]);
      onProgress?.({ done: build.position, total: dataset.rows.length, rejected: build.rejected.length, resumed });
      if (build.position % 64 === 0) await setImmediate(); // lets signals and timers in
    }
    const manifest = await build.finish();
    return { manifest, existed: false };
  } finally {
    unlock();
  }
}

function sourceHash(dataset: Dataset, recordsPerShard: number, quality: Required<QualityOptions>): string {
  const hash = createHash('sha256');
  const { name, choices } = dataset;
  hash.update(JSON.stringify({ version: STORE_VERSION, name, choices, recordsPerShard, quality }));
  for (const { recordId, patientId, stratFold, file, superclasses } of dataset.rows) {
    hash.update(JSON.stringify([recordId, patientId, stratFold, file, superclasses]));
  }
  return hash.digest('hex');
}

/** The manifest of a store of this source that can be opened; undefined where it must be made. */
async function wholeStore(folder: string, source: string): Promise<StoreManifest | undefined> {
  try {
    const store = await openStore(folder);
    store.close();
    return store.manifest.source === source ? store.manifest : undefined;
  } catch (fault) {
    if (fault instanceof KitError) return undefined;
    throw fault;
  }
}
