import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError, MissingFileError } from '../errors';
import { readNpyHeader } from '../io/npy';
import { type StoreManifest, shardLayout } from './manifest';

const MAX_OPEN = 128; // below the 256 open files that some systems allow a process

/** Reads records out of a store's shards by position, with few files open at a time. */
export class ShardReader {
  /** Open shards by number, the longest unused first. */
  private readonly open = new Map<number, { descriptor: number; offset: number }>();
  private readonly recordBytes: number;

  constructor(
    private readonly folder: string,
    private readonly manifest: StoreManifest,
  ) {
    this.recordBytes = shardLayout(manifest, 0).recordBytes;
  }

  /** Fills `out` with the records at `rows`, which exist; neighbours in a shard are read in one go. */
  read(rows: ArrayLike<number>, out: Float32Array): void {
    const { recordsPerShard } = this.manifest;
    for (let i = 0; i < rows.length; ) {
      const shard = Math.floor(rows[i] / recordsPerShard);
      const row = rows[i] - shard * recordsPerShard;
      const room = Math.min(rows.length - i, recordsPerShard - row);
      let run = 1;
      while (run < room && rows[i + run] === rows[i] + run) run++;
      const bytes = new Uint8Array(out.buffer, out.byteOffset + i * this.recordBytes, run * this.recordBytes);
      this.fill(shard, row, bytes);
      i += run;
    }
  }

  close(): void {
    for (const { descriptor } of this.open.values()) closeSync(descriptor);
    this.open.clear();
  }

  private fill(shard: number, row: number, bytes: Uint8Array): void {
    const { descriptor, offset } = this.opened(shard);
    const start = offset + row * this.recordBytes;
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(descriptor, bytes, done, bytes.length - done, start + done);
      if (read === 0) {
        const where = { file: join(this.folder, this.manifest.shards[shard].file), row };
        throw new FormatError('record', { expected: `${bytes.length} bytes`, actual: `${done}: cut short`, where });
      }
      done += read;
    }
  }

  private opened(shard: number): { descriptor: number; offset: number } {
    const known = this.open.get(shard);
    if (known !== undefined) {
      this.open.delete(shard); // moves it to the end
      this.open.set(shard, known);
      return known;
    }
    if (this.open.size >= MAX_OPEN) {
      const [oldest, { descriptor }] = this.open.entries().next().value!;
      closeSync(descriptor);
      this.open.delete(oldest);
    }
    const { file, records } = this.manifest.shards[shard];
    const path = join(this.folder, file);
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new MissingFileError('shard', { expected: 'a file', actual, where: { file: path }, cause });
    }
    try {
      const { type, shape, offset } = readNpyHeader(descriptor, path);
      const expected = `${this.manifest.type} [${records}, ${this.manifest.leads.length}, ${this.manifest.samples}]`;
      const actual = `${type} [${shape.join(', ')}]`;
      if (actual !== expected) throw new FormatError('shard', { expected, actual, where: { file: path } });
      const entry = { descriptor, offset };
      this.open.set(shard, entry);
      return entry;
    } catch (fault) {
      closeSync(descriptor);
      throw fault;
    }
  }
}
