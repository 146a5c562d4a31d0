// Three Node-API add-ons: tfjs-node's binding to TensorFlow's C libraries, the gate for TensorFlow's start-up chatter, and
// the kit's own TensorFlow operations, compiled for this machine's processor.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashFile, readJson, writeJson } from './cache-files.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { run, tail } from './spawn.mjs';
import { step } from './steps.mjs';
import { TENSORFLOW } from './wheel.mjs';

const ADD_ONS = ['stderr_gate.node', 'tfjs_binding.node', 'kernels.node'];
const GATE = fileURLToPath(new URL('../engine/stderr-gate.cc', import.meta.url));
const KERNELS = fileURLToPath(new URL('../engine/native/', import.meta.url));
const require = createRequire(new URL('../package.json', import.meta.url));

/** The folder of the npm package whose binding this is. */
export function tfjsNodeFolder() {
  return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
}

/** The folder in the cache with both add-ons, when they are whole and could be loaded; else undefined. */
export function builtBinding(libraries) {
  const built = bindingFolder(libraries);
  const sha256 = readJson(join(built, 'manifest.json'))?.sha256;
  const whole = (name) => existsSync(join(built, name)) && sha256Of(readFileSync(join(built, name))) === sha256[name];
  return sha256 !== undefined && ADD_ONS.every(whole) ? built : undefined;
}

/**
 * Compiles the add-ons: three calls of the C++ compiler, side by side, no node-gyp.
 *
 * @param libraries the folder with TensorFlow's libraries, which becomes the binding's run path
 * @throws NoTensorflow when there is no compiler, it fails, or what it makes does not load here
 */
export async function compileBinding(libraries) {
  const compiler = await findCompiler();
  const built = bindingFolder(libraries);
  const part = `${built}.${process.pid}.part`;
  const node = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  const common = [compiler, '-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', `-I${node}`];
  await step('engine', `compiling the binding with ${compiler}`, async () => {
    const tfjs = tfjsNodeFolder();
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjs, 'binding', name));
    mkdirSync(part, { recursive: true });
    const results = await Promise.all([
      run(
        [
          ...common,
          `-I${join(libraries, 'include')}`,
          `-I${tfjs}`,
          ...sources,
          '-o',
          join(part, 'tfjs_binding.node'),
        ].concat([
          `-L${libraries}`,
          '-l:libtensorflow_cc.so.2',
          '-l:libtensorflow_framework.so.2',
          `-Wl,-rpath,${libraries}`,
        ]),
      ),
      run([...common, GATE, '-o', join(part, 'stderr_gate.node')]),
      run([
        ...common.map((argument) => (argument === '-O2' ? '-O3' : argument)),
        '-march=native',
        '-ffp-contract=fast',
        '-pthread',
        `-I${join(libraries, 'include')}`,
        join(KERNELS, 'kernels.cc'),
        '-o',
        join(part, 'kernels.node'),
        `-L${libraries}`,
        '-l:libtensorflow_framework.so.2',
        `-Wl,-rpath,${libraries}`,
      ]),
    ]);
    const failed = results.find(({ code }) => code !== 0);
    if (failed) {
      throw new NoTensorflow(
        `${compiler} could not compile the binding (its last lines:\n${tail(failed.output)}\n)`,
        'a compiler for C++17 is needed (g++ >= 9, clang >= 10)',
      );
    }
    await tryToLoad(join(part, 'tfjs_binding.node'));
    const sha256 = {};
    for (const name of ADD_ONS) sha256[name] = await hashFile(join(part, name));
    writeJson(join(part, 'manifest.json'), { compiler, sha256 });
    rmSync(built, { recursive: true, force: true });
    renameSync(part, built);
  });
}

/** Copies the add-ons to where tfjs-node looks for them, when they are not there. */
export function installBinding(built) {
  for (const name of ADD_ONS) {
    const to = join(tfjsNodeFolder(), 'lib/napi-v8', name);
    const bytes = readFileSync(join(built, name));
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(built, name), `${to}.${process.pid}.part`);
    renameSync(`${to}.${process.pid}.part`, to);
  }
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

// In a process of its own: a library that this processor or C library cannot run ends that process, not this one.
async function tryToLoad(binding) {
  const script = `require(${JSON.stringify(binding)}).TF_Version`;
  const { code, output } = await run([process.execPath, '-p', script], { timeoutMs: 120_000 });
  if (code === 0 && output.includes(TENSORFLOW)) return;
  throw new NoTensorflow(
    `TensorFlow does not load on this machine (exit code ${code}, its last lines:\n${tail(output, 4)}\n)`,
    'it needs a processor with AVX and glibc >= 2.27',
  );
}

function processor() {
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return /^(?:flags|Features)\s*:.*$/m.exec(info)?.[0] ?? cpus()[0].model;
}

function sha256Of(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
