import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { onlyPrograms, pythonThatDownloads, startSetUp } from './set-up-process';
import { BUILD, WHEEL } from './small-wheel';

const scratch = mkdtempSync(join(tmpdir(), 'spawn-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Waits until a file has so many lines. */
async function lines(file: string, count: number): Promise<void> {
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= count) await sleep(20);
}

describe('a signal during the set-up', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it, and nothing is remembered as a failure', async (signal) => {
    const here = join(scratch, signal);
    const compiling = join(here, 'compiling');
    const path = onlyPrograms(join(here, 'bin'), {
      python3: pythonThatDownloads(join(here, 'tensorflow.whl'), join(here, 'calls')),
      'g++': `if [ "$1" = --version ]; then exit 0; fi
        echo started >> '${compiling}'; exec node -e 'setTimeout(() => {}, 60_000)'`,
    });
    writeFileSync(join(here, 'tensorflow.whl'), WHEEL);
    const options = JSON.stringify({ cache: join(here, 'cache'), builds: [BUILD] });
    const script = `try { await setup.prepareTensorflow(${options}) } finally { console.log('went on') }`;
    const child = startSetUp(['tensorflow'], script, { PATH: path, CXX: '' });
    let stdout = '';
    child.stdout!.on('data', (data) => {
      stdout += data;
    });
    await lines(compiling, 3); // the three compilers run side by side
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([null, signal]);
    expect(stdout).toBe('');
    expect(readdirSync(join(here, 'cache')).filter((name) => name.endsWith('.failed.json'))).toEqual([]);
  });

  it('goes to a program that keeps the terminal, which decides how both end', async () => {
    const program = `process.on('SIGTERM', () => process.exit(7)); console.log('ready'); setTimeout(() => {}, 60_000)`;
    const command = JSON.stringify([process.execPath, '-e', program]);
    const child = startSetUp(['spawn'], `process.exitCode = await setup.runAttached(${command});`);
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([7, null]);
  });
});
