import { posix, sep } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Entry } from 'yauzl';
import { FormatError, KitError, MissingFileError } from '../errors';
import { type ByteSource, fileSource } from './byte-source';
import { type FileTree, insideName } from './file-tree';
import { ZipDirectory } from './zip-directory';
import { dataStart, isDeflated, readExactly, requireReadable } from './zip-entry';

/** Largest compressed file that is read: DEFLATE cannot be entered in the middle, so the whole of it must be held. */
export const MAX_INFLATED = 2 ** 30;
/** Largest inflated file that is kept for the next stretch of it. */
const MAX_KEPT = 1 << 26;

/**
 * The tree of a zip archive, read in place: nothing is unpacked to disk.
 *
 * A folder that all entries share at the top, as PhysioNet's archives have, is taken off the names, and a name finds its
 * file with and without it, or in any case, as in a folder. Files may be stored
 * or deflated; a stretch of a stored file reads only that stretch, one of a deflated file inflates all of it. A file
 * that is read whole is checked against its CRC-32. zip64 is read; encrypted and split archives are not.
 *
 * @param archive path of the archive, or its bytes
 * @throws MissingFileError, StorageError when the archive is missing or cannot be read
 * @throws FormatError when it is no whole zip archive, a name leads out of it or comes twice, or entries overlap;
 *   `read` throws it for an encrypted entry, an unknown method, a size that cannot be, damaged data
 */
export function zipTree(archive: string | ByteSource): FileTree {
  const source = typeof archive === 'string' ? fileSource(archive) : archive;
  try {
    return treeOf(source, new ZipDirectory(source));
  } catch (fault) {
    source.close();
    throw fault;
  }
}

function treeOf(source: ByteSource, directory: ZipDirectory): FileTree {
  const { path } = source;
  const inside = (name: string) => insideName(name, path).split(sep).join('/').replace(/\/$/, '');
  const show = (name: string) => posix.join(path.split(sep).join('/'), name);
  const entryOf = (name: string): Entry => {
    const entry = directory.file(inside(name));
    if (entry !== undefined) return entry;
    throw new MissingFileError('file', { expected: name, actual: 'none', where: { file: show(name) } });
  };
  /** The last deflated file of which a stretch was asked for. */
  let kept: { readonly place: number; readonly bytes: Buffer } | undefined;
  return {
    path,
    has: (name) => {
      const asked = inside(name);
      return asked === '.' || directory.has(asked);
    },
    size: (name) => entryOf(name).uncompressedSize,
    list: () => [...directory.list()].sort(),
    read(name, { offset = 0, length } = {}) {
      const entry = entryOf(name);
      const file = show(name);
      const size = entry.uncompressedSize;
      const wanted = Math.max(0, Math.min(length ?? size, size - offset));
      const whole = offset === 0 && wanted === size;
      requireHeld(entry, file);
      if (wanted === 0 && !whole) return Buffer.alloc(0);
      if (!isDeflated(entry)) {
        const position = dataStart(source, entry, file) + offset;
        const bytes = readExactly(source, { position, length: wanted, file });
        return whole ? checked(bytes, entry, file) : bytes;
      }
      const place = entry.relativeOffsetOfLocalHeader;
      if (!whole && kept?.place === place) return copyOf(kept.bytes, offset, wanted);
      const position = dataStart(source, entry, file);
      const bytes = inflate(readExactly(source, { position, length: entry.compressedSize, file }), entry, file);
      if (whole) return bytes;
      kept = size <= MAX_KEPT ? { place, bytes } : undefined;
      return copyOf(bytes, offset, wanted);
    },
    show,
    close() {
      kept = undefined;
      source.close();
    },
  };
}

/** Refuses what cannot be read, and what is too large to be held. */
function requireHeld(entry: Entry, file: string): void {
  requireReadable(entry, file);
  const { uncompressedSize } = entry;
  if (!isDeflated(entry) || uncompressedSize <= MAX_INFLATED) return;
  const expected = `at most ${MAX_INFLATED} bytes where compressed: unpack the archive`;
  throw new FormatError('size', { expected, actual: String(uncompressedSize), where: { file } });
}

function inflate(packed: Buffer, entry: Entry, file: string): Buffer {
  const { uncompressedSize } = entry;
  let bytes: Buffer;
  try {
    const size = Math.max(1, uncompressedSize);
    bytes = inflateRawSync(packed, { maxOutputLength: size, chunkSize: Math.max(64, size) });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (cause instanceof KitError) throw cause;
    const more = code === 'ERR_BUFFER_TOO_LARGE';
    const expected = more ? `${uncompressedSize} bytes when inflated` : 'deflated data';
    throw new FormatError('zip entry', { expected, actual: more ? 'more' : message, where: { file }, cause });
  }
  if (bytes.length !== uncompressedSize) {
    const expected = `${uncompressedSize} bytes when inflated`;
    throw new FormatError('zip entry', { expected, actual: String(bytes.length), where: { file } });
  }
  return checked(bytes, entry, file);
}

function checked(bytes: Buffer, entry: Entry, file: string): Buffer {
  const sum = crc32(bytes);
  if (sum === entry.crc32) return bytes;
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  throw new FormatError('CRC-32', { expected: hex(entry.crc32), actual: hex(sum), where: { file } });
}

function copyOf(bytes: Buffer, offset: number, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length);
  bytes.copy(copy, 0, offset, offset + length);
  return copy;
}
