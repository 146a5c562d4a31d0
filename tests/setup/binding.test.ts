import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { onlyPrograms, pythonThatDownloads, setUpProcess } from './set-up-process';
import { BUILD, WHEEL } from './small-wheel';

const scratch = mkdtempSync(join(tmpdir(), 'binding-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const VERSION = 'if [ "$1" = --version ]; then exit 0; fi';
const WRITE_TEXT = 'while [ "$1" != -o ]; do shift; done; echo no library > "$2"';

it.each([
  ['there is no compiler', {}, /no C\+\+ compiler was found .*; install one/],
  [
    'the compiler fails',
    { 'g++': `${VERSION}; echo 'error: too old' >&2; exit 1` },
    /g\+\+ could not compile .*error: too old/s,
  ],
  [
    'what it makes does not load',
    { 'g++': `${VERSION}; ${WRITE_TEXT}` },
    /TensorFlow does not load on this machine \(exit code 1/,
  ],
])('says so when %s, keeps the libraries, and leaves no half binding', async (name, programs, reason) => {
  const here = join(scratch, name);
  const python3 = pythonThatDownloads(join(here, 'tensorflow.whl'), join(here, 'calls'));
  const path = onlyPrograms(join(here, 'bin'), { ...programs, python3 });
  writeFileSync(join(here, 'tensorflow.whl'), WHEEL);
  const options = JSON.stringify({ cache: join(here, 'cache'), builds: [BUILD] });
  const script = `try { await setup.prepareTensorflow(${options}) } catch (error) { console.log(error.message) }`;
  const { stdout } = await setUpProcess(['tensorflow'], script, { PATH: path, CXX: '' });
  expect(stdout).toMatch(reason);
  const libraries = join(here, 'cache', BUILD.folder);
  expect(existsSync(join(libraries, 'libtensorflow_cc.so.2'))).toBe(true);
  const bindings = readdirSync(libraries).filter((entry) => /^binding-[0-9a-f]{16}$/.test(entry));
  expect(bindings).toEqual([]);
  expect(readFileSync(join(here, 'calls'), 'utf8').trim().split('\n')).toHaveLength(1);
});
