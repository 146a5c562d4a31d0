import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { onlyPrograms, setUpProcess } from './set-up-process';

const scratch = mkdtempSync(join(tmpdir(), 'no-tensorflow-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const PYTHON_OFFLINE = [
  'if [ "$1" = -c ]; then echo 3.12.1; exit 0; fi',
  'echo "WARNING: Retrying after connection broken"',
  'echo "ERROR: Could not find a version that satisfies the requirement"; exit 1',
].join('\n');

const PREPARE = `await setup.prepareEngine({ addOns: ${JSON.stringify(join(scratch, 'add-ons'))} });`; // there are none

const CASES = {
  'no Python': [{}, /comes through pip, and no Python >= 3\.8 was found; install it/],
  'an old Python': [{ python3: 'echo 3.7.17' }, /python3 is 3\.7\.17, and 3\.8 or later is needed/],
  'a Python without pip': [{ python3: 'echo 3.9.2; exit 1' }, /python3 3\.9\.2 has no pip; install it/],
  'no network': [{ python3: PYTHON_OFFLINE }, /pip could not download .* \(ERROR: Could not find a version/],
} as const;

// The rest of the set-up is Linux only, and says so in the same way elsewhere.
describe.skipIf(process.platform !== 'linux')('without TensorFlow', () => {
  it.each(Object.entries(CASES))('%s: the set-up says so in one line and goes on', async (name, [programs, reason]) => {
    const here = join(scratch, name);
    const env = { PATH: onlyPrograms(join(here, 'bin'), programs), XDG_CACHE_HOME: join(here, 'cache'), CXX: '' };
    const { code, stdout, stderr } = await setUpProcess(['prepare'], PREPARE, env);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('engine: downloading'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^engine: the kit runs on WebAssembly \(wasm\), 3 to 8 times slower: /);
    expect(lines[0]).toMatch(reason);
  });

  it('does not try again for a while, but for the doctor', async () => {
    const here = join(scratch, 'again');
    const python3 = `echo "$@" >> '${here}/calls'\n${PYTHON_OFFLINE}`;
    const env = { PATH: onlyPrograms(join(here, 'bin'), { python3 }), XDG_CACHE_HOME: join(here, 'cache') };
    const calls = () => readFileSync(join(here, 'calls'), 'utf8').split('\n').length;
    await setUpProcess(['prepare'], PREPARE, env);
    const once = calls();
    const second = await setUpProcess(['prepare'], PREPARE, env);
    expect(second.stderr).toMatch(/pip could not download/);
    expect(calls()).toBe(once);
    await setUpProcess(['prepare'], PREPARE.replace('{', '{ thorough: true,'), env);
    expect(calls()).toBeGreaterThan(once);
  });

  it.each([
    ['win32-x64', /Linux only \(x86-64, aarch64\), and this is win32-x64/],
    ['darwin-arm64', /this is darwin-arm64; a Linux machine, WSL or a container/],
  ])('says that %s has no TensorFlow', async (platform, reason) => {
    const { stdout } = await setUpProcess(
      ['builds'],
      `try { setup.cpuBuild({ platform: '${platform}' }) } catch (error) { console.log(error.message) }`,
    );
    expect(stdout).toMatch(reason);
  });
});
