import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Dataset, DatasetRow } from '../datasets/dataset';
import type { EcgRecord } from '../datasets/ecg-record';
import { KitError } from '../errors';
import { writeFileWhole } from '../io/whole-file';
import { LEADS, SAMPLES } from '../signal/leads';
import { type Rejection, rejection } from '../signal/quality';
import { type Standardiser, standardiser } from '../signal/standardise';
import { contentHash } from './content-hash';
import { shardLayout } from './manifest';
import { type KeptRecords, type RejectedRecord, type ShardNote, shardName, writeShardNote } from './shard-note';
import { type StorePlan, shardRows } from './store-plan';
import { STORED_TYPES, toMicrovolts } from './stored-type';

const SIZE = LEADS.length * SAMPLES;

/** What a system answers when it is out of something: the next record would fail as well, however good it is. */
const OUT_OF = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM'];

function isOfTheMachine({ cause }: KitError): boolean {
  return OUT_OF.includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** What `ShardMaker.make` tells on the way. */
export interface ShardProgress {
  /** Called after every record: how many of the shard are done, and rejected. */
  onRecord?(done: number, rejected: number): void;
  /** Called before every record; an error that it throws stops the shard. */
  check?(): void;
}

/** Makes the shards of one store, one at a time and in any order; the bytes of each depend on nothing but its rows. */
export class ShardMaker {
  private readonly standardise: Standardiser;
  private readonly ecg = new Float32Array(SIZE);
  /** The shard in the making, as it lies on disk; used again for the next. */
  private readonly values: ArrayBuffer;

  constructor(
    private readonly folder: string,
    private readonly dataset: Dataset,
    private readonly plan: StorePlan,
  ) {
    const { bandPass, zScore } = plan.standardise;
    this.standardise = standardiser({ bandPass: bandPass ?? undefined, zScore });
    const records = Math.min(plan.recordsPerShard, dataset.rows.length);
    this.values = new ArrayBuffer(records * SIZE * STORED_TYPES[plan.type].bytes);
  }

  /**
   * Reads, checks and standardises the rows of a shard, and writes it and then its note.
   *
   * @throws StorageError when the disk is full; what `progress.check` throws
   */
  async make(shard: number, progress: ShardProgress = {}): Promise<ShardNote> {
    const { rows } = this.dataset;
    const { start, end } = shardRows(shard, this.plan.recordsPerShard, rows.length);
    const kept: KeptRecords = { position: [], fsHz: [], samples: [], content: [], saturated: [] };
    const rejected: RejectedRecord[] = [];
    for (let position = start; position < end; position++) {
      progress.check?.();
      const found = this.read(rows[position]);
      if ('reason' in found) rejected.push({ position, ...found });
      else {
        this.store(found, kept);
        kept.position.push(position);
      }
      progress.onRecord?.(position + 1 - start, rejected.length);
      if (position % 32 === 31) await setImmediate(); // lets signals, timers and messages in
    }
    const sha256 = this.write(shard, kept.position.length);
    const note: ShardNote = { source: this.plan.source, sha256, kept, rejected };
    writeShardNote(this.folder, shard, note);
    return note;
  }

  private read(row: DatasetRow): EcgRecord | Rejection {
    let record: EcgRecord;
    try {
      record = this.dataset.read(row);
    } catch (fault) {
      if (!(fault instanceof KitError) || isOfTheMachine(fault)) throw fault;
      return { reason: 'unreadable', detail: fault.message.replaceAll(`${this.dataset.folder}/`, '') };
    }
    return rejection(record, this.plan.quality) ?? record;
  }

  /** Standardises a record into the next place of the shard. */
  private store(record: EcgRecord, kept: KeptRecords): void {
    const { bytes } = STORED_TYPES[this.plan.type];
    const offset = kept.position.length * SIZE * bytes;
    const finite = this.plan.quality.maxInvalidFraction === 0; // others were rejected
    let saturated = 0;
    if (this.plan.type === 'float32') {
      this.standardise(record, { out: new Float32Array(this.values, offset, SIZE), finite });
    } else {
      const ecg = this.standardise(record, { out: this.ecg, finite });
      saturated = toMicrovolts(ecg, new Int16Array(this.values, offset, SIZE));
    }
    kept.fsHz.push(record.fsHz);
    kept.samples.push(record.samples);
    kept.content.push(contentHash(new Int32Array(this.values, offset, (SIZE * bytes) / 4)));
    kept.saturated.push(saturated);
  }

  private write(shard: number, records: number): string {
    const path = join(this.folder, `${shardName(shard)}.npy`);
    if (records === 0) {
      rmSync(path, { force: true }); // of an earlier store
      return '';
    }
    const { header, recordBytes } = shardLayout(
      { leads: LEADS, samples: SAMPLES, type: STORED_TYPES[this.plan.type].npy },
      records,
    );
    const bytes = new Uint8Array(this.values, 0, records * recordBytes);
    writeFileWhole(path, header, bytes);
    return createHash('sha256').update(header).update(bytes).digest('hex');
  }
}
