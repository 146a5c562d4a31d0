import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../lib/engine/adamw';
import { BACKENDS, type Backend, useEngine } from '../../lib/engine/use-engine';
import { createEncoder } from '../../lib/model/encoder';
import { hybridLoss } from '../../lib/pretrain/hybrid-loss';
import { DEFAULT_OBJECTIVE, Objective } from '../../lib/pretrain/objective';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { GOLDEN_CASES, golden, goldenCase, gradientsOf, relativeError } from '../golden-model';
import { softwareGpuVariables } from '../software-gpu';
import { type BenchRow, median, type PythonPeer, startPythonPeer } from './python-peer';
import { trainingWork } from './train';

const MODEL = { patchSize: 60, blockDepth: 2, embeddingSize: 64 };
const DECODER = { embeddingSize: 64, blockDepth: 1, headDim: 64 };
const BATCH = 16;
/** For plain JavaScript and for a GPU in software. */
const SMALL_BATCH = 4;
const ENOUGH_S = 5;

/** What a backend does on this machine. */
interface Measured {
  backend: Backend;
  /** What it computes on. */
  on: string;
  batch: number;
  stepsPerS: number;
  /** The worst of all golden gradients: the largest difference from PyTorch's in float64 over the largest value. */
  gradientError: number;
  /** The largest resident size, less what the process had before it loaded the backend; a GPU's memory not counted. */
  peakMemoryMB: number;
}

/**
 * Steps a second, gradient error and memory of each backend, every one in a process of its own; PyTorch's steps on all
 * cores are timed before and after each.
 */
export async function benchBackends(): Promise<(BenchRow & Measured)[]> {
  const rows: (BenchRow & Measured)[] = [];
  const peer = await startPythonPeer('train_peer.py');
  for (const backend of BACKENDS) {
    const before = await peerStepsPerS(peer);
    const measured = await measureInAProcess(backend);
    if (typeof measured === 'string') {
      process.stderr.write(`${backend}: ${measured}\n`);
      continue;
    }
    const after = await peerStepsPerS(peer);
    const { patchSize, blockDepth, embeddingSize } = MODEL;
    const what = `HL step ${patchSize}/${blockDepth}/${embeddingSize}, batch ${measured.batch}, ${backend}`;
    // Of the small batch PyTorch is given the ECGs a second of the large one.
    const atBatch = (stepsPerS: number) => (stepsPerS * BATCH) / measured.batch;
    const peerRate = before === undefined || after === undefined ? null : atBatch(Math.sqrt(before * after));
    const ratio = peerRate === null ? null : measured.stepsPerS / peerRate;
    const beside = { peer: peerRate, peerName: 'PyTorch CPU', ratio };
    rows.push({ what, unit: 'steps/s', ours: measured.stepsPerS, ...measured, ...beside });
  }
  peer?.stop();
  return rows;
}

/** PyTorch's steps a second of a batch, by the median of five timings. */
async function peerStepsPerS(peer: PythonPeer | undefined): Promise<number | undefined> {
  if (peer === undefined) return undefined;
  const steps = 5;
  const options = {
    decoder: DECODER,
    batch: BATCH,
    threads: availableParallelism(),
    precision: 'float32',
    steps,
  } as const;
  const work = trainingWork('hybrid', MODEL, options);
  const seconds: number[] = [];
  for (let i = 0; i < 5; i++) seconds.push(await peer.seconds(work));
  return steps / median(seconds);
}

/** The same as a table in Markdown. */
export function formatBackends(rows: readonly (BenchRow & Measured)[]): string {
  const lines = rows.map(({ backend, on, batch, stepsPerS, ratio, gradientError, peakMemoryMB }) => {
    const cells = [
      `\`${backend}\``,
      on,
      batch,
      twoDigits(stepsPerS),
      twoDigits(stepsPerS * batch),
      ratio === null ? '-' : twoDigits(ratio),
      gradientError.toExponential(1),
      `${peakMemoryMB.toFixed(0)} MB`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = '| backend | on | batch | steps/s | ECGs/s | of PyTorch | gradient error | peak memory |';
  return [head, head.replace(/[^|]+/g, '---'), ...lines].join('\n');
}

function twoDigits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

/** Called in the process of a backend. */
export async function measure(backend: Backend): Promise<Measured> {
  const start = process.memoryUsage.rss();
  const { device, deviceName, threads } = await useEngine({ backend });
  const cores = `${threads} thread${threads === 1 ? '' : 's'}`;
  const on = deviceName ?? (device === 'gpu' ? 'GPU' : `CPU, ${cores}`);
  const isSlow = backend === 'cpu' || (backend === 'webgpu' && device === 'cpu');
  const batch = isSlow ? SMALL_BATCH : BATCH;
  const stepsPerS = 1 / (await secondsAStep(batch, isSlow));
  const peakMemoryMB = (1024 * process.resourceUsage().maxRSS - start) / 1e6;
  return { backend, on, batch, stepsPerS, gradientError: await worstGradient(), peakMemoryMB };
}

async function measureInAProcess(backend: Backend): Promise<Measured | string> {
  const root = resolve(__dirname, '../..');
  const bench = JSON.stringify(resolve(root, 'lib/setup/bench.mjs'));
  const script = `import(${bench}).then(async ({ requireTypeScript }) => {
    const { measure } = requireTypeScript(${JSON.stringify(root)})(${JSON.stringify(__filename)});
    console.log(JSON.stringify(await measure('${backend}')));
  }).catch(({ message }) => console.log(JSON.stringify(message)));`;
  const variables = backend === 'webgpu' ? softwareGpuVariables() : {};
  const child = spawn(process.execPath, ['-e', script], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const code = await new Promise((done) => child.on('close', done));
  const line = output.trim().split('\n').pop();
  return line ? JSON.parse(line) : `ended with exit code ${code}`;
}

/** Median over as many steps as fit into some seconds, after one that compiles and allocates. */
async function secondsAStep(batch: number, isSlow: boolean): Promise<number> {
  const encoder = createEncoder(MODEL, { seed: 0 });
  const objective = new Objective('hybrid', encoder, { ...DEFAULT_OBJECTIVE, decoder: DECODER, seed: 0 });
  const optimiser = new AdamW(encoder.parameters);
  const noise = randomStream(0, 'bench');
  const ecgs = Float32Array.from({ length: batch * LEADS.length * SAMPLES }, () => noise.uniform() - 0.5);
  const patientIds = Array.from({ length: batch }, (_, i) => String(i >> 1));
  const times: number[] = [];
  const sum = () => times.reduce((a, b) => a + b, 0);
  for (let step = 0; times.length < (isSlow ? 1 : 5) || (sum() < ENOUGH_S && times.length < 50); step++) {
    const start = performance.now();
    await trainingStepAsync(encoder.parameters, objective.prepare({ ecgs, patientIds }, step), {
      optimiser,
      rate: 1e-4,
    });
    if (step > 0) times.push((performance.now() - start) / 1000);
  }
  optimiser.dispose();
  objective.dispose();
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

async function worstGradient(): Promise<number> {
  let worst = 0;
  for (const name of GOLDEN_CASES) {
    const { parameters, terms } = goldenCase(name);
    const gradients = gradientsOf(parameters, () => hybridLoss(terms()));
    for (const [weight, gradient] of gradients) {
      const { data } = golden.get(`${name}.gradient.${weight}`)!;
      const isZero = data.every((value) => Math.abs(value) < 1e-12); // key biases: softmax does not see them
      if (!isZero) worst = Math.max(worst, relativeError(await gradient.data(), data));
    }
    tf.dispose([...gradients.values()]);
  }
  return worst;
}
