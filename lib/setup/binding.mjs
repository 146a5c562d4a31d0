// Three Node-API add-ons: tfjs-node's binding to TensorFlow's C libraries, the gate for TensorFlow's start-up chatter, and
// the kit's own TensorFlow operations, compiled for this machine's processor. Where these cannot be had, plain ops compute.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelsName, processor } from '../engine/kernels-name.cjs';
import { hashFile, noSpaceLeft, readJson, writeJson } from './cache-files.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { run, tail } from './spawn.mjs';
import { step } from './steps.mjs';
import { TENSORFLOW } from './wheel.mjs';

const ADD_ONS = ['stderr_gate.node', 'tfjs_binding.node'];
const KERNELS_ADD_ON = 'kernels.node';
const GATE = fileURLToPath(new URL('../engine/stderr-gate.cc', import.meta.url));
const KERNELS = fileURLToPath(new URL('../engine/native/', import.meta.url));
const require = createRequire(new URL('../package.json', import.meta.url));

/** The folder in which tfjs-node looks for its binding. */
export function addOnFolder() {
  return join(tfjsNodeFolder(), 'lib/napi-v8');
}

function tfjsNodeFolder() {
  return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
}

/**
 * The add-ons in the cache, when they are whole and could be loaded.
 *
 * @returns `{ folder, noKernels }`, where `noKernels` says why the kit's kernels are not among them; else undefined
 */
export function builtBinding(libraries) {
  const folder = bindingFolder(libraries);
  const { sha256, noKernels } = readJson(join(folder, 'manifest.json')) ?? {};
  const whole = (name) => existsSync(join(folder, name)) && sha256Of(readFileSync(join(folder, name))) === sha256[name];
  const names = noKernels === undefined ? [...ADD_ONS, KERNELS_ADD_ON] : ADD_ONS;
  return sha256 !== undefined && names.every(whole) ? { folder, noKernels } : undefined;
}

/**
 * Compiles the add-ons: three calls of the C++ compiler, side by side, no node-gyp. The kit's kernels may fail: why is
 * written down.
 *
 * @param libraries the folder with TensorFlow's libraries, which becomes the binding's run path
 * @throws NoTensorflow when there is no compiler, it fails at the binding, or the binding does not load here
 */
export async function compileBinding(libraries) {
  if (libraries.includes(':')) {
    const todo = 'point XDG_CACHE_HOME to a folder without one in its path';
    throw new NoTensorflow(`a library cannot be found by a path with a colon (${libraries})`, todo);
  }
  const compiler = await findCompiler();
  const built = bindingFolder(libraries);
  const part = `${built}.${process.pid}.part`;
  const node = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  const common = [compiler, '-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', `-I${node}`];
  const runPath = ['-Xlinker', '-rpath', '-Xlinker', libraries]; // -Wl would take a comma in it for its end
  const env = { ...process.env, TMPDIR: part }; // /tmp may be full
  await step('engine', `compiling the binding with ${compiler}`, async () => {
    const tfjs = tfjsNodeFolder();
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjs, 'binding', name));
    mkdirSync(part, { recursive: true });
    const [binding, gate, kernels] = await Promise.all([
      run(
        [
          ...common,
          `-I${join(libraries, 'include')}`,
          `-I${tfjs}`,
          ...sources,
          '-o',
          join(part, 'tfjs_binding.node'),
        ].concat([`-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', ...runPath]),
        { env },
      ),
      run([...common, GATE, '-o', join(part, 'stderr_gate.node')], { env }),
      run(
        [
          ...common.map((argument) => (argument === '-O2' ? '-O3' : argument)),
          '-march=native',
          '-ffp-contract=fast',
          '-pthread',
          `-I${join(libraries, 'include')}`,
          join(KERNELS, 'kernels.cc'),
          '-o',
          join(part, KERNELS_ADD_ON),
          `-L${libraries}`,
          '-l:libtensorflow_framework.so.2',
          ...runPath,
        ],
        { env },
      ),
    ]);
    const failed = [binding, gate].find(({ code }) => code !== 0);
    if (failed) {
      if (failed.output.includes('No space left on device')) throw noSpaceLeft(libraries);
      throw new NoTensorflow(
        `${compiler} could not compile the binding (its last lines:\n${tail(failed.output)}\n)`,
        'a compiler for C++17 is needed (g++ >= 9, clang >= 10)',
      );
    }
    await tryToLoad(join(part, 'tfjs_binding.node'));
    const noKernels =
      kernels.code === 0 ? await whyNoKernels(part) : `${compiler} cannot compile them (${errorOf(kernels.output)})`;
    if (noKernels !== undefined) rmSync(join(part, KERNELS_ADD_ON), { force: true });
    const sha256 = {};
    for (const name of readdirSync(part)) sha256[name] = await hashFile(join(part, name));
    writeJson(join(part, 'manifest.json'), { compiler, sha256, noKernels });
    rmSync(built, { recursive: true, force: true });
    renameSync(part, built);
  });
}

/**
 * Copies the add-ons to where they are looked for, when they are not there.
 *
 * The kernels get a name of their own for each processor: those that other machines run stay.
 */
export function installBinding({ folder, noKernels }, addOns = addOnFolder()) {
  const names = ADD_ONS.map((name) => [name, name]);
  if (noKernels === undefined) names.push([KERNELS_ADD_ON, kernelsName()]);
  for (const [from, name] of names) {
    const to = join(addOns, name);
    const bytes = readFileSync(join(folder, from));
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue;
    mkdirSync(addOns, { recursive: true });
    copyFileSync(join(folder, from), `${to}.${process.pid}.part`);
    renameSync(`${to}.${process.pid}.part`, to);
  }
}

/** TensorFlow's version, when a binding of an earlier set-up is there and loads; else undefined. */
export async function installedVersion(addOns = addOnFolder()) {
  const binding = join(addOns, 'tfjs_binding.node');
  if (!existsSync(binding)) return undefined;
  const { code, output } = await loadInProcess(binding);
  return code === 0 ? /^\d+\.\d+\.\S+$/m.exec(output)?.[0] : undefined;
}

// Named for everything that decides the add-ons' bytes, the processor too: the cache may be shared between machines.
function bindingFolder(libraries) {
  const sources = join(tfjsNodeFolder(), 'binding');
  const hash = createHash('sha256').update(`${libraries}\n${TENSORFLOW}\n`);
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
  hash.update(readFileSync(GATE));
  for (const name of readdirSync(KERNELS).sort()) hash.update(readFileSync(join(KERNELS, name)));
  hash.update(processor());
  return join(libraries, `binding-${hash.digest('hex').slice(0, 16)}`);
}

async function findCompiler() {
  for (const compiler of [process.env.CXX, 'g++', 'c++', 'clang++']) {
    if (compiler && (await run([compiler, '--version'])).code === 0) return compiler;
  }
  throw new NoTensorflow(
    'no C++ compiler was found (g++, c++, clang++)',
    'install one (Debian, Ubuntu: `apt install g++`; Fedora: `dnf install gcc-c++`), then run `npm run doctor`',
  );
}

async function tryToLoad(binding) {
  const { code, output } = await loadInProcess(binding);
  if (code === 0 && output.includes(TENSORFLOW)) return;
  throw new NoTensorflow(
    `TensorFlow does not load on this machine (exit code ${code}, its last lines:\n${tail(output, 4)}\n)`,
    'it needs a processor with AVX and glibc >= 2.27',
  );
}

async function whyNoKernels(folder) {
  const { code, output } = await loadInProcess(join(folder, 'tfjs_binding.node'), join(folder, KERNELS_ADD_ON));
  return code === 0 ? undefined : `they do not load (exit code ${code}, ${errorOf(output)})`;
}

// In a process of its own: a library that this processor or C library cannot run ends that process, not this one.
function loadInProcess(binding, ...others) {
  const script = `const { TF_Version } = require(${JSON.stringify(binding)});
    ${others.map((file) => `require(${JSON.stringify(file)});`).join('')} TF_Version`;
  return run([process.execPath, '-p', script], { timeoutMs: 120_000 });
}

// The one line that says most.
function errorOf(output) {
  const lines = output.trim().split('\n');
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1)).trim().slice(0, 200);
}

function sha256Of(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
