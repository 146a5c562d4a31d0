import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../lib/engine/adamw';
import { hasNativeKernels } from '../../lib/engine/native-kernels';
import type { Precision } from '../../lib/engine/precision';
import { useEngine } from '../../lib/engine/use-engine';
import { classificationLoss } from '../../lib/evaluate/classification-loss';
import { resNetClassifier } from '../../lib/evaluate/resnet-classifier';
import { TASKS } from '../../lib/metrics/tasks';
import type { Architecture } from '../../lib/model/architecture';
import { createEncoder } from '../../lib/model/encoder';
import type { DecoderArchitecture } from '../../lib/model/mae-decoder';
import { twoViews } from '../../lib/pretrain/augmentation';
import type { LossTerms } from '../../lib/pretrain/hybrid-loss';
import type { PretrainingMethod } from '../../lib/pretrain/method';
import { DEFAULT_OBJECTIVE, Objective } from '../../lib/pretrain/objective';
import { trainingStep } from '../../lib/pretrain/training-step';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { type BenchRow, sideBySide, startPythonPeer } from './python-peer';

const METHODS: PretrainingMethod[] = ['generative', 'contrastive', 'hybrid'];
const PRECISIONS: Precision[] = ['float32', 'bf16'];
const MODELS = [
  { patchSize: 60, blockDepth: 2, embeddingSize: 512, batch: 32 },
  { patchSize: 125, blockDepth: 4, embeddingSize: 256, batch: 64 },
];
const RESNET = { width: 16, batch: 32 }; // as the profile ptbxl trains it
const STEPS = 3;

/**
 * Training steps (masks, forward, backward, clipping, AdamW) beside PyTorch on the same number of threads. The views are
 * drawn before, on both sides, as a worker does while a batch is trained on; `bench -- epoch` has them in.
 *
 * All rows are measured with oneDNN's ops in TensorFlow and, in a process of its own, without them, unless
 * `TF_ENABLE_ONEDNN_OPTS` asks for one of the two.
 *
 * bfloat16 is timed where the processor multiplies in it: elsewhere PyTorch's autocast takes 50 times as long as float32.
 */
export async function benchTrain(): Promise<BenchRow[]> {
  const bothSettings = process.env.TF_ENABLE_ONEDNN_OPTS === undefined;
  const { threads, backend, oneDnn } = await useEngine();
  const on = oneDnn === undefined ? backend : `${backend} ${oneDnn ? 'with' : 'without'} oneDNN`;
  const peer = await startPythonPeer('train_peer.py');
  const rows: BenchRow[] = [];
  if (!multipliesBf16()) process.stderr.write('bf16: not timed, this processor does not multiply in it\n');
  for (const { batch, ...architecture } of MODELS) {
    for (const [method, precision] of METHODS.flatMap((m) => PRECISIONS.map((p) => [m, p] as const))) {
      if (precision === 'bf16' && !multipliesBf16()) continue;
      const step = stepper(method, architecture, { batch, precision });
      const { patchSize, blockDepth, embeddingSize } = architecture;
      const { decoder } = DEFAULT_OBJECTIVE;
      const work = trainingWork(method, architecture, { decoder, batch, threads, precision, steps: STEPS });
      const run = () => {
        for (let i = 0; i < STEPS; i++) step.run();
      };
      run(); // warms up
      await peer?.seconds(work);
      const what = `${STEPS} steps ${method} ${patchSize}/${blockDepth}/${embeddingSize}, batch ${batch}, ${precision}, ${on}`;
      rows.push(
        await sideBySide(what, run, {
          peer,
          work,
          peerName: `PyTorch CPU, fused AdamW${precision === 'bf16' ? ', autocast' : ''}`,
          rounds: 9,
        }),
      );
      step.dispose();
    }
  }
  const { width, batch } = RESNET;
  const step = resNetStepper(RESNET);
  const work = ['resnet', width, batch, threads, 'float32', STEPS].join(' ');
  const run = () => {
    for (let i = 0; i < STEPS; i++) step.run();
  };
  run(); // warms up
  await peer?.seconds(work);
  const what = `${STEPS} steps 1D-ResNet50 of ${width} channels, batch ${batch}, float32, ${on}`;
  rows.push(await sideBySide(what, run, { peer, work, peerName: 'PyTorch CPU, fused AdamW', rounds: 9 }));
  step.dispose();
  peer?.stop();
  return oneDnn === true && bothSettings ? [...rows, ...rowsWithoutOneDnn()] : rows;
}

function rowsWithoutOneDnn(): BenchRow[] {
  const env = { ...process.env, TF_ENABLE_ONEDNN_OPTS: '0' }; // TensorFlow reads it once a process
  const kit = resolve(__dirname, '../../lib/setup/kit.mjs');
  return JSON.parse(execFileSync(process.execPath, [kit, 'bench', 'train', '--json'], { env, encoding: 'utf8' }));
}

function resNetStepper({ width, batch }: typeof RESNET) {
  const classifier = resNetClassifier({ width }, { tasks: TASKS, seed: 0 });
  const optimiser = new AdamW(classifier.parameters);
  const ecgs = tf.randomNormal<tf.Rank.R3>([batch, LEADS.length, SAMPLES], 0, 1, 'float32', 0);
  const labels = tf.randomUniform<tf.Rank.R2>([batch, TASKS.length], 0, 1, 'float32', 0).round<tf.Tensor2D>();
  const loss = (): LossTerms =>
    Object.fromEntries([['loss', classificationLoss(classifier.logits(ecgs, { training: true }), labels).mean()]]);
  const total = (terms: LossTerms): tf.Scalar => Object.values(terms)[0].clone(); // the step frees both
  return {
    run: () => trainingStep(classifier.parameters, loss, { optimiser, total, rate: 1e-4 }),
    dispose: () => {
      optimiser.dispose();
      classifier.dispose();
      tf.dispose([ecgs, labels]);
    },
  };
}

function stepper(
  method: PretrainingMethod,
  architecture: Omit<(typeof MODELS)[number], 'batch'>,
  { batch, precision }: { batch: number; precision: Precision },
) {
  const encoder = createEncoder(architecture, { seed: 0 });
  const objective = new Objective(method, encoder, { ...DEFAULT_OBJECTIVE, seed: 0 });
  const optimiser = new AdamW(encoder.parameters);
  const noise = randomStream(0, 'bench');
  const ecgs = Float32Array.from({ length: batch * LEADS.length * SAMPLES }, () => noise.uniform() - 0.5);
  const patientIds = Array.from({ length: batch }, (_, i) => String(i >> 1));
  const views = method === 'generative' ? undefined : twoViews(ecgs, { stream: randomStream(0, 'bench', 'views') });
  let step = 0;
  return {
    run() {
      const terms = objective.prepare({ ecgs, patientIds, views }, step++);
      trainingStep(encoder.parameters, terms, { optimiser, total: (t) => objective.total(t), rate: 1e-4, precision });
    },
    dispose() {
      optimiser.dispose();
      objective.dispose();
    },
  };
}

/** Training steps as `train_peer.py` is told of them. */
export function trainingWork(
  method: PretrainingMethod,
  { patchSize, blockDepth, embeddingSize }: Architecture,
  options: { decoder: DecoderArchitecture; batch: number; threads: number; precision: Precision; steps: number },
): string {
  const { decoder, batch, threads, precision, steps } = options;
  const model = [patchSize, blockDepth, embeddingSize, decoder.embeddingSize, decoder.blockDepth];
  return [method, ...model, batch, threads, precision, steps].join(' ');
}

function multipliesBf16(): boolean {
  if (!hasNativeKernels()) return false;
  return existsSync('/proc/cpuinfo') && /\b(avx512_bf16|amx_bf16)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}
