import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { setUpProcess } from './set-up-process';

const kit = resolve(__dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let root: string; // a checkout of two files
beforeEach(() => {
  root = mkdtempSync(join(scratch, 'checkout-'));
  symlinkSync(join(kit, 'node_modules'), join(root, 'node_modules'));
  const compilerOptions = { rootDir: '.', outDir: 'dist', composite: true, module: 'node16', types: [] };
  for (const project of ['lib', 'data-scripts']) {
    mkdirSync(join(root, project));
    writeFileSync(join(root, project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    writeFileSync(join(root, project, 'one.ts'), 'export const one = 1;\n');
  }
});

const build = () => setUpProcess(['build'], `await setup.prepareBuild(${JSON.stringify(root)});`);
const output = (file = 'lib/dist/one.js') => readFileSync(join(root, file), 'utf8');

describe('the build', () => {
  it('is made once, and again when a source changes', async () => {
    expect((await build()).stderr).toMatch(/^build: TypeScript to lib\/dist/);
    expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' });
    writeFileSync(join(root, 'lib/one.ts'), 'export const one = 11;\n');
    expect((await build()).stderr).toMatch(/^build: /);
    expect(output()).toContain('one = 11');
  });

  it.each([
    ['a program is deleted', () => rmSync(join(root, 'lib/dist/one.js'))],
    ['a declaration is deleted', () => rmSync(join(root, 'data-scripts/dist/one.d.ts'))],
    ['a program is cut short', () => truncateSync(join(root, 'lib/dist/one.js'), 5)],
    [
      'all but the compiler’s notes are gone',
      () => ['js', 'd.ts'].map((end) => rmSync(join(root, `lib/dist/one.${end}`))),
    ],
    [
      'another version of tsc has left notes on what it did not write',
      () => {
        const notes = join(root, 'lib/dist/tsconfig.tsbuildinfo');
        writeFileSync(notes, readFileSync(notes, 'utf8').replace(/"version":"5[^"]*"/, '"version":"5.0.4"'));
        rmSync(join(root, 'lib/dist/one.js'));
      },
    ],
  ])('is made whole again when %s', async (_, damage) => {
    await build();
    const whole = output();
    damage();
    expect((await build()).stderr).toMatch(/^build: /);
    expect(output()).toBe(whole);
    for (const file of ['lib/dist/one.d.ts', 'data-scripts/dist/one.d.ts', 'data-scripts/dist/one.js'])
      expect(existsSync(join(root, file))).toBe(true);
    expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('that fails is no build', async () => {
    writeFileSync(join(root, 'lib/one.ts'), "export const one: number = 'one';\n");
    const { code, stderr } = await build();
    expect([code, stderr]).toEqual([1, expect.stringContaining('TS2322')]);
    writeFileSync(join(root, 'lib/one.ts'), 'export const one: number = 2;\n');
    expect((await build()).code).toBe(0);
    expect(output()).toContain('one = 2');
  });
});

it('npx tsc is the compiler of the project, and tslab keeps its own', () => {
  const version = (file: string) => JSON.parse(readFileSync(join(kit, file), 'utf8')).version as string;
  const { stdout } = spawnSync(join(kit, 'node_modules/.bin/tsc'), ['--version'], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(
    `Version ${JSON.parse(readFileSync(join(kit, 'package.json'), 'utf8')).devDependencies.typescript}`,
  );
  expect(version('node_modules/tslab/node_modules/@tslab/typescript-for-tslab/package.json')).toBe('5.0.4');
});
