import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { randomMasking, sliceMasking } from '../../lib/model/random-masking';
import { lossGradient } from '../../lib/pretrain/loss-gradient';
import type { PretrainingMethod } from '../../lib/pretrain/method';
import type { ObjectiveOptions } from '../../lib/pretrain/objective';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { randomStream } from '../../lib/random';
import { QUICK_BACKENDS_HERE } from '../backends';
import { relativeError } from '../golden-model';
import { noiseBatch, smallObjective } from './noise-objective';

const BATCH = 5;

const CASES: [string, PretrainingMethod, Partial<ObjectiveOptions>][] = [
  ['GL', 'generative', {}],
  ['GL on all patches, normalised', 'generative', { reconstructed: 'all', targets: 'normalised' }],
  ['GL, errors summed', 'generative', { reduction: 'sum' }],
  ['CL', 'contrastive', {}],
  ['CL against a target network', 'contrastive', { emaTarget: { decay: 0.9 }, pooling: 'cls' }],
  ['CL on a part of each view', 'contrastive', { viewMaskRatio: 0.4 }],
  ['the same against a target network', 'contrastive', { viewMaskRatio: 0.4, emaTarget: { decay: 0.9 } }],
  ['HL', 'hybrid', { lossWeights: { reconstruction: 3, patient: 1, sample: 0.5 } }],
  ['HL, each gradient clipped', 'hybrid', { lossGradients: 'clipped' }],
];

/** The terms and the gradient of a step, read. */
async function gradientOfStep(method: PretrainingMethod, options: Partial<ObjectiveOptions>) {
  const objective = smallObjective(method, options);
  const { parts, gradientOptions } = objective.prepare(noiseBatch(BATCH), 7);
  const made = lossGradient(parts, objective.encoder.parameters, { ...gradientOptions, clipNorm: 0.1 });
  const read = async (tensors: Iterable<readonly [string, tf.Tensor]>) =>
    new Map(await Promise.all(Array.from(tensors, async ([name, tensor]) => [name, await tensor.data()] as const)));
  const result = {
    gradients: await read(made.gradients),
    figures: await read([...Object.entries(made.terms), ...Object.entries(made.squares)]),
  };
  tf.dispose([...made.gradients.values(), ...Object.values(made.terms), ...Object.values(made.squares)]);
  objective.dispose();
  return result;
}

/** What three steps report, of which the last two leave as many tensors as they found. */
async function threeSteps(microBatchSize: number | undefined): Promise<number[]> {
  const objective = smallObjective('hybrid', { microBatchSize, emaTarget: { decay: 0.5 } });
  const { parameters } = objective.encoder;
  const optimiser = new AdamW(parameters);
  const reports: number[] = [];
  let tensors = 0;
  for (let step = 0; step < 3; step++) {
    if (step === 1) tensors = tf.memory().numTensors;
    const loss = objective.prepare(noiseBatch(BATCH), step);
    reports.push(...Object.values(await trainingStepAsync(parameters, loss, { optimiser, rate: 1e-3 })));
  }
  expect(tf.memory().numTensors).toBe(tensors);
  optimiser.dispose();
  objective.dispose();
  return reports;
}

describe.each(QUICK_BACKENDS_HERE)('micro-batches on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
    tf.engine().startScope();
  });

  it.each(CASES)('give the loss and the gradient of the whole batch: %s', async (_, method, options) => {
    const whole = await gradientOfStep(method, options);
    const sizes = backend === 'webgpu' ? [2] : [2, 1, BATCH]; // a GPU in software takes its time
    for (const microBatchSize of sizes) {
      const parted = await gradientOfStep(method, { ...options, microBatchSize });
      expect([...parted.gradients.keys()].sort()).toEqual([...whole.gradients.keys()].sort());
      for (const [name, gradient] of whole.gradients) {
        // A key's bias has no gradient but rounding: softmax does not see it.
        const error = relativeError(parted.gradients.get(name)!, gradient);
        expect(error, `${name}, ${microBatchSize} at a time`).toBeLessThan(name.endsWith('qkv.bias') ? 1e-3 : 1e-5);
      }
      for (const [name, figure] of whole.figures) {
        expect(relativeError(parted.figures.get(name)!, figure), name).toBeLessThan(1e-5);
      }
    }
  });

  it('keep no tensor, and move the same weights as the whole batch', async () => {
    const [whole, parted] = [await threeSteps(undefined), await threeSteps(2)];
    expect(parted).toHaveLength(whole.length);
    parted.forEach((figure, i) => {
      expect(Math.abs(figure / whole[i] - 1)).toBeLessThan(1e-4);
    });
  });

  // TensorFlow.js counts the bytes alike everywhere; on webgpu it warns that it cannot time the kernels.
  it.skipIf(backend === 'webgpu')('set the peak of the memory', async () => {
    const architecture = { patchSize: 250, blockDepth: 2, embeddingSize: 32, headDim: 16 };
    const peaks: number[] = [];
    for (const microBatchSize of [undefined, 4, 2, 1]) {
      const objective = smallObjective('hybrid', { microBatchSize }, architecture);
      const loss = objective.prepare(noiseBatch(8), 0);
      const before = tf.memory().numBytes;
      const { peakBytes } = await tf.profile(() => {
        const made = lossGradient(loss.parts, objective.encoder.parameters, { ...loss.gradientOptions, clipNorm: 1 });
        tf.dispose([...made.gradients.values(), ...Object.values(made.terms)]);
      });
      peaks.push(peakBytes - before);
      objective.dispose();
    }
    const [whole, ...parted] = peaks;
    parted.forEach((peak, i) => {
      // Beside what a part takes, proportional to its size, there are the gradients of the weights.
      expect(peak / whole).toBeLessThan([0.6, 0.4, 0.3][i]);
    });
  });
});

it('errors summed are those averaged times the samples that an ECG is judged on', async () => {
  const terms = ['mean', 'sum'] as const;
  const [mean, sum] = await Promise.all(terms.map((reduction) => gradientOfStep('generative', { reduction })));
  const objective = smallObjective('generative');
  const { parts } = objective.prepare(noiseBatch(BATCH), 7);
  const { mask, patches } = randomMasking({ batch: BATCH, patches: 42 }, { stream: randomStream(3, 'mask', 7) });
  const judged = mask.reduce((count, masked, i) => count + masked * (i % patches === patches - 1 ? 40 : 60), 0);
  const factor = (12 * judged) / BATCH; // 12 leads; of the last patch 20 samples are padding
  expect(parts.ecgs).toBe(BATCH);
  expect(sum.figures.get('reconstruction')![0] / mean.figures.get('reconstruction')![0]).toBeCloseTo(factor, 1);
  const weight = 'decoder_pred.weight';
  expect(
    relativeError(
      sum.gradients.get(weight)!,
      mean.gradients.get(weight)!.map((g) => g * factor),
    ),
  ).toBeLessThan(1e-5);
  objective.dispose();
});

it('a part of a masking is that of its ECGs', () => {
  const whole = randomMasking({ batch: 4, patches: 10 }, { stream: randomStream(0, 'mask') });
  const part = sliceMasking(whole, 1, 3);
  expect(part).toMatchObject({ batch: 2, patches: 10, kept: whole.kept });
  for (const key of ['idsShuffle', 'idsRestore', 'mask'] as const) {
    expect([...part[key]]).toEqual([...whole[key]].slice(10, 30));
  }
});
