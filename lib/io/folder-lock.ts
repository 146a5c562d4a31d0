import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StorageError } from '../errors';

const FILE = 'writing.lock';
const FOREIGN_HOURS = 6; // of another machine only the age of its lock can be known

/**
 * Keeps other processes from writing the same folder; a process that died leaves no lock that holds.
 *
 * @param folder the folder; made when it is missing
 * @returns a function that gives the lock back
 * @throws StorageError when another process is writing there
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, FILE);
  mkdirSync(folder, { recursive: true });
  for (;;) {
    try {
      const descriptor = openSync(path, 'wx');
      writeSync(descriptor, JSON.stringify({ pid: process.pid, host: hostname() }));
      closeSync(descriptor);
      return () => rmSync(path, { force: true });
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'EEXIST') {
        const expected = 'a writable folder';
        throw new StorageError('cannot write', {
          expected,
          actual: code ?? String(cause),
          where: { file: path },
          cause,
        });
      }
    }
    const holder = liveHolder(path);
    if (holder !== undefined) {
      throw new StorageError('folder', {
        expected: 'no other process writing it',
        actual: `process ${holder.pid} on ${holder.host} (if there is none, remove this file)`,
        where: { file: path },
      });
    }
    rmSync(path, { force: true });
  }
}

function liveHolder(path: string): { pid: number; host: string } | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; host: string };
    if (holder.host !== hostname()) {
      const hours = (Date.now() - statSync(path).mtimeMs) / 3_600_000;
      return hours < FOREIGN_HOURS ? holder : undefined;
    }
    if (holder.pid === process.pid) return undefined; // ours from before a restart that gave us the same number
    process.kill(holder.pid, 0);
    return holder;
  } catch (cause) {
    // a signal that may not be sent has found its process
    if ((cause as NodeJS.ErrnoException).code === 'EPERM') return { pid: 0, host: hostname() };
    return undefined;
  }
}
