import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { setUpProcess } from './set-up-process';

const scratch = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('withLock', () => {
  it('lets one process work at a time', async () => {
    const [lock, log] = [join(scratch, 'a.lock'), join(scratch, 'log')];
    const script = `const { appendFileSync } = require('node:fs');
      await setup.withLock(${JSON.stringify(lock)}, async () => {
        appendFileSync(${JSON.stringify(log)}, 'in ');
        await new Promise((done) => setTimeout(done, 100));
        appendFileSync(${JSON.stringify(log)}, 'out ');
      });`;
    await Promise.all([1, 2, 3].map(() => setUpProcess(['lock'], script)));
    expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(3));
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over the lock of a process that is gone', async () => {
    const lock = join(scratch, 'b.lock');
    mkdirSync(lock);
    const gone = await setUpProcess([], 'console.log(process.pid)');
    writeFileSync(join(lock, 'owner.json'), JSON.stringify({ pid: Number(gone.stdout), host: hostname() }));
    const { code, stdout } = await setUpProcess(
      ['lock'],
      `await setup.withLock(${JSON.stringify(lock)}, () => console.log('in'));`,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'in\n' });
  });

  it('fails where it cannot take over such a lock, in a folder that cannot be written', async () => {
    const folder = join(scratch, 'read-only');
    const lock = join(folder, 'd.lock');
    mkdirSync(lock, { recursive: true });
    const gone = await setUpProcess([], 'console.log(process.pid)');
    writeFileSync(join(lock, 'owner.json'), JSON.stringify({ pid: Number(gone.stdout), host: hostname() }));
    chmodSync(scratch, 0o755); // of another user too
    chmodSync(folder, 0o555);
    const script = `if (process.getuid() === 0) process.setuid(65534);
      await setup.withLock(${JSON.stringify(lock)}, () => console.log('in'));`;
    const { code, stdout, stderr } = await setUpProcess(['lock'], script);
    chmodSync(folder, 0o755);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/EACCES: permission denied, rename/);
  });

  it('is free again after an error', async () => {
    const lock = join(scratch, 'c.lock');
    const { code } = await setUpProcess(
      ['lock'],
      `await setup.withLock(${JSON.stringify(lock)}, () => { throw new Error('no') });`,
    );
    expect(code).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });
});
