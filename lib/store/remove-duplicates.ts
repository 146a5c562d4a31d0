import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset';
import { FormatError } from '../errors';
import { writeFileWholeAsync } from '../io/whole-file';
import { LEADS, SAMPLES } from '../signal/leads';
import { findDuplicates } from './find-duplicates';
import type { KeptColumns } from './kept-columns';
import { shardLayout } from './manifest';
import { type KeptRecords, readShardNote, shardName, writeShardNote } from './shard-note';
import { STORED_TYPES, type StoredType } from './stored-type';

/**
 * Takes out of the shards every record that is stored as the same bytes as one before it in the dataset, and notes it as
 * rejected. Only shards that hold such records are written again.
 *
 * The standardised values are compared, not the publisher's: two records are the same when a model would see the same.
 *
 * @returns how many were taken out; `kept` is out of date when there were any
 */
export async function removeDuplicates(
  folder: string,
  kept: KeptColumns,
  { dataset, type }: { readonly dataset: Dataset; readonly type: StoredType },
): Promise<number> {
  const layout = (records: number) =>
    shardLayout({ leads: LEADS, samples: SAMPLES, type: STORED_TYPES[type].npy }, records);
  const counts = new Map<number, number>(); // records of the shards that were looked into
  const stored = (i: number): Buffer => {
    const shard = kept.shard[i];
    let records = counts.get(shard);
    if (records === undefined) {
      records = readShardNote(folder, shard).kept.position.length;
      counts.set(shard, records);
    }
    const { header, recordBytes } = layout(records);
    return readAt(join(folder, `${shardName(shard)}.npy`), header.length + kept.row[i] * recordBytes, recordBytes);
  };
  const { length, hashes } = kept;
  const duplicates = findDuplicates({ length, hashes, same: (a, b) => stored(a).equals(stored(b)) });
  const byShard = new Map<number, Map<number, string>>(); // shard -> row -> record that it equals
  for (const [later, first] of duplicates) {
    const rows = byShard.get(kept.shard[later]) ?? new Map<number, string>();
    rows.set(kept.row[later], dataset.rows[kept.position[first]].recordId);
    byShard.set(kept.shard[later], rows);
  }
  for (const [shard, rows] of byShard) await rewrite(folder, shard, { rows, layout });
  return duplicates.size;
}

type Layout = (records: number) => { readonly header: Buffer; readonly recordBytes: number };

/** Writes a shard again without some of its rows, and its note. */
async function rewrite(
  folder: string,
  shard: number,
  { rows, layout }: { readonly rows: ReadonlyMap<number, string>; readonly layout: Layout },
): Promise<void> {
  const path = join(folder, `${shardName(shard)}.npy`);
  const note = readShardNote(folder, shard);
  const before = note.kept.position.length;
  const left = Array.from({ length: before }, (_, row) => row).filter((row) => !rows.has(row));
  const of = <T>(column: readonly T[]) => left.map((row) => column[row]);
  const kept: KeptRecords = {
    position: of(note.kept.position),
    fsHz: of(note.kept.fsHz),
    samples: of(note.kept.samples),
    content: of(note.kept.content),
    saturated: of(note.kept.saturated),
    bridged: of(note.kept.bridged),
    unverified: of(note.kept.unverified),
  };
  const rejected = [
    ...note.rejected,
    ...Array.from(rows, ([row, first]) => ({
      position: note.kept.position[row],
      reason: 'duplicate' as const,
      detail: `the same signal as record ${first}`,
    })),
  ].sort((a, b) => a.position - b.position);
  let sha256 = '';
  if (left.length === 0) rmSync(path, { force: true });
  else {
    const whole = readFileSync(path);
    const { header: old, recordBytes } = layout(before);
    const body = whole.subarray(old.length);
    for (const [i, row] of left.entries()) body.copyWithin(i * recordBytes, row * recordBytes, (row + 1) * recordBytes);
    const { header } = layout(left.length);
    const bytes = body.subarray(0, left.length * recordBytes);
    await writeFileWholeAsync(path, header, bytes);
    sha256 = createHash('sha256').update(header).update(bytes).digest('hex');
  }
  await writeShardNote(folder, shard, { ...note, sha256, kept, rejected });
}

function readAt(path: string, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const descriptor = openSync(path, 'r');
  try {
    const read = readSync(descriptor, bytes, 0, length, offset);
    if (read === length) return bytes;
    const actual = `${offset + read}: cut short`;
    throw new FormatError('bytes', { expected: `at least ${offset + length}`, actual, where: { file: path } });
  } finally {
    closeSync(descriptor);
  }
}
