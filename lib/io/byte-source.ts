import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { FormatError, MissingFileError, StorageError } from '../errors';

/** Bytes that are read by position: an open file, or what was inside another one. */
export interface ByteSource {
  /** Name for errors. */
  readonly path: string;
  /** Bytes in all. */
  readonly size: number;
  /**
   * Fills a buffer from `position` on; returns the bytes that came, fewer where the source ends.
   *
   * @throws StorageError when the disk refuses to read
   */
  readInto(buffer: Buffer, position: number): number;
  close(): void;
}

/**
 * Opens a file for reading by position.
 *
 * @throws MissingFileError when there is none; StorageError when it cannot be read; FormatError when it is a folder
 */
export function fileSource(file: string): ByteSource {
  const path = resolve(file);
  const where = { file: path };
  const refused = (cause: unknown) => {
    const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return new StorageError('file', { expected: 'a file that can be read', actual, where, cause });
  };
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw refused(cause);
    throw new MissingFileError('file', { expected: 'a file', actual: 'none', where, cause });
  }
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) {
    closeSync(descriptor);
    throw new FormatError('file', { expected: 'a file', actual: 'something else', where });
  }
  let open = true;
  return {
    path,
    size: stats.size,
    readInto(buffer, position) {
      if (!open) throw new StorageError('file', { expected: 'an open file', actual: 'closed', where });
      try {
        let done = 0;
        while (done < buffer.length) {
          const got = readSync(descriptor, buffer, done, buffer.length - done, position + done);
          if (got === 0) break;
          done += got;
        }
        return done;
      } catch (cause) {
        throw refused(cause);
      }
    },
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

/**
 * Bytes in memory as a source.
 *
 * @param path name for errors
 */
export function bufferSource(bytes: Buffer, path: string): ByteSource {
  return {
    path,
    size: bytes.length,
    readInto: (buffer, position) => (position < bytes.length ? bytes.copy(buffer, 0, position) : 0),
    close: () => {},
  };
}
