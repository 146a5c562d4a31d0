import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SUPERCLASSES, type Superclass } from '../datasets/superclass';
import { ArgumentError, FormatError, MissingFileError } from '../errors';
import { hashFile } from '../io/hash-file';
import { readParquet } from '../io/parquet';
import { readManifest, type StoreManifest, shardLayout } from './manifest';
import { ShardReader } from './shard-reader';

/** Records of a store that were read together. */
export interface StoreBatch {
  readonly rows: ArrayLike<number>;
  /** [row, lead = 12, sample = 2500] */
  readonly ecgs: Float32Array;
}

/** A standardised dataset, opened. */
export interface EcgStore {
  readonly folder: string;
  /** What it holds; `manifest.hash` decides the content. */
  readonly manifest: StoreManifest;
  /** Number of records. */
  readonly length: number;
  /** Publisher's id of each record. */
  readonly recordIds: string[];
  /** Publisher's id of each record's patient. */
  readonly patientIds: string[];
  /** Publisher's fold of each record, 1 to 10; 0 where there is none. */
  readonly stratFold: Int8Array;
  /** Published sampling rate of each record, Hz. */
  readonly fsHz: Float64Array;
  /** Published samples a lead of each record. */
  readonly samples: Int32Array;
  /** 1 where a record has the superclass; all 0 where `manifest.labelled` is false. */
  readonly labels: Record<Superclass, Uint8Array>;
  /**
   * Reads records in the order asked for, from anywhere in the store.
   *
   * @param rows positions, 0 to `length - 1`
   * @param out where they go, mV, at least [rows.length, 12, 2500]; default a new array
   * @returns `out`, or the new array: [row, lead = 12, sample = 2500], mV however they are stored (standard deviations in
   *   a store of z-scores)
   * @throws ArgumentError when a row does not exist or `out` is too small; FormatError when a shard has changed
   */
  read(rows: ArrayLike<number>, out?: Float32Array): Float32Array;
  /**
   * Reads batches in the order asked for; the next are read in the background while the caller works on one.
   *
   * @param batches the rows of each batch
   * @param options.ahead how many batches are read before they are asked for, >= 1; default 1
   * @returns the batches, each in an array of its own: `ecgs` as of `read`
   * @throws as `read`, when the batch at fault is asked for
   */
  batches(
    batches: Iterable<ArrayLike<number>>,
    options?: { readonly ahead?: number },
  ): AsyncGenerator<StoreBatch, void, undefined>;
  /** Closes the shards' files; `read` opens them again. */
  close(): void;
}

/**
 * Opens a standardised store: checks its manifest, its index, and that every shard is there in full length.
 *
 * @param folder the folder that `writeStore` has written
 * @param options.verifyShards compare every shard's SHA-256 too (about 1 s a gigabyte); default false: a training does so
 *   before its first step (`verifyShards`)
 * @throws MissingFileError when the manifest, the index or a shard is missing
 * @throws StaleError when another version of the kit wrote it
 * @throws FormatError when the manifest is damaged, or a file is not the one that the manifest names
 */
export async function openStore(folder: string, options: { readonly verifyShards?: boolean } = {}): Promise<EcgStore> {
  const { verifyShards = false } = options;
  const manifest = readManifest(folder);
  for (const shard of manifest.shards) {
    const path = join(folder, shard.file);
    const { bytes } = shardLayout(manifest, shard.records);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw missing('shard', path);
    if (size !== bytes) {
      throw new FormatError('bytes of the shard', {
        expected: `${bytes} (${shard.records} records)`,
        actual: String(size),
        where: { file: path },
      });
    }
    if (verifyShards) await requireHash(path, shard.sha256);
  }
  await requireHash(join(folder, manifest.rejectedRows.file), manifest.rejectedRows.sha256);
  await requireHash(join(folder, manifest.index.file), manifest.index.sha256);

  const labelColumns = SUPERCLASSES.map((superclass) => superclass.toLowerCase());
  const columns = ['record_id', 'patient_id', 'strat_fold', 'fs_hz', 'samples', ...labelColumns];
  const index = await readParquet(join(folder, manifest.index.file), { columns });
  const length = index.record_id.length;
  if (length !== manifest.records) {
    const where = { file: join(folder, manifest.index.file) };
    throw new FormatError('rows of the index', { expected: String(manifest.records), actual: String(length), where });
  }
  const labels = {} as Record<Superclass, Uint8Array>;
  for (const superclass of SUPERCLASSES) {
    labels[superclass] = Uint8Array.from(index[superclass.toLowerCase()], (value) => (value === 1 ? 1 : 0));
  }
  const shards = new ShardReader(folder, manifest);
  const size = manifest.leads.length * manifest.samples;
  const requireRows = (rows: ArrayLike<number>) => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (Number.isInteger(row) && row >= 0 && row < length) continue;
      const where = { file: folder, row: i };
      throw new ArgumentError('row', { expected: `0 to ${length - 1}`, actual: String(row), where });
    }
  };
  return {
    folder,
    manifest,
    length,
    recordIds: index.record_id as string[],
    patientIds: index.patient_id as string[],
    stratFold: Int8Array.from(index.strat_fold as number[]),
    fsHz: Float64Array.from(index.fs_hz as number[]),
    samples: Int32Array.from(index.samples as number[]),
    labels,
    read(rows, out) {
      const target = out ?? new Float32Array(rows.length * size);
      if (target.length < rows.length * size) {
        const expected = `room for ${rows.length} records (${rows.length * size} values)`;
        throw new ArgumentError('out', { expected, actual: String(target.length) });
      }
      requireRows(rows);
      shards.read(rows, target);
      return target;
    },
    batches: (batches, options) =>
      batchesAhead(batches, options, async (rows) => {
        requireRows(rows);
        const ecgs = new Float32Array(rows.length * size);
        await shards.readAhead(rows, ecgs);
        return { rows, ecgs };
      }),
    close: () => shards.close(),
  };
}

/** Keeps so many reads on their way besides the batch that the caller has. */
async function* batchesAhead(
  batches: Iterable<ArrayLike<number>>,
  { ahead = 1 }: { readonly ahead?: number } = {},
  read: (rows: ArrayLike<number>) => Promise<StoreBatch>,
): AsyncGenerator<StoreBatch, void, undefined> {
  if (!(Number.isInteger(ahead) && ahead >= 1)) {
    throw new ArgumentError('ahead', { expected: 'a whole number >= 1', actual: String(ahead) });
  }
  const onTheirWay: Promise<StoreBatch>[] = [];
  const asked = batches[Symbol.iterator]();
  const askFor = (count: number) => {
    while (onTheirWay.length < count) {
      const next = asked.next();
      if (next.done) return;
      const reading = read(next.value);
      reading.catch(() => {}); // told when its turn comes
      onTheirWay.push(reading);
    }
  };
  try {
    for (askFor(1); onTheirWay.length > 0; askFor(1)) {
      const batch = await onTheirWay.shift()!;
      askFor(ahead);
      yield batch;
    }
  } finally {
    asked.return?.();
    await Promise.allSettled(onTheirWay);
  }
}

/** @throws MissingFileError when a store's file is not there; FormatError when it is not the one of this SHA-256 */
export async function requireHash(
  path: string,
  expected: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw missing('file of the store', path);
  const found = await hashFile(path, options);
  if (found === expected) return;
  const actual = `${found}: it is damaged, standardise the data again with --anew`;
  throw new FormatError('SHA-256', { expected, actual, where: { file: path } });
}

function missing(what: string, path: string): MissingFileError {
  return new MissingFileError(what, { expected: 'a file', actual: 'none', where: { file: path } });
}
