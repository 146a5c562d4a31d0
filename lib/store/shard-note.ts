import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../errors';
import { hashFile } from '../io/hash-file';
import { writeFileWholeAsync } from '../io/whole-file';
import type { Rejection } from '../signal/quality';

/**
 * What is known of a finished shard while its store is still being written: a killed run goes on with those that have none.
 *
 * Kept beside the shard as `shard-NNNNN.json` until the manifest is there. A shard whose records were all rejected has a
 * note and no `.npy`.
 */
export interface ShardNote {
  /** The manifest's `source`: a shard of other rows or options is made again. */
  readonly source: string;
  /** SHA-256 of the shard; empty where no record was kept. */
  readonly sha256: string;
  /** The records in it, in order: a column a property. */
  readonly kept: KeptRecords;
  readonly rejected: readonly RejectedRecord[];
}

/** The records of a shard. */
export interface KeptRecords {
  /** Position of each in the dataset's rows. */
  readonly position: number[];
  /** Original sampling rate, Hz. */
  readonly fsHz: number[];
  /** Original samples a lead. */
  readonly samples: number[];
  /** `contentHash` of what is stored. */
  readonly content: string[];
  /** Values that did not fit into int16 microvolts. */
  readonly saturated: number[];
  /** Invalid samples, as published, that were bridged. */
  readonly bridged: number[];
  /** 1 for a record that could not be verified, for its header has placeholders; else 0. */
  readonly unverified: number[];
}

/** A record that could not be used. */
export interface RejectedRecord extends Rejection {
  /** Position in the dataset's rows. */
  readonly position: number;
}

/** Name of shard number `shard`, without an extension. */
export function shardName(shard: number): string {
  return `shard-${String(shard).padStart(5, '0')}`;
}

/** Writes the note of a shard that is on disk, with its own SHA-256: it decides which ECG is whose. */
export async function writeShardNote(folder: string, shard: number, note: ShardNote): Promise<void> {
  const text = JSON.stringify({ note, sha256: sha256(note) });
  await writeFileWholeAsync(join(folder, `${shardName(shard)}.json`), Buffer.from(text));
}

/**
 * The note of a shard that was made or found by this call.
 *
 * @throws FormatError when it is damaged
 */
export function readShardNote(folder: string, shard: number): ShardNote {
  const file = join(folder, `${shardName(shard)}.json`);
  const read = JSON.parse(readFileSync(file, 'utf8')) as { note: ShardNote; sha256: string };
  const actual = sha256(read.note);
  if (actual === read.sha256) return read.note;
  throw new FormatError('note of a shard', { expected: `SHA-256 ${read.sha256}`, actual, where: { file } });
}

function sha256(note: ShardNote): string {
  return createHash('sha256').update(JSON.stringify(note)).digest('hex');
}

/** The note of a shard that is there, whole, and of this source; undefined where the shard must be made. */
export async function findShardNote(folder: string, shard: number, source: string): Promise<ShardNote | undefined> {
  try {
    const note = readShardNote(folder, shard);
    if (note.source !== source) return undefined;
    if (note.kept.position.length === 0) return note;
    return (await hashFile(join(folder, `${shardName(shard)}.npy`))) === note.sha256 ? note : undefined;
  } catch {
    return undefined; // missing or damaged: make it again
  }
}
