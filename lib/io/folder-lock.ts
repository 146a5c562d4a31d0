import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StorageError } from '../errors';
import { hasProcess, isRunning, machineStart, type ProcessIdentity, thisProcess } from './process-identity';

/** Name of the lock that `lockFolder` takes when no other is asked for. */
export const LOCK_FILE = 'writing.lock';

/** A holder shows so often that it lives. */
const BEAT_MS = 20_000;
/** One of another machine or container, whose processes cannot be seen from here, is dead after so long without. */
const SILENT_MS = 15 * 60_000;
/** A lock without its text is being written, unless it is older than this. */
const WRITING_MS = 10_000;
/** Between two looks at a lock that is waited for. */
const WAIT_MS = 50;

/**
 * Keeps others from writing the same folder; a process that died, however it died, leaves no lock that holds.
 *
 * The lock names its process by number and start, so that a later process of the same number is not taken for it. Of
 * another machine or container (a shared disk) only the lock's time is known, which its holder renews every 20 s: it
 * holds for 15 minutes after the last renewal, but not beyond a restart of the machine that it was taken on.
 *
 * @param folder the folder; made when it is missing
 * @param options.file the lock's name: a folder may have several; default `writing.lock`
 * @returns a function that gives the lock back
 * @throws StorageError when a process, this one too, holds it
 */
export function lockFolder(folder: string, { file = LOCK_FILE }: { file?: string } = {}): () => void {
  const path = join(folder, file);
  const ours = JSON.stringify({ ...thisProcess(), id: randomUUID() });
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StorageError('folder', { expected: 'one that can be made', actual, where: { file: folder }, cause });
  }
  while (!create(path, ours)) {
    const found = readLock(path);
    if (found === undefined) continue; // given back just now
    if (holds(found)) {
      const { pid = 'unknown', host = 'unknown' } = found.holder ?? {};
      throw new StorageError('folder', {
        expected: 'no other process writing it',
        actual: `process ${pid} on ${host} (if there is none, remove this file)`,
        where: { file: path },
      });
    }
    remove(path, found.text);
  }
  removeLeftAside(folder, file);
  const beat = setInterval(() => renew(path, ours), BEAT_MS);
  beat.unref();
  return () => {
    clearInterval(beat);
    if (readLock(path)?.text === ours) rmSync(path, { force: true });
  };
}

/**
 * As `lockFolder`, but waits while another holds it: for what takes a moment.
 *
 * @param options.patienceMs how long, default 10 s
 * @throws StorageError when it is still held then
 */
export async function awaitFolderLock(
  folder: string,
  { file, patienceMs = 10_000 }: { file?: string; patienceMs?: number } = {},
): Promise<() => void> {
  for (const until = performance.now() + patienceMs; ; ) {
    try {
      return lockFolder(folder, { file });
    } catch (error) {
      if (!(error instanceof StorageError) || error.cause !== undefined || performance.now() > until) throw error;
      await setTimeout(WAIT_MS);
    }
  }
}

/** A lock as it was found. */
interface Found {
  readonly text: string;
  /** Undefined while it is being written, or when a crash cut it. */
  readonly holder?: ProcessIdentity;
  /** When its holder last showed that it lives, ms since 1970. */
  readonly beat: number;
}

/** @returns false when there is one already */
function create(path: string, text: string): boolean {
  try {
    const descriptor = openSync(path, 'wx');
    try {
      writeSync(descriptor, text);
    } catch (cause) {
      rmSync(path, { force: true });
      throw cause;
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    const expected = 'a writable folder';
    throw new StorageError('cannot write', { expected, actual: code ?? String(cause), where: { file: path }, cause });
  }
}

function readLock(path: string): Found | undefined {
  let text: string;
  let beat: number;
  try {
    text = readFileSync(path, 'utf8');
    beat = statSync(path).mtimeMs;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  try {
    return { text, holder: JSON.parse(text) as ProcessIdentity, beat };
  } catch {
    return { text, beat };
  }
}

function renew(path: string, text: string): void {
  try {
    if (readLock(path)?.text === text) utimesSync(path, new Date(), new Date());
  } catch {
    // the folder is gone, or its disk for a moment: the work that holds the lock will say so
  }
}

function holds({ holder, beat }: Found): boolean {
  if (holder === undefined) return Date.now() - beat < WRITING_MS;
  const running = isRunning(holder);
  if (running !== undefined) return running;
  if (holder.host === thisProcess().host && beat < machineStart()) return false;
  return Date.now() - beat < SILENT_MS;
}

/** Removes a lock that holds no more, and no other: another process may have done so first and put its own there. */
function remove(path: string, text: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw cause;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Removes locks that processes of this machine had put aside when they were killed. */
function removeLeftAside(folder: string, file: string): void {
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(`${file}.`) ? /\.(\d{1,10})\.stale$/.exec(name)?.[1] : undefined;
    if (pid !== undefined && !hasProcess(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
