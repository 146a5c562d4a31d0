// `npm run doctor`: what is here, which engine computes, and what to do next.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { cudaBuild } from './builds.mjs';
import { bytesUnder, readJson } from './cache-files.mjs';
import { cacheFolder } from './cache-folder.mjs';
import { mayWrite, NO_HOME } from './home.mjs';
import { cardName, findNvidia, whyNoCuda } from './nvidia.mjs';
import { findPython } from './python.mjs';
import { run } from './spawn.mjs';
import { megabytes } from './steps.mjs';
import { lastFailures } from './tensorflow.mjs';

const PEERS = [
  'torch',
  'numpy',
  'scipy',
  'sklearn',
  'wfdb',
  'pandas',
  'pyarrow',
  'safetensors',
  'nbclient',
  'jupyterlab',
];

/**
 * Prints the state of the checkout, a line a part.
 *
 * @param root the checkout, prepared
 * @param args `--json` prints the same as one JSON object
 * @param home the folder with data and runs
 */
export default async function doctor(root, args, home = root) {
  const backends = await tryBackends(root);
  const rows = {
    kit: kit(root),
    home: homeLine(root, home),
    engine: await engine(root),
    backends: backends.map(backendLine),
    processor: [...processor(root), bf16(root)],
    memory: `${gigabytes(totalmem())}, ${gigabytes(freemem())} of it free`,
    gpu: await gpu(root, backends),
    node: `${process.versions.node} on ${process.platform}-${process.arch}`,
    python: await python(root),
    cache: cache(),
    data: data(home),
    runs: runs(home),
  };
  rows.next = next(rows, home);
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else for (const [name, lines] of Object.entries(rows)) print(name, [lines].flat());
  return 0;
}

function print(name, lines) {
  lines.forEach((line, i) => {
    const shown = String(line).replace(/\p{Cc}/gu, '\ufffd'); // it may hold names of files, and words of a manifest
    process.stdout.write(`${(i === 0 ? name : '').padEnd(11)}${shown}\n`);
  });
}

function kit(root) {
  const { version } = readJson(join(root, 'lib/package.json'));
  return `hybrid-ecg ${version} in ${root}`;
}

function homeLine(root, home) {
  if (home !== root) return `${home} (HYBRID_ECG_HOME)${existsSync(home) ? '' : ': not made yet'}`;
  return mayWrite(root) ? 'the checkout; HYBRID_ECG_HOME names another folder' : `the checkout, but ${NO_HOME}`;
}

async function engine(root) {
  const require = createRequire(join(root, 'lib/package.json'));
  const { useEngine, BACKENDS } = require('./dist/engine/use-engine.js');
  const { backend, version, threads, device, deviceName, oneDnn, plainOps, why, tf } = await useEngine();
  const name = backend === 'tensorflow' ? `TensorFlow ${version}` : `${backend} of TensorFlow.js ${version}`;
  const speed = await gflops(tf);
  const failures = lastFailures().map(({ reason, todo }) => `${reason}: ${todo}`);
  return [
    `${name} on the ${where({ device, deviceName })}, ${threads} thread${threads === 1 ? '' : 's'}; ${speed} GFLOP/s in matrix products`,
    why === 'the fastest, and it loads' ? `the fastest of ${BACKENDS.join(', ')}, and it loads` : why,
    ...(oneDnn === undefined ? [] : [oneDnnLine(oneDnn)]),
    ...(plainOps === undefined ? [] : [`in plain ops, slower than with the kit's own kernels: ${plainOps}`]),
    ...failures,
  ];
}

function oneDnnLine(on) {
  const now = process.env.TF_ENABLE_ONEDNN_OPTS;
  return on
    ? `convolutions by oneDNN (TF_ENABLE_ONEDNN_OPTS=${now}; 0 turns it off, and a residual network trains more slowly)`
    : `convolutions without oneDNN (TF_ENABLE_ONEDNN_OPTS=${now}): a residual network trains more slowly`;
}

// Products of 512 x 512 matrices: the size of this kit's layers.
async function gflops(tf) {
  const n = 512;
  const matrix = tf.ones([n, n]);
  const times = [];
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    const product = tf.matMul(matrix, matrix);
    await product.data();
    product.dispose();
    times.push(performance.now() - start);
  }
  matrix.dispose();
  return ((2 * n ** 3) / Math.min(...times) / 1e6).toFixed(times[0] > 100 ? 1 : 0);
}

// Each in a process of its own: a driver that fails may end it.
async function tryBackends(root) {
  const useEngine = JSON.stringify(join(root, 'lib/dist/engine/use-engine.js'));
  const { BACKENDS } = createRequire(import.meta.url)(join(root, 'lib/dist/engine/use-engine.js'));
  return Promise.all(
    BACKENDS.map(async (backend) => {
      const script = `require(${useEngine}).useEngine({ backend: '${backend}' }).then(
        ({ tf, ...engine }) => console.log(JSON.stringify(engine)),
        ({ actual, message }) => console.log(JSON.stringify({ refused: actual ?? message })));`;
      const { code, output } = await run([process.execPath, '-e', script], { timeoutMs: 120_000 });
      const line = output.split('\n').find((text) => text.startsWith('{'));
      return { backend, ...(line ? JSON.parse(line) : { refused: `it ended with exit code ${code}` }) };
    }),
  );
}

function backendLine({ backend, refused, threads, ...on }) {
  if (refused) return `${backend}: does not load: ${refused}`;
  const by = `on the ${where(on)}, ${threads} thread${threads === 1 ? '' : 's'}`;
  const note = on.deviceName && on.device === 'cpu' ? '; no GPU, so taken only when asked for' : '';
  return `${backend}: loads, ${by}${note}`;
}

function where({ device, deviceName }) {
  const name = device === 'gpu' ? 'GPU' : 'CPU';
  return deviceName ? `${name} (${deviceName})` : name;
}

const FEATURES = {
  avx2: 'AVX2',
  avx512f: 'AVX-512',
  avx512_bf16: 'AVX-512 bfloat16',
  amx_bf16: 'AMX bfloat16',
  asimd: 'NEON',
  bf16: 'bfloat16',
};

function processor(root) {
  const { availableCores } = createRequire(join(root, 'lib/package.json'))('./dist/engine/available-cores.js');
  const cores = `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableCores()} cores for this process`;
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(info)?.[1].trim().split(/\s+/));
  const found = Object.entries(FEATURES).filter(([flag]) => flags.has(flag));
  return [cores, ...(found.length > 0 ? [found.map(([, name]) => name).join(', ')] : [])];
}

/** Whether `precision: 'bf16'` gains here: the kit's own products are timed in both precisions, in turn. */
function bf16(root) {
  const require = createRequire(join(root, 'lib/package.json'));
  const tf = require('@tensorflow/tfjs');
  const { linear } = require('./dist/engine/linear.js');
  const { hasNativeKernels } = require('./dist/engine/native-kernels.js');
  const { withPrecision } = require('./dist/engine/precision.js');
  if (!hasNativeKernels())
    return "precision 'bf16' is not to be had: it needs the kit's kernels, of the backend tensorflow on the CPU";
  const [rows, n] = [1024, 512];
  const best = { float32: Infinity, bf16: Infinity };
  tf.tidy(() => {
    const [x, weight, bias] = [tf.ones([rows, n]), tf.ones([n, n]), tf.zeros([n])];
    for (let i = 0; i < 20; i++) {
      const precision = i % 2 === 0 ? 'float32' : 'bf16';
      const start = performance.now();
      withPrecision(precision, () => tf.tidy(() => void linear(x, weight, bias)));
      best[precision] = Math.min(best[precision], performance.now() - start);
    }
  });
  const speed = (precision) => ((2 * rows * n ** 2) / best[precision] / 1e6).toFixed(0);
  const ratio = best.float32 / best.bf16;
  return (
    `precision 'bf16': ${speed('bf16')} GFLOP/s in the kit's products, ${speed('float32')} in float32, ratio ` +
    `${ratio.toFixed(2)}: ${ratio > 1.15 ? 'a training gains' : 'a training gains nothing'}`
  );
}

async function gpu(root, backends) {
  const cards = await findNvidia();
  const reason = whyNoCuda(cards);
  if (cards.length === 0) return reason;
  const rows = cards.map(cardName);
  if (backends.some(({ backend, device }) => backend === 'tensorflow' && device === 'gpu')) {
    const { gpuSettings } = createRequire(join(root, 'lib/package.json'))('./dist/engine/gpu-settings.js');
    return [...rows, gpuSettings()]; // `useEngine` has set them
  }
  const build = cudaBuild();
  const isThere = build !== undefined && existsSync(join(cacheFolder(), build.folder));
  const why = isThere
    ? "TensorFlow's CUDA build is there and takes no card; TF_CPP_MIN_LOG_LEVEL=0 makes it say why"
    : "TensorFlow's CUDA build is not there; the engine's lines say why";
  return [...rows, `not used: ${reason ?? why}`];
}

async function python(root) {
  const venv = join(root, '.venv/bin/python');
  const candidates = [process.env.HYBRID_ECG_PYTHON, existsSync(venv) ? venv : undefined, 'python3'].filter(Boolean);
  const found = await findPython({ candidates });
  if (found.command === undefined) return `${found.reason}: needed for the TensorFlow engine and JupyterLab only`;
  const script = `import importlib.util as u; print(*[m for m in ${JSON.stringify(PEERS)} if u.find_spec(m)])`;
  const { output } = await run([...found.command, '-c', script]);
  const peers = output.trim().split(' ').filter(Boolean);
  const missing = PEERS.filter((name) => !peers.includes(name));
  return [
    `${found.version} (${found.command[0]})`,
    missing.length === 0
      ? 'all packages that tests compare with'
      : `tests that compare with it skip; it lacks ${missing.join(', ')}`,
  ];
}

function cache() {
  const folder = cacheFolder();
  if (!existsSync(folder)) return `${folder}: nothing yet`;
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const rows = entries.map(({ name }) => `${name}: ${megabytes(bytesUnder(join(folder, name)))}`);
  return [`${folder}${rows.length === 0 ? ': nothing yet' : ''}`, ...rows];
}

function data(home) {
  const folder = join(home, 'data/standardised');
  const stores = existsSync(folder) ? readdirSync(folder) : [];
  const rows = stores.map((name) => {
    const manifest = readJson(join(folder, name, 'manifest.json'));
    if (manifest === undefined) return `${name}: not finished`;
    return `${name}: ${manifest.records.toLocaleString('en')} ECGs, ${megabytes(bytesUnder(join(folder, name)))}`;
  });
  return rows.length === 0 ? 'none standardised yet' : rows;
}

function runs(home) {
  const folder = join(home, 'runs');
  if (!existsSync(folder)) return 'none yet';
  const count = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length;
  return `${count} folders, ${megabytes(bytesUnder(folder))}`;
}

/** The command to go on with, by what is there. */
export function next({ data: found }, home) {
  if (!existsSync(join(home, 'runs/notebooks/tiny'))) return 'npm run quickstart: Table 1 on synthetic ECGs';
  const real = [found].flat().some((row) => /^ptb-xl: [\d,]+ ECGs/.test(row));
  const commands = ['download ptb-xl', 'standardise ptb-xl'].map((command) => `npm run data -- ${command}`);
  if (!real) return `PTB-XL (README, "Real ECGs"): ${commands.join(', then ')}`;
  return 'npm run lab: the notebooks; npm run reproduce -- --profile ptbxl-quick --tables 1: Table 1 on real ECGs';
}

function gigabytes(bytes) {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
