import { closeSync, openSync, read as readDescriptor, readSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FormatError, MissingFileError, StorageError } from '../errors';
import { readNpyHeader } from '../io/npy';
import { type StoreManifest, shardLayout } from './manifest';
import { toMillivolts } from './stored-type';

const MAX_OPEN = 128; // below the 256 open files that some systems allow a process

const readAsync = promisify(readDescriptor);

interface OpenShard {
  readonly descriptor: number;
  readonly offset: number;
  /** Reads on their way: until they are there the file stays open. */
  reading: number;
  /** Whether it is to be closed as soon as nothing reads it. */
  unwanted: boolean;
}

/** Neighbours in a shard, which are read in one go. */
interface Run {
  readonly shard: number;
  /** First row in the shard. */
  readonly row: number;
  /** First of the records asked for, and their number. */
  readonly at: number;
  readonly length: number;
}

/** Reads records out of a store's shards by position, with few files open at a time. */
export class ShardReader {
  /** Open shards by number, the longest unused first. */
  private readonly open = new Map<number, OpenShard>();
  private readonly recordBytes: number;
  private readonly size: number;
  /** The record that each shard begins with, and the number of all. */
  private readonly starts: Int32Array;

  constructor(
    private readonly folder: string,
    private readonly manifest: StoreManifest,
  ) {
    this.recordBytes = shardLayout(manifest, 0).recordBytes;
    this.size = manifest.leads.length * manifest.samples;
    this.starts = new Int32Array(manifest.shards.length + 1);
    manifest.shards.forEach(({ records }, shard) => {
      this.starts[shard + 1] = this.starts[shard] + records;
    });
  }

  /** Fills `out` with the records at `rows`, which exist. */
  read(rows: ArrayLike<number>, out: Float32Array): void {
    for (const run of this.runs(rows)) {
      const { descriptor, offset } = this.opened(run.shard);
      const { bytes, finish } = this.target(run, out);
      const start = offset + run.row * this.recordBytes;
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(descriptor, bytes, done, bytes.length - done, start + done);
        if (read === 0) throw this.cutShort(run, bytes.length, done);
        done += read;
      }
      finish();
    }
  }

  /** The same in the background: threads of Node read while this one goes on. */
  async readAhead(rows: ArrayLike<number>, out: Float32Array): Promise<void> {
    const reads = Array.from(this.runs(rows), async (run) => {
      const shard = this.opened(run.shard);
      const { bytes, finish } = this.target(run, out);
      const start = shard.offset + run.row * this.recordBytes;
      shard.reading++;
      try {
        for (let done = 0; done < bytes.length; ) {
          const { bytesRead } = await readAsync(shard.descriptor, bytes, done, bytes.length - done, start + done);
          if (bytesRead === 0) throw this.cutShort(run, bytes.length, done);
          done += bytesRead;
        }
      } finally {
        shard.reading--;
        if (shard.unwanted && shard.reading === 0) closeSync(shard.descriptor);
      }
      finish();
    });
    const settled = await Promise.allSettled(reads); // none may fill `out` after this is over
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
  }

  close(): void {
    for (const shard of this.open.keys()) this.letGo(shard);
  }

  private *runs(rows: ArrayLike<number>): Iterable<Run> {
    for (let at = 0; at < rows.length; ) {
      const shard = this.shardOf(rows[at]);
      const row = rows[at] - this.starts[shard];
      const room = Math.min(rows.length - at, this.starts[shard + 1] - rows[at]);
      let length = 1;
      while (length < room && rows[at + length] === rows[at] + length) length++;
      yield { shard, row, at, length };
      at += length;
    }
  }

  /** The last shard that begins at or before a record. */
  private shardOf(record: number): number {
    let [low, high] = [0, this.starts.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= record) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where the bytes of a run go, and what makes millivolts of them. */
  private target({ at, length }: Run, out: Float32Array): { bytes: Uint8Array; finish: () => void } {
    const values = out.subarray(at * this.size, (at + length) * this.size);
    if (this.manifest.type === '<f4') {
      return { bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength), finish: () => {} };
    }
    const microvolts = new Int16Array(values.length);
    return { bytes: new Uint8Array(microvolts.buffer), finish: () => toMillivolts(microvolts, values) };
  }

  private cutShort({ shard, row }: Run, expected: number, done: number): FormatError {
    const where = { file: join(this.folder, this.manifest.shards[shard].file), row };
    return new FormatError('record', { expected: `${expected} bytes`, actual: `${done}: cut short`, where });
  }

  private letGo(shard: number): void {
    const entry = this.open.get(shard)!;
    this.open.delete(shard);
    if (entry.reading === 0) closeSync(entry.descriptor);
    else entry.unwanted = true;
  }

  private opened(shard: number): OpenShard {
    const known = this.open.get(shard);
    if (known !== undefined) {
      this.open.delete(shard); // moves it to the end
      this.open.set(shard, known);
      return known;
    }
    if (this.open.size >= MAX_OPEN) this.letGo(this.open.keys().next().value!);
    const { file, records } = this.manifest.shards[shard];
    const path = join(this.folder, file);
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
      const Fault = actual === 'ENOENT' ? MissingFileError : StorageError;
      throw new Fault('shard', { expected: 'a file that can be read', actual, where: { file: path }, cause });
    }
    try {
      const { type, shape, offset } = readNpyHeader(descriptor, path);
      const expected = `${this.manifest.type} [${records}, ${this.manifest.leads.length}, ${this.manifest.samples}]`;
      const actual = `${type} [${shape.join(', ')}]`;
      if (actual !== expected) throw new FormatError('shard', { expected, actual, where: { file: path } });
      const entry = { descriptor, offset, reading: 0, unwanted: false };
      this.open.set(shard, entry);
      return entry;
    } catch (fault) {
      closeSync(descriptor);
      throw fault;
    }
  }
}
