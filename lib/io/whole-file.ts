import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from '../errors';

/** How the name of a file ends until it is whole; a killed process may leave one. */
export const PART = '.part';

/**
 * Writes a file whole or not at all: to a temporary name beside it, synced, renamed, the new name synced too.
 *
 * @param path the file, replaced where it is there; its folder is made when it is missing
 * @param parts its bytes or text, in order
 * @throws StorageError when the disk is full or refuses; the temporary file is removed and the old file stays as it was
 */
export function writeFileWhole(path: string, ...parts: readonly (string | Uint8Array)[]): void {
  const temporary = `${path}.${process.pid}${PART}`;
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
    syncFolder(dirname(path));
  } catch (cause) {
    removeIfThere(temporary);
    throw storageError(path, cause);
  }
}

/**
 * `writeFileWhole` beside other work: the disk is waited for on another thread.
 *
 * @param parts its bytes, which stay as they are until the promise resolves
 * @throws StorageError when the disk is full or refuses; the temporary file is removed and the old file stays as it was
 */
export async function writeFileWholeAsync(path: string, ...parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}${PART}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = await open(temporary, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    removeIfThere(temporary);
    throw storageError(path, cause);
  }
}

/**
 * Adds to the end of a file, synced; a failure may leave a part of it there.
 *
 * @throws StorageError when the disk is full or refuses
 */
export function appendSynced(path: string, added: string | Uint8Array): void {
  try {
    const file = openSync(path, 'a');
    try {
      writeAll(file, typeof added === 'string' ? Buffer.from(added) : added);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw storageError(path, cause);
  }
}

/** Without it a power loss may bring back the name's old file. Windows cannot open a folder, and some disks not sync it. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // the file itself is synced
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
