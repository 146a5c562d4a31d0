import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Dataset, DatasetRow } from '../datasets/dataset';
import type { EcgRecord } from '../datasets/ecg-record';
import { SUPERCLASSES } from '../datasets/superclass';
import { ArgumentError, KitError } from '../errors';
import { writeCsv } from '../io/csv';
import { lockFolder } from '../io/folder-lock';
import { type ParquetColumn, writeParquet } from '../io/parquet';
import { writeFileWhole } from '../io/whole-file';
import { FS_HZ, LEADS, SAMPLES } from '../signal/leads';
import { DEFAULT_QUALITY, type QualityOptions, type RejectionReason, rejection } from '../signal/quality';
import { standardiser } from '../signal/standardise';
import { MANIFEST_FILE, manifestHash, STORE_VERSION, type StoreManifest, shardLayout } from './manifest';
import { openStore } from './open-store';
import { type KeptRecord, type RejectedRecord, readShardNote, shardName, writeShardNote } from './shard-note';

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

/** A store in the making. */
class StoreBuild {
  /** The next of the dataset's rows. */
  position = 0;
  readonly rejected: RejectedRecord[] = [];
  private readonly kept: KeptRecord[] = [];
  private readonly shards: StoreManifest['shards'][number][] = [];
  private readonly values: Float32Array;
  private filled = 0;
  private rejectedInShards = 0;
  private readonly standardise = standardiser();

  constructor(
    private readonly folder: string,
    private readonly dataset: Dataset,
    private readonly recordsPerShard: number,
    private readonly quality: Required<QualityOptions>,
    private readonly source: string,
  ) {
    this.values = new Float32Array(Math.min(recordsPerShard, dataset.rows.length) * LEADS.length * SAMPLES);
  }

  /** Takes over the shards that an interrupted call has finished; returns the rows that they consumed. */
  resume(): number {
    for (;;) {
      const note = readShardNote(this.folder, this.shards.length, this.source);
      if (note === undefined) return this.position;
      this.kept.push(...note.kept);
      this.rejected.push(...note.rejected);
      this.rejectedInShards = this.rejected.length;
      this.shards.push({ file: this.shardFile(), records: note.kept.length, sha256: note.sha256 });
      this.position = note.end;
    }
  }

  add(row: DatasetRow): void {
    const position = this.position++;
    let record: EcgRecord;
    try {
      record = this.dataset.read(row);
    } catch (fault) {
      if (!(fault instanceof KitError)) throw fault;
      this.rejected.push({
        position,
        reason: 'unreadable',
        detail: fault.message.replaceAll(`${this.dataset.folder}/`, ''),
      });
      return;
    }
    const fault = rejection(record, this.quality);
    if (fault !== undefined) {
      this.rejected.push({ position, ...fault });
      return;
    }
    const size = LEADS.length * SAMPLES;
    this.standardise(record, { out: this.values.subarray(this.filled * size, (this.filled + 1) * size) });
    this.kept.push({ position, fsHz: record.fsHz, samples: record.samples });
    this.filled++;
    if (this.filled === this.recordsPerShard) this.writeShard();
  }

  async finish(): Promise<StoreManifest> {
    if (this.filled > 0) this.writeShard();
    await writeParquet(join(this.folder, 'index.parquet'), this.indexColumns());
    writeCsv(join(this.folder, 'rejected.csv'), REJECTED_COLUMNS, this.rejectedRows());
    const counts: Partial<Record<RejectionReason, number>> = {};
    for (const { reason } of this.rejected) counts[reason] = (counts[reason] ?? 0) + 1;
    const unhashed: Omit<StoreManifest, 'hash'> = {
      version: STORE_VERSION,
      dataset: this.dataset.name,
      choices: this.dataset.choices,
      labelled: this.dataset.rows.some((row) => row.superclasses !== undefined),
      leads: [...LEADS],
      samples: SAMPLES,
      fsHz: FS_HZ,
      unit: 'mV',
      type: '<f4',
      recordsPerShard: this.recordsPerShard,
      quality: { ...this.quality },
      records: this.kept.length,
      rejected: counts,
      shards: this.shards,
      index: this.hashed('index.parquet'),
      rejectedRows: this.hashed('rejected.csv'),
      source: this.source,
    };
    const manifest: StoreManifest = { ...unhashed, hash: manifestHash(unhashed) };
    this.removeLeftovers((name) => this.shards.some((shard) => shard.file === name));
    writeFileWhole(join(this.folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    this.removeNotes();
    return manifest;
  }

  private writeShard(): void {
    const shard = this.shards.length;
    const { header, recordBytes } = shardLayout({ leads: [...LEADS], samples: SAMPLES, type: '<f4' }, this.filled);
    const bytes = new Uint8Array(this.values.buffer, 0, this.filled * recordBytes);
    const sha256 = createHash('sha256').update(header).update(bytes).digest('hex');
    writeFileWhole(join(this.folder, this.shardFile()), header, bytes);
    writeShardNote(this.folder, shard, {
      source: this.source,
      sha256,
      end: this.position,
      kept: this.kept.slice(this.kept.length - this.filled),
      rejected: this.rejected.slice(this.rejectedInShards),
    });
    this.shards.push({ file: this.shardFile(), records: this.filled, sha256 });
    this.rejectedInShards = this.rejected.length;
    this.filled = 0;
  }

  private shardFile(): string {
    return `${shardName(this.shards.length)}.npy`;
  }

  private indexColumns(): ParquetColumn[] {
    const { name, rows } = this.dataset;
    const of = <T>(value: (kept: KeptRecord, i: number) => T) => this.kept.map(value);
    const has = (superclass: (typeof SUPERCLASSES)[number]) =>
      of(({ position }) => {
        const { superclasses } = rows[position];
        return superclasses === undefined ? -1 : Number(superclasses.includes(superclass));
      });
    return [
      { name: 'dataset', type: 'STRING', values: of(() => name) },
      { name: 'record_id', type: 'STRING', values: of(({ position }) => rows[position].recordId) },
      { name: 'patient_id', type: 'STRING', values: of(({ position }) => rows[position].patientId) },
      { name: 'shard', type: 'INT32', values: of((_, i) => Math.floor(i / this.recordsPerShard)) },
      { name: 'row', type: 'INT32', values: of((_, i) => i % this.recordsPerShard) },
      { name: 'fs_hz', type: 'DOUBLE', values: of(({ fsHz }) => fsHz) },
      { name: 'samples', type: 'INT32', values: of(({ samples }) => samples) },
      { name: 'strat_fold', type: 'INT32', values: of(({ position }) => rows[position].stratFold) },
      ...SUPERCLASSES.map((superclass) => ({
        name: superclass.toLowerCase(),
        type: 'INT32' as const,
        values: has(superclass),
      })),
    ];
  }

  private rejectedRows() {
    return this.rejected.map(({ position, reason, detail }) => {
      const { recordId, patientId, file } = this.dataset.rows[position];
      return { record_id: recordId, patient_id: patientId, file, reason, detail };
    });
  }

  private hashed(file: string): { file: string; sha256: string } {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(this.folder, file)))
      .digest('hex');
    return { file, sha256 };
  }

  /** Removes shards of an earlier store and temporary files of killed calls. */
  private removeLeftovers(keep: (name: string) => boolean): void {
    for (const name of readdirSync(this.folder)) {
      const left = /^shard-\d+\.npy$/.test(name) || /^(shard-|index\.|rejected\.|manifest\.).*\.part$/.test(name);
      if (left && !keep(name)) rmSync(join(this.folder, name), { force: true });
    }
  }

  private removeNotes(): void {
    for (const name of readdirSync(this.folder)) {
      if (/^shard-\d+\.json$/.test(name)) rmSync(join(this.folder, name), { force: true });
    }
  }
}

const REJECTED_COLUMNS = ['record_id', 'patient_id', 'file', 'reason', 'detail'] as const;

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
