import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setUpProcess } from './set-up-process';

const root = mkdtempSync(join(tmpdir(), 'packages-'));
afterAll(() => rmSync(root, { recursive: true }));

let missingPackages: (root: string) => number;
beforeAll(async () => {
  ({ missingPackages } = await import(resolve(__dirname, '../../lib/setup/packages.mjs')));
});

const packages = {
  '': { name: 'root' },
  lib: { name: 'hybrid-ecg' },
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/vega': { version: '5.33.1' },
  'node_modules/only-on-windows': { version: '1.0.0', optional: true },
};
const install = (installed: object) =>
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));

beforeEach(() => {
  rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  mkdirSync(join(root, 'node_modules'));
});

it('an install for which the disk is too small is none, although npm ends without an error', async () => {
  install({ 'node_modules/zod': { version: '4.6.7' }, 'node_modules/vega': { version: '5.33.0' } });
  const npm = join(root, 'npm.js');
  writeFileSync(npm, "console.log('npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write')");
  const { code, stderr } = await setUpProcess(['packages'], `await setup.preparePackages(${JSON.stringify(root)});`, {
    npm_execpath: npm,
  });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/no space is left on the disk of .*need 660 MB/)]);
  expect(missingPackages(root)).toBe(2);
});

describe('missingPackages', () => {
  it('counts all on a fresh clone and after an install that was killed', () => {
    expect(missingPackages(root)).toBe(2);
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(missingPackages(root)).toBe(2);
  });

  it('is 0 when every package is there; those of other platforms may be absent', () => {
    install({ 'node_modules/zod': { version: '4.6.7' }, 'node_modules/vega': { version: '5.33.1' } });
    expect(missingPackages(root)).toBe(0);
  });

  it('counts a package at another version', () => {
    install({ 'node_modules/zod': { version: '4.6.6' }, 'node_modules/vega': { version: '5.33.1' } });
    expect(missingPackages(root)).toBe(1);
  });
});
