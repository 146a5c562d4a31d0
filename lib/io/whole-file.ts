import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from '../errors';

/**
 * Writes a file whole or not at all: to a temporary name beside it, synced, renamed.
 *
 * @param path the file; its folder is made when it is missing
 * @param parts its bytes or text, in order
 * @throws StorageError when the disk is full or refuses; the temporary file is removed and the old file stays as it was
 */
export function writeFileWhole(path: string, ...parts: readonly (string | Uint8Array)[]): void {
  const temporary = `${path}.${process.pid}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      for (const part of parts) writeAll(file, typeof part === 'string' ? Buffer.from(part) : part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    removeIfThere(temporary);
    throw storageError(path, cause);
  }
}

/**
 * Adds text to the end of a file; a failure may leave a part of it there.
 *
 * @throws StorageError when the disk is full or refuses
 */
export function appendText(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (cause) {
    throw storageError(path, cause);
  }
}

function storageError(path: string, cause: unknown): StorageError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new StorageError('cannot write', {
    expected: 'a writable disk with room for the file',
    actual: code === 'ENOSPC' ? 'no space left (ENOSPC)' : code,
    where: { file: path },
    cause,
  });
}

/** Without an error of its own, which would hide the one that led here. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // its folder is none: nothing was made
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
