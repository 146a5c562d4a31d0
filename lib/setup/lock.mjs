import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;

/**
 * Does `work` while no other process, of this machine or of one that shares the folder, does the same.
 *
 * The lock is a folder with its owner's name in it, touched every five seconds. One whose process is gone, or that
 * nobody has touched for a minute, is taken over. It only saves double work: everything done under it is also written
 * to a temporary name and renamed, so that a lock taken over in error breaks nothing.
 *
 * @param path the lock; its parent folder is made
 * @param work what to do
 * @param waiting called once when another process holds the lock
 * @throws Error when the folder cannot be written
 */
export async function withLock(path, work, waiting = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  for (let told = false; !take(path); ) {
    if (abandoned(path)) {
      const aside = `${path}.${process.pid}.stale`;
      try {
        renameSync(path, aside);
      } catch (error) {
        if (error.code !== 'ENOENT') throw error; // else another process was quicker
      }
      rmSync(aside, { recursive: true, force: true });
      continue;
    }
    if (!told) waiting(owner(path));
    told = true;
    await sleep(250);
  }
  const heartbeat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {} // taken over: what we do stays safe
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const release = () => {
    if (owner(path)?.pid === process.pid) rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

function take(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(path, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

function owner(path) {
  try {
    return JSON.parse(readFileSync(join(path, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function abandoned(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (Date.now() - stat.mtimeMs > STALE_MS) return true;
  const by = owner(path);
  return by !== undefined && by.host === hostname() && !alive(by.pid);
}

/** Whether a process of this machine runs. */
export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
