import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset, DatasetRow } from '../datasets/dataset';
import type { EcgRecord } from '../datasets/ecg-record';
import { SUPERCLASSES } from '../datasets/superclass';
import { KitError } from '../errors';
import { writeCsv } from '../io/csv';
import { type ParquetColumn, writeParquet } from '../io/parquet';
import { writeFileWhole } from '../io/whole-file';
import { FS_HZ, LEADS, SAMPLES } from '../signal/leads';
import { type QualityOptions, type RejectionReason, rejection } from '../signal/quality';
import { standardiser } from '../signal/standardise';
import { MANIFEST_FILE, manifestHash, STORE_VERSION, type StoreManifest, shardLayout } from './manifest';
import { type KeptRecord, type RejectedRecord, readShardNote, shardName, writeShardNote } from './shard-note';

const REJECTED_COLUMNS = ['record_id', 'patient_id', 'file', 'reason', 'detail'] as const;

/** A store in the making. */
export class StoreBuild {
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
