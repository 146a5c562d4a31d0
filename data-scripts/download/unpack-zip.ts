import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { FormatError, StaleError, StorageError } from 'hybrid-ecg';
import * as yauzl from 'yauzl';
import { requireSpace } from './free-space';

/** A file that came out of a zip. */
export interface UnpackedFile {
  readonly name: string;
  readonly bytes: number;
  /** CRC-32, as the zip lists it. */
  readonly crc32: number;
}

/**
 * Unpacks a zip file by file, each checked and under a temporary name until it is whole; files of any size pass through
 * a few megabytes of memory. A file that is there already stays, if it is the archive's.
 *
 * @param zip the archive
 * @param folder where its files go, in its own folders
 * @param options.onProgress called with the bytes unpacked so far, and those of all its files
 * @returns its files
 * @throws FormatError when it is no zip, an entry is damaged or encrypted, or a name leads out of the folder
 * @throws StaleError when another file has the name of one of its files
 * @throws StorageError when there is not enough space
 */
export async function unpackZip(
  zip: string,
  folder: string,
  options: {
    readonly onProgress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<UnpackedFile[]> {
  const { onProgress, signal } = options;
  const archive = await openZip(zip);
  try {
    const entries = await entriesOf(zip, archive);
    const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    await requireSpace(folder, total);
    let done = 0;
    const onBytes = (bytes: number) => {
      done += bytes;
      onProgress?.(done, total);
    };
    for (const entry of entries) await unpackEntry(archive, { zip, entry, folder, signal, onBytes });
    return entries.map((entry) => ({ name: entry.fileName, bytes: entry.uncompressedSize, crc32: entry.crc32 }));
  } finally {
    archive.close();
  }
}

function damaged(zip: string, cause: unknown, entry?: string): FormatError {
  const where = entry === undefined ? { file: zip } : { file: zip, record: entry };
  return new FormatError('zip', { expected: 'a whole archive', actual: (cause as Error).message, where, cause });
}

async function openZip(zip: string): Promise<yauzl.ZipFile> {
  try {
    return await new Promise((done, fail) =>
      yauzl.open(zip, { lazyEntries: true, autoClose: false }, (fault, archive) =>
        fault ? fail(fault) : done(archive),
      ),
    );
  } catch (cause) {
    throw damaged(zip, cause);
  }
}

async function entriesOf(zip: string, archive: yauzl.ZipFile): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  archive.on('entry', (entry: yauzl.Entry) => {
    if (!entry.fileName.endsWith('/')) entries.push(entry);
    archive.readEntry();
  });
  const end = once(archive, 'end');
  archive.readEntry();
  try {
    await end; // also fails on 'error'
  } catch (cause) {
    throw damaged(zip, cause);
  }
  for (const { fileName } of entries) {
    const inside = normalize(fileName);
    if (!isAbsolute(inside) && inside !== '..' && !inside.startsWith(`..${sep}`)) continue;
    const expected = 'a file inside the folder';
    throw new FormatError('name in a zip', { expected, actual: `'${fileName}'`, where: { file: zip } });
  }
  return entries;
}

async function unpackEntry(
  archive: yauzl.ZipFile,
  options: {
    readonly zip: string;
    readonly entry: yauzl.Entry;
    readonly folder: string;
    readonly onBytes: (bytes: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { zip, entry, folder, onBytes, signal } = options;
  const path = join(folder, entry.fileName);
  if (await isThere(path, entry, signal)) return onBytes(entry.uncompressedSize);
  const part = `${path}.part`;
  let sum = 0;
  const summing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await mkdir(dirname(path), { recursive: true });
    const bytes = await new Promise<NodeJS.ReadableStream>((done, fail) =>
      archive.openReadStream(entry, (fault, stream) => (fault ? fail(fault) : done(stream))),
    );
    await pipeline(bytes, summing, createWriteStream(part, { highWaterMark: 1 << 20 }), { signal });
    if (sum !== entry.crc32) throw new Error(`CRC-32 ${sum} where the archive lists ${entry.crc32}`);
    const handle = await open(part, 'r+');
    await handle.sync();
    await handle.close();
    renameSync(part, path);
  } catch (cause) {
    rmSync(part, { force: true });
    signal?.throwIfAborted();
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (syscall === undefined || code === undefined) throw damaged(zip, cause, entry.fileName);
    const expected = 'a writable disk with room for the file';
    throw new StorageError('cannot write', { expected, actual: code, where: { file: path }, cause });
  }
}

/** Whether a file of an archive lies unpacked. @throws StaleError when another file has its name */
async function isThere(path: string, entry: yauzl.Entry, signal?: AbortSignal): Promise<boolean> {
  if (!existsSync(path)) return false;
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) sum = crc32(chunk, sum);
  if (sum === entry.crc32) return true;
  const expected = `CRC-32 ${entry.crc32} as in the zip; remove the file to unpack it again`;
  throw new StaleError('unpacked file', { expected, actual: String(sum), where: { file: path } });
}
