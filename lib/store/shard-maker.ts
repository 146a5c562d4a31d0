import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Dataset, DatasetRow } from '../datasets/dataset';
import type { EcgRecord } from '../datasets/ecg-record';
import { KitError, MissingFileError, printable, UnusableSignalError } from '../errors';
import { isOfTheMachine } from '../io/machine-error';
import { writeFileWholeAsync } from '../io/whole-file';
import { countInvalid } from '../signal/fill-invalid';
import { LEADS, leadPositions, SAMPLES } from '../signal/leads';
import { type Rejection, type RejectionReason, rejection } from '../signal/quality';
import { type Standardiser, standardiser } from '../signal/standardise';
import { contentHash } from './content-hash';
import { shardLayout } from './manifest';
import { type KeptRecords, type RejectedRecord, type ShardNote, shardName, writeShardNote } from './shard-note';
import { type StorePlan, shardRows } from './store-plan';
import { lossOnStoring, STORED_TYPES, toMicrovolts } from './stored-type';

const SIZE = LEADS.length * SAMPLES;

/** What `ShardMaker.make` tells on the way. */
export interface ShardProgress {
  /** Called after every record: how many of the shard are done, and rejected. */
  onRecord?(done: number, rejected: number): void;
  /** Called before every record; an error that it throws stops the shard. */
  check?(): void;
}

/**
 * Makes the shards of one store, one at a time and in any order; the bytes of each depend on nothing but its rows.
 *
 * While one shard is written, the next is made, so that the processor need not wait for the disk.
 */
export class ShardMaker {
  private readonly standardise: Standardiser;
  private readonly ecg = new Float32Array(SIZE);
  /** The shard in the making, as it will lie on disk. */
  private values: ArrayBuffer;
  /** The shard before it, being written; then the place of the next. */
  private spare: ArrayBuffer | undefined;
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly dataset: Dataset,
    private readonly plan: StorePlan,
  ) {
    const { bandPass, zScore } = plan.standardise;
    this.standardise = standardiser({ bandPass: bandPass ?? undefined, zScore });
    this.values = this.room();
  }

  /**
   * Reads, checks and standardises the rows of a shard, and begins to write it and then its note.
   *
   * Resolves when the next shard may be made: this one is being written, the one before it is on disk.
   *
   * @throws StorageError when the disk was full for the shard before; what `progress.check` throws
   */
  async make(shard: number, progress: ShardProgress = {}): Promise<void> {
    const { rows } = this.dataset;
    const { start, end } = shardRows(shard, this.plan.recordsPerShard, rows.length);
    const kept: KeptRecords = {
      position: [],
      fsHz: [],
      samples: [],
      content: [],
      saturated: [],
      bridged: [],
      unverified: [],
    };
    const rejected: RejectedRecord[] = [];
    for (let position = start; position < end; position++) {
      progress.check?.();
      const found = this.read(rows[position]);
      const reason = 'reason' in found ? found : this.store(found, kept);
      if (reason === undefined) kept.position.push(position);
      else rejected.push({ position, ...reason });
      progress.onRecord?.(position + 1 - start, rejected.length);
      if (position % 32 === 31) await setImmediate(); // lets signals, timers and messages in
    }
    await this.written;
    this.written = this.write(shard, { kept, rejected }, this.values);
    this.written.catch(() => {}); // told by the next shard, or by `flush`
    [this.values, this.spare] = [this.spare ?? this.room(), this.values];
  }

  /**
   * Waits until every shard that was made so far is on disk.
   *
   * @throws StorageError when the disk was full for the last
   */
  async flush(): Promise<void> {
    await this.written;
  }

  /** Room for the values of a shard. */
  private room(): ArrayBuffer {
    const records = Math.min(this.plan.recordsPerShard, this.dataset.rows.length);
    return new ArrayBuffer(records * SIZE * STORED_TYPES[this.plan.type].bytes);
  }

  private read(row: DatasetRow): EcgRecord | Rejection {
    let record: EcgRecord;
    try {
      record = this.dataset.read(row);
    } catch (fault) {
      if (!(fault instanceof KitError) || isOfTheMachine(fault)) throw fault;
      return { reason: reasonOf(fault), detail: fault.message.replaceAll(`${printable(this.dataset.folder)}/`, '') };
    }
    return rejection(record, this.plan.quality) ?? record;
  }

  /** Standardises a record into the next place of the shard, unless it would be lost there. */
  private store(record: EcgRecord, kept: KeptRecords): Rejection | undefined {
    const { type, quality } = this.plan;
    const { bytes } = STORED_TYPES[type];
    const offset = kept.position.length * SIZE * bytes;
    const finite = quality.maxInvalidFraction === 0; // others were rejected
    const out = type === 'float32' ? new Float32Array(this.values, offset, SIZE) : this.ecg;
    const ecg = this.standardise(record, { out, finite });
    const loss = lossOnStoring(record, ecg, { type, quality, zScore: this.plan.standardise.zScore });
    if (loss !== undefined) return loss;
    const saturated = type === 'float32' ? 0 : toMicrovolts(ecg, new Int16Array(this.values, offset, SIZE));
    kept.fsHz.push(record.fsHz);
    kept.samples.push(record.samples);
    kept.content.push(contentHash(new Int32Array(this.values, offset, (SIZE * bytes) / 4)));
    kept.saturated.push(saturated);
    kept.bridged.push(finite ? 0 : invalidSamples(record));
    kept.unverified.push(record.unverified ? 1 : 0);
    return undefined;
  }

  private async write(
    shard: number,
    { kept, rejected }: Pick<ShardNote, 'kept' | 'rejected'>,
    values: ArrayBuffer,
  ): Promise<void> {
    const sha256 = await this.writeValues(shard, values, kept.position.length);
    await writeShardNote(this.folder, shard, { source: this.plan.source, sha256, kept, rejected });
  }

  /** Writes the shard itself; gives its SHA-256. */
  private async writeValues(shard: number, values: ArrayBuffer, records: number): Promise<string> {
    const path = join(this.folder, `${shardName(shard)}.npy`);
    if (records === 0) {
      rmSync(path, { force: true }); // of an earlier store
      return '';
    }
    const { header, recordBytes } = shardLayout(
      { leads: LEADS, samples: SAMPLES, type: STORED_TYPES[this.plan.type].npy },
      records,
    );
    const bytes = new Uint8Array(values, 0, records * recordBytes);
    await writeFileWholeAsync(path, header, bytes);
    return createHash('sha256').update(header).update(bytes).digest('hex');
  }
}

/** Of the twelve leads. */
function invalidSamples({ leads, signal, samples }: EcgRecord): number {
  const of = (position: number) => countInvalid(signal.subarray(position * samples, (position + 1) * samples));
  return leadPositions(leads).reduce((sum, position) => sum + of(position), 0);
}

function reasonOf(fault: KitError): RejectionReason {
  if (fault instanceof UnusableSignalError) return fault.reason;
  return fault instanceof MissingFileError ? 'missing-file' : 'unreadable';
}
