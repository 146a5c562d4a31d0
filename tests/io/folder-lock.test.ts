import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../lib/errors';
import { awaitFolderLock, LOCK_FILE, lockFolder } from '../../lib/io/folder-lock';
import { isRunning, type ProcessIdentity, thisProcess } from '../../lib/io/process-identity';

const COMPILED = resolve(__dirname, '../../lib/dist/io/folder-lock.js');
const HOLD = `require(${JSON.stringify(COMPILED)}).lockFolder(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);`;

const proc = existsSync('/proc/self/stat');

function place(): string {
  return mkdtempSync(join(tmpdir(), 'lock-'));
}

/** A folder with a lock as another process would have left it, renewed so many seconds ago. */
function lockedBy(holder: Partial<ProcessIdentity>, secondsAgo = 0): string {
  const folder = place();
  const path = join(folder, LOCK_FILE);
  writeFileSync(path, JSON.stringify({ ...thisProcess(), ...holder, id: 'other' }));
  const beat = Date.now() / 1000 - secondsAgo;
  utimesSync(path, beat, beat);
  return folder;
}

const refusal = (folder: string) =>
  expect.objectContaining({ tag: 'StorageError', where: { file: join(folder, LOCK_FILE) } });
const mayBeTaken = (folder: string) => {
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
};
const isRefused = (folder: string) => {
  const lock = readFileSync(join(folder, LOCK_FILE), 'utf8');
  expect(() => lockFolder(folder)).toThrow(refusal(folder));
  expect(readFileSync(join(folder, LOCK_FILE), 'utf8')).toBe(lock);
};

describe('a folder’s lock', () => {
  it('removes what a process had put aside when it was killed, and only that', () => {
    const folder = place();
    const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
    const left = `${LOCK_FILE}.${ended}.stale`;
    const others = [`${LOCK_FILE}.${process.ppid}.stale`, `other.lock.${ended}.stale`, 'mine.stale'];
    for (const name of [left, ...others]) writeFileSync(join(folder, name), '');
    lockFolder(folder)();
    expect(readdirSync(folder).sort()).toEqual(others.sort());
  });

  it('is held once, in this process too, until it is given back; another name is another lock', () => {
    const folder = place();
    const unlock = lockFolder(folder);
    isRefused(folder);
    lockFolder(folder, { file: 'other.lock' })();
    unlock();
    mayBeTaken(folder);
  });

  it('is waited for, but not for ever', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lock-'));
    const unlock = lockFolder(folder);
    await expect(awaitFolderLock(folder, { patienceMs: 60 })).rejects.toThrow(StorageError);
    const waiting = awaitFolderLock(folder);
    unlock();
    (await waiting)();
    expect(existsSync(join(folder, LOCK_FILE))).toBe(false);
  });

  it('that another process took over is not removed by the one that had it', () => {
    const folder = place();
    const unlock = lockFolder(folder);
    writeFileSync(join(folder, LOCK_FILE), JSON.stringify({ ...thisProcess(), pid: 1 }));
    unlock();
    expect(existsSync(join(folder, LOCK_FILE))).toBe(true);
  });

  it('of a process that lives holds, and no longer once it is killed', async () => {
    const folder = place();
    const child = spawn(process.execPath, ['-e', HOLD, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((held) => child.stdout.once('data', held));
    isRefused(folder);
    const ended = new Promise((end) => child.once('exit', end));
    child.kill('SIGKILL');
    await ended;
    mayBeTaken(folder);
  });

  it.skipIf(!proc)(
    'of an ended process holds no more though its number was given to another (skipped without /proc)',
    () => {
      mayBeTaken(lockedBy({ started: '1' }));
      mayBeTaken(lockedBy({ pid: process.ppid, started: '1' }));
    },
  );

  it('cut by a crash holds no more, but for the moment in which it may be being written', () => {
    const folder = place();
    const path = join(folder, LOCK_FILE);
    writeFileSync(path, '');
    isRefused(folder);
    utimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    mayBeTaken(folder);
  });

  it.each(['another machine', 'another container'])('of %s holds while it is renewed', (where) => {
    const other = where === 'another machine' ? { host: 'elsewhere' } : { numbers: 'pid:[1]' };
    isRefused(lockedBy(other, 14 * 60));
    mayBeTaken(lockedBy(other, 16 * 60));
  });

  it('from before the machine’s restart holds no more', () => {
    mayBeTaken(lockedBy({ boot: 'an earlier one' }, uptime() + 60));
    if (uptime() > 60) isRefused(lockedBy({ boot: 'of a machine with the same name' }, 30));
  });

  it('left by a dead process goes to exactly one of those that want it', async () => {
    const folder = lockedBy({ started: '1' });
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['-e', HOLD, folder], { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    const held = await Promise.all(
      children.map(
        (child) =>
          new Promise<boolean>((done) => {
            child.stdout.once('data', () => done(true));
            child.once('exit', () => done(false));
          }),
      ),
    );
    for (const child of children) child.kill('SIGKILL');
    expect(held.filter(Boolean)).toHaveLength(1);
  });
});

describe('a process', () => {
  it('is known by its number and its start', () => {
    expect(isRunning(thisProcess())).toBe(true);
    expect(isRunning({ ...thisProcess(), started: '1' })).toBe(false);
    expect(isRunning({ ...thisProcess(), host: 'elsewhere' })).toBeUndefined();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(isRunning({ ...thisProcess(), pid })).toBe(false);
  });

  it.skipIf(!proc)(
    'has ended as a zombie too, which its parent has not asked for (skipped without /proc)',
    async () => {
      const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 30'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const pid = Number(await new Promise((line) => parent.stdout.once('data', line)));
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      const child = { ...thisProcess(), pid, started: stat()[19] };
      expect(isRunning(child)).toBe(true);
      await expect.poll(() => stat()[0], { timeout: 5000 }).toBe('Z');
      expect(isRunning(child)).toBe(false);
      parent.kill('SIGKILL');
    },
  );
});
