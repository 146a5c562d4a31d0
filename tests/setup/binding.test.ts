import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
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
    'the disk is full',
    { 'g++': `${VERSION}; echo 'cc1plus: fatal error: /tmp/x.s: No space left on device' >&2; exit 1` },
    /no space is left on the disk of .*; free some space/,
  ],
  [
    'a colon in the path of the cache',
    { 'g++': `${VERSION}; exit 1` },
    /cannot be found by a path with a colon \(.*: .*\); point XDG_CACHE_HOME/,
  ],
  [
    'what it makes does not load',
    { 'g++': `${VERSION}; ${WRITE_TEXT}` },
    /TensorFlow does not load on this machine \(exit code 1/,
  ],
])('says so when %s, keeps the libraries, and leaves no half binding', async (name, programs, reason) => {
  const here = join(scratch, name);
  const cache = join(here, name.includes('colon') ? 'cache: mine' : 'cache');
  const python3 = pythonThatDownloads(join(here, 'tensorflow.whl'), join(here, 'calls'));
  const path = onlyPrograms(join(here, 'bin'), { ...programs, python3 });
  writeFileSync(join(here, 'tensorflow.whl'), WHEEL);
  const options = JSON.stringify({ cache, builds: [BUILD] });
  const script = `try { await setup.prepareTensorflow(${options}) } catch (error) { console.log(error.message) }`;
  const { stdout } = await setUpProcess(['tensorflow'], script, { PATH: path, CXX: '' });
  expect(stdout).toMatch(reason);
  const libraries = join(cache, BUILD.folder);
  expect(existsSync(join(libraries, 'libtensorflow_cc.so.2'))).toBe(true);
  const bindings = readdirSync(libraries).filter((entry) => /^binding-[0-9a-f]{16}$/.test(entry));
  expect(bindings).toEqual([]);
  expect(readFileSync(join(here, 'calls'), 'utf8').trim().split('\n')).toHaveLength(1);
});

const kernels = resolve(__dirname, '../../lib/engine/kernels-name.cjs');
const noCompiler = spawnSync('g++', ['--version']).status === 0 ? '' : ' (skipped: no g++)';

describe.skipIf(noCompiler !== '')(`a binding that loads${noCompiler}`, () => {
  /** Stands for the binding, and for the kernels. */
  const addOn = join(scratch, 'tensorflow.node');
  const SOURCE = `#include <node_api.h>
    static napi_value Init(napi_env env, napi_value exports) {
      napi_value version;
      napi_create_string_utf8(env, "2.21.0", NAPI_AUTO_LENGTH, &version);
      napi_set_named_property(env, exports, "TF_Version", version);
      return exports;
    }
    NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)`;
  const compileAddOn = () => {
    if (existsSync(addOn)) return;
    writeFileSync(join(scratch, 'tensorflow.cc'), SOURCE);
    const headers = resolve(__dirname, '../../node_modules/node-api-headers/include');
    const args = ['-shared', '-fPIC', `-I${headers}`, join(scratch, 'tensorflow.cc'), '-o', addOn];
    expect(spawnSync('g++', args, { encoding: 'utf8' }).stderr).toBe('');
  };
  const COPY = `while [ "$1" != -o ]; do shift; done; exec cp '${addOn}' "$2"`;

  /** What the set-up prints and installs with a compiler that does this with the kernels. */
  async function setUp(name: string, withKernels: string) {
    const here = join(scratch, name);
    compileAddOn();
    const python3 = pythonThatDownloads(join(here, 'tensorflow.whl'), join(here, 'calls'));
    const compiler = `${VERSION}; case "$*" in *kernels.cc*) ${withKernels};; esac; ${COPY}`;
    const path = onlyPrograms(join(here, 'bin'), { python3, 'g++': compiler });
    writeFileSync(join(here, 'tensorflow.whl'), WHEEL);
    const options = { cache: join(here, 'cache'), builds: [BUILD], addOns: join(here, 'add-ons') };
    const script = `await setup.prepareTensorflow(${JSON.stringify(options)});`;
    const again = (change = {}) =>
      setUpProcess(['tensorflow'], `await setup.prepareTensorflow(${JSON.stringify({ ...options, ...change })});`, {
        PATH: path,
        CXX: '',
      });
    const { code, stderr } = await setUpProcess(['tensorflow'], script, { PATH: path, CXX: '' });
    return { code, stderr, installed: () => readdirSync(options.addOns).sort(), here, again };
  }

  it('is installed with the kernels of these sources for this processor', async () => {
    const { code, stderr, installed, again } = await setUp('whole', ':');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('plain ops') });
    const { kernelsName } = await import(kernels);
    expect(kernelsName()).toMatch(/^kernels-[0-9a-f]{16}\.node$/);
    expect(installed()).toEqual([kernelsName(), 'stderr_gate.node', 'tfjs_binding.node']);
    expect(await again()).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    [
      'are not compiled',
      `echo 'kernels.cc:7: error: no vectors' >&2; exit 1`,
      /g\+\+ cannot compile them \(.*no vectors\)/,
    ],
    ['do not load', WRITE_TEXT.replace(/$/, '; exit 0'), /they do not load \(exit code 1, .*\)/],
  ])('is installed without kernels that %s, which one line says', async (name, withKernels, reason) => {
    const { code, stderr, installed, here, again } = await setUp(name, withKernels);
    const line = (text: string) => text.split('\n').filter((row) => row.includes('TensorFlow computes in plain ops'));
    expect(code, stderr).toBe(0);
    expect(line(stderr)).toEqual([expect.stringMatching(reason)]);
    expect(installed()).toEqual(['stderr_gate.node', 'tfjs_binding.node']);
    const second = await again();
    expect(second.stderr.trim().split('\n')).toEqual(line(second.stderr)); // nothing is compiled again
    writeFileSync(join(here, 'bin/g++'), `#!/bin/sh\n${VERSION}; ${COPY}\n`);
    const doctor = await again({ thorough: true });
    expect(doctor.stderr).toMatch(/compiling the binding/);
    expect(line(doctor.stderr)).toEqual([]);
    expect(installed()).toHaveLength(3);
  });

  it.each(['a, b', 'a#b %20', 'say "a"', 'Ärzte'])('is linked to libraries in a cache named %s', async (name) => {
    const args = join(scratch, 'args');
    rmSync(args, { force: true });
    const { code, stderr, here } = await setUp(
      name,
      `:; esac; case "$*" in *tfjs_binding.cc*) printf '%s\\n' "$TMPDIR" "$@" > '${args}'`,
    );
    expect(code, stderr).toBe(0);
    const libraries = join(here, 'cache', BUILD.folder);
    const [temporary, ...given] = readFileSync(args, 'utf8').split('\n');
    expect(temporary.startsWith(join(libraries, 'binding-'))).toBe(true); // /tmp may be full
    const runPath = given.indexOf('-rpath');
    expect(given.slice(runPath - 1, runPath + 3)).toEqual(['-Xlinker', '-rpath', '-Xlinker', libraries]);
  });

  it('of an earlier set-up computes where a new one fails, and the line says so', async () => {
    compileAddOn();
    const here = join(scratch, 'earlier');
    mkdirSync(join(here, 'add-ons'), { recursive: true });
    cpSync(addOn, join(here, 'add-ons/tfjs_binding.node'));
    const env = { PATH: onlyPrograms(join(here, 'bin'), {}), XDG_CACHE_HOME: join(here, 'cache') };
    const script = `await setup.prepareEngine({ addOns: ${JSON.stringify(join(here, 'add-ons'))} });`;
    const { stderr } = await setUpProcess(['prepare'], script, env);
    expect(stderr).toMatch(/^engine: TensorFlow 2\.21\.0 computes as it was set up before, but cannot .*: .*no Python/);
    writeFileSync(join(here, 'add-ons/tfjs_binding.node'), 'of another system');
    expect((await setUpProcess(['prepare'], script, env)).stderr).toMatch(
      /^engine: the kit runs on WebAssembly \(wasm\)/,
    );
  });
});
