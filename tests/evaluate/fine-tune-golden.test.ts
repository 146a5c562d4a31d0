import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { balancedClassWeights, classificationLoss } from '../../lib/evaluate/classification-loss';
import type { Classifier } from '../../lib/evaluate/classifier';
import { fineTune } from '../../lib/evaluate/fine-tune';
import { resNetClassifier } from '../../lib/evaluate/resnet-classifier';
import { vitClassifier } from '../../lib/evaluate/vit-classifier';
import { readSafetensors } from '../../lib/io/safetensors';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { createEncoder } from '../../lib/model/encoder';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { QUICK_BACKENDS_HERE } from '../backends';
import { formula, gradientsOf, relativeError } from '../golden-model';
import { JOINT, newFolder } from './example-fine-tuning';

// Values of PyTorch in float64, torch 2.13.0: tests/golden/torch/fine_tune.py.
const golden = readSafetensors(join(__dirname, '../golden/torch/fine-tune.safetensors')).tensors;

const ECGS = 4;
const SIZE = LEADS.length * SAMPLES;
const all = formula(ECGS * SIZE, 4.1, 0.5);
const ids = ['a', 'b', 'c', 'd'];
const source = {
  recordIds: ids,
  patientIds: ids,
  read: (rows: ArrayLike<number>) =>
    Float32Array.from({ length: rows.length * SIZE }, (_, i) => all[rows[Math.floor(i / SIZE)] * SIZE + (i % SIZE)]),
};
const labels = {
  MI: Uint8Array.of(1, 0, 0, 0),
  STTC: Uint8Array.of(0, 1, 0, 0),
  CD: Uint8Array.of(0, 0, 1, 1),
  HYP: Uint8Array.of(1, 0, 0, 1),
};
const recipe = { epochs: 8, batchSize: ECGS, learningRate: 1e-2, warmup: 0.25, patience: 8, clipNorm: 0.1, seed: 0 };

/** Gives a classifier the golden weights: sorted by name, each from the formula. */
function withGoldenWeights<C extends Classifier>(classifier: C): C {
  const { parameters, buffers } = classifier;
  const floats = (name: string) => !name.endsWith('num_batches_tracked');
  const names = [...parameters.names(), ...buffers.names()].filter(floats).sort();
  for (const [index, name] of names.entries()) {
    const set = parameters.names().includes(name) ? parameters : buffers;
    const { size, shape } = set.get(name);
    const isOne = /norm.*weight$|bn.*weight$|downsample\.1\.weight$|running_var$/.test(name);
    const values = formula(size, index, 0.5).map((value) => value + Number(isOne));
    set.set(name, tf.tensor(values, shape));
  }
  return classifier;
}

function vit() {
  const encoder = createEncoder({ patchSize: 25, blockDepth: 2, embeddingSize: 4, headDim: 2 }, { seed: 0 });
  const classifier = vitClassifier(encoder, { tasks: JOINT, seed: 0 });
  encoder.dispose();
  return withGoldenWeights(classifier);
}

const resnet = () => withGoldenWeights(resNetClassifier({ width: 2, blocks: [1, 1, 1, 1] }, { tasks: JOINT, seed: 0 }));

// Plain JavaScript takes its time, and has no code of its own here.
const BACKENDS = QUICK_BACKENDS_HERE.filter((backend) => backend !== 'cpu');

describe.each(BACKENDS)('fine-tuning on %s equals PyTorch', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  it.each(['vit', 'balanced'])('in the loss of four tasks and its gradient: %s', async (name) => {
    const classifier = vit();
    const each = (of: (task: Task, row: number) => number) =>
      tf.tensor2d(
        ids.map((_, row) => TASKS.map((task) => of(task, row))),
        [ECGS, 4],
      );
    const truth = each((task, row) => labels[task][row]);
    const weights = each((task, row) => {
      const { positive, negative } = balancedClassWeights(labels[task]);
      return labels[task][row] === 1 ? positive : negative;
    });
    const ecgs = tf.tensor3d(all, [ECGS, LEADS.length, SAMPLES]);
    const loss = () =>
      classificationLoss(classifier.logits(ecgs), truth, name === 'vit' ? undefined : weights).mean<tf.Scalar>();
    expect(Math.abs((await loss().data())[0] - golden.get(`${name}.losses`)!.data[0])).toBeLessThan(1e-6);
    const gradients = gradientsOf(classifier.parameters, loss);
    expect(gradients.size).toBe([...golden.keys()].filter((key) => key.startsWith(`${name}.gradient.`)).length);
    for (const [weight, gradient] of gradients) {
      const expected = golden.get(`${name}.gradient.${weight}`)!;
      expect(gradient.shape, weight).toEqual(expected.shape);
      const error = relativeError(await gradient.data(), expected.data);
      expect(error, weight).toBeLessThan(weight.endsWith('qkv.bias') ? 1e-3 : 1e-4);
    }
    classifier.dispose();
  });

  it.each([
    { name: 'vit', build: vit, steps: 5, weights: 31 },
    { name: 'balanced', build: vit, steps: 5, weights: 0 },
    { name: 'resnet', build: resnet, steps: 1, weights: 87 },
  ] as const)('in its steps, losses, norms and what comes of the weights: $name', async (of) => {
    const { name, steps: count } = of;
    const classWeights = name === 'balanced' ? 'balanced' : 'none';
    const classifier: Classifier = of.build();
    const folder = newFolder();
    const stop = new AbortController();
    const set = { source, labels };
    const run = fineTune(
      classifier,
      { train: set, validation: set },
      {
        ...recipe,
        classWeights,
        folder,
        task: 'golden',
        signal: stop.signal,
        onProgress: ({ done }) => done === count && stop.abort(new Error('enough')),
      },
    );
    await expect(run).rejects.toThrow('enough');
    const rows = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const steps = rows.map((row) => JSON.parse(row)).filter((row) => 'loss' in row);
    for (const [measure, key] of [
      ['loss', 'losses'],
      ['gradientNorm', 'norms'],
    ]) {
      const expected = golden.get(`${name}.${key}`)!.data;
      expect(
        relativeError(
          steps.map((row) => row[measure]),
          expected,
        ),
        measure,
      ).toBeLessThan(1e-5);
    }
    const { tensors } = readSafetensors(join(folder, 'checkpoint.safetensors'));
    const after = [...golden].filter(([key]) => key.startsWith(`${name}.after.`));
    expect(after).toHaveLength(of.weights);
    for (const [key, { data }] of after) {
      const weight = key.slice(`${name}.after.`.length);
      const actual = (tensors.get(weight) ?? tensors.get(`buffer.${weight}`))!.data;
      const worst = Array.from(data, Number).reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i])), 0);
      // Adam scales small gradients up to whole steps, and with them rounding: a key's bias has no gradient besides.
      const tolerance = name === 'resnet' ? 3e-5 : 1e-5;
      expect(worst, weight).toBeLessThan(weight.endsWith('qkv.bias') ? 5e-2 : tolerance);
    }
    classifier.dispose();
  });
});
