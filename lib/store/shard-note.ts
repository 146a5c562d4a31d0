import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../io/whole-file';
import type { Rejection } from '../signal/quality';

/**
 * What is known of a finished shard while its store is still being written: a killed run goes on after the last one.
 *
 * Kept beside the shard as `shard-NNNNN.json` until the manifest is there.
 */
export interface ShardNote {
  /** The manifest's `source`: a shard of other rows or options is made again. */
  readonly source: string;
  /** SHA-256 of the shard. */
  readonly sha256: string;
  /** Position in the dataset's rows after the last one that the shard consumed. */
  readonly end: number;
  readonly kept: readonly KeptRecord[];
  readonly rejected: readonly RejectedRecord[];
}

/** A record in a shard. */
export interface KeptRecord {
  /** Position in the dataset's rows. */
  readonly position: number;
  /** Original sampling rate, Hz. */
  readonly fsHz: number;
  /** Original samples a lead. */
  readonly samples: number;
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

/** Writes the note of a shard that is on disk. */
export function writeShardNote(folder: string, shard: number, note: ShardNote): void {
  writeFileWhole(join(folder, `${shardName(shard)}.json`), JSON.stringify(note));
}

/** The note of a shard that is there, whole, and of this source; undefined where the shard must be made. */
export function readShardNote(folder: string, shard: number, source: string): ShardNote | undefined {
  try {
    const note = JSON.parse(readFileSync(join(folder, `${shardName(shard)}.json`), 'utf8')) as ShardNote;
    if (note.source !== source) return undefined;
    const bytes = readFileSync(join(folder, `${shardName(shard)}.npy`));
    return createHash('sha256').update(bytes).digest('hex') === note.sha256 ? note : undefined;
  } catch {
    return undefined; // missing or damaged: make it again
  }
}
