import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { FormatError } from '../../lib/errors';
import { classificationLoss } from '../../lib/evaluate/classification-loss';
import type { Classifier } from '../../lib/evaluate/classifier';
import { readClassifier } from '../../lib/evaluate/classifier-file';
import { predictLogits } from '../../lib/evaluate/predict-logits';
import { resNetClassifier } from '../../lib/evaluate/resnet-classifier';
import { vitClassifier } from '../../lib/evaluate/vit-classifier';
import { readSafetensors, writeSafetensors } from '../../lib/io/safetensors';
import { createEncoder } from '../../lib/model/encoder';
import { createMaeDecoder } from '../../lib/model/mae-decoder';
import { addProjector } from '../../lib/model/projector';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { goldenEcgs, relativeError } from '../golden-model';
import { peerPython } from '../peer-python';
import { IMPORT_TORCHVISION } from '../peer-torchvision';
import { exampleEcgs, JOINT, newFolder } from './example-fine-tuning';

const SMALL = { patchSize: 250, blockDepth: 2, embeddingSize: 32, headDim: 16 };

function smallVit(options: { seed?: number; pooling?: 'mean' | 'cls' } = {}) {
  const encoder = createEncoder(SMALL, { seed: 3 });
  const classifier = vitClassifier(encoder, { tasks: JOINT, seed: 1, ...options });
  encoder.dispose();
  return classifier;
}

const smallResNet = () => resNetClassifier({ width: 2, blocks: [1, 1, 1, 1] }, { tasks: JOINT, seed: 1 });

describe('a classifier', () => {
  beforeAll(async () => {
    await useEngine();
  });

  const ecgs = () => tf.tensor3d(goldenEcgs(3, 0), [3, LEADS.length, SAMPLES]);

  it('on an encoder has its weights and a head, and leaves encoder, decoder and projector alone', () => {
    const encoder = createEncoder(SMALL, { seed: 3 });
    const names = encoder.parameters.names();
    const decoder = createMaeDecoder(encoder, { seed: 3 });
    addProjector(encoder, { seed: 3 });
    const classifier = vitClassifier(encoder, { tasks: JOINT, seed: 1 });
    expect(classifier.parameters.names()).toEqual([...names, 'head.weight', 'head.bias']);
    expect(classifier.parameters.get('head.weight').shape).toEqual([4, 32]);
    const before = encoder.parameters.get('norm.weight').dataSync();
    classifier.parameters.set('norm.weight', tf.zeros([32]));
    expect(encoder.parameters.get('norm.weight').dataSync()).toEqual(before);
    decoder.dispose();
    encoder.dispose();
    expect(classifier.logits(ecgs()).shape).toEqual([3, 4]);
    classifier.dispose();
  });

  it('starts its head N(0, .02) with biases at zero, or at the log-odds of the prevalence', () => {
    const tasks = Array.from({ length: 40 }, (_, i) => `task ${i}`);
    const encoder = createEncoder(SMALL, { seed: 3 });
    const { parameters } = vitClassifier(encoder, { tasks, seed: 1 });
    const head = parameters.get('head.weight');
    expect(Math.sqrt(head.square().mean().dataSync()[0])).toBeCloseTo(0.02, 3);
    expect(Math.abs(head.mean().dataSync()[0])).toBeLessThan(0.002);
    expect(parameters.get('head.bias').abs().max().dataSync()[0]).toBe(0);
    expect(vitClassifier(encoder, { tasks, seed: 1 }).parameters.get('head.weight').dataSync()).toEqual(
      head.dataSync(),
    );
    const prevalence = { MI: 0.25, STTC: 0.5, CD: 0.2, HYP: 0.1 };
    const biases = Object.values(prevalence).map((share) => Math.log(share / (1 - share)));
    const informed: [Classifier, string][] = [
      [vitClassifier(encoder, { tasks: JOINT, seed: 1, prevalence }), 'head.bias'],
      [resNetClassifier({ width: 2, blocks: [1, 1, 1, 1] }, { tasks: JOINT, seed: 1, prevalence }), 'fc.bias'],
    ];
    for (const [classifier, name] of informed) {
      expect(relativeError(classifier.parameters.get(name).dataSync(), biases)).toBeLessThan(1e-6);
      const predicted = classifier.logits(ecgs()).sigmoid().mean(0).dataSync();
      if (name === 'head.bias') {
        for (const [i, share] of Object.values(prevalence).entries()) expect(predicted[i]).toBeCloseTo(share, 1);
      }
    }
    expect(() => vitClassifier(encoder, { tasks: ['MI'], seed: 0, prevalence: { MI: 0 } })).toThrow(
      'key MI: prevalence: expected a share between 0 and 1, got 0',
    );
    expect(() => vitClassifier(encoder, { tasks: [], seed: 0 })).toThrow('tasks: expected at least one');
    expect(() => resNetClassifier({}, { tasks: ['MI', 'MI'], seed: 0 })).toThrow('each once, got MI, MI');
    encoder.dispose();
  });

  it('decays its rate layer by layer on a transformer, and not on a residual network', () => {
    const rates = smallVit().rateMultipliers(0.5);
    expect(rates.get('head.weight')).toBe(1);
    expect(rates.get('blocks.1.attn.qkv.weight')).toBe(0.5);
    expect(rates.get('patch_embed.proj.weight')).toBe(0.125);
    const classifier = smallResNet();
    const of = classifier.rateMultipliers();
    expect([...of.keys()]).toEqual(classifier.parameters.names());
    expect(new Set(of.values())).toEqual(new Set([1]));
  });

  it.each([
    ['transformer', () => smallVit()],
    ['transformer by its CLS token', () => smallVit({ pooling: 'cls' })],
    ['residual network', smallResNet],
  ])('comes back from a file: %s', (_, build) => {
    const file = join(newFolder(), 'weights.safetensors');
    const classifier = build();
    if (classifier.buffers.names().length > 0) classifier.logits(ecgs(), { training: true });
    classifier.write(file, { metadata: { seed: '1' } });
    const before = tf.memory().numTensors;
    const read = readClassifier(file);
    expect(read.tasks).toEqual(JOINT);
    expect(read.logits(ecgs()).dataSync()).toEqual(classifier.logits(ecgs()).dataSync());
    expect(readSafetensors(file).metadata).toMatchObject({ seed: '1', format: 'pt' });
    const { tensors, metadata } = readSafetensors(file);
    const headless = new Map([...tensors].filter(([name]) => !/^(head|fc)\.weight$/.test(name)));
    writeSafetensors(file, headless, { metadata });
    expect(() => readClassifier(file)).toThrow(/FormatError|weights|classifier/);
    writeSafetensors(file, tensors);
    expect(() => readClassifier(file)).toThrow('classifier: expected metadata with tasks');
    for (const [key, text] of Object.entries({ tasks: '{', pooling: 'max', architecture: '{"patchSize":0}' })) {
      if (metadata[key] === undefined) continue;
      writeSafetensors(file, tensors, { metadata: { ...metadata, [key]: text } });
      expect(() => readClassifier(file), key).toThrow(FormatError);
      expect(() => readClassifier(file), key).toThrow(`${file}, key ${key}: `);
    }
    read.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 4); // the ECGs and logits of this test
  });

  it('predicts any rows in any order, alike in batches of any size', async () => {
    const { source } = exampleEcgs(7);
    const classifier = smallVit();
    const whole = await predictLogits(classifier, { source });
    const rows = [6, 0, 3];
    const counts: number[] = [];
    const some = await predictLogits(
      classifier,
      { source, rows },
      { batchSize: 2, onBatch: (done) => counts.push(done) },
    );
    expect(counts).toEqual([2, 3]);
    for (const task of JOINT) {
      expect(whole[task]).toHaveLength(7);
      const expected = rows.map((row) => whole[task][row]);
      expect(relativeError(some[task], expected)).toBeLessThan(1e-5);
    }
    const stopped = predictLogits(classifier, { source }, { signal: AbortSignal.abort(new Error('stopped')) });
    await expect(stopped).rejects.toThrow('stopped');
    expect(await predictLogits(classifier, { source, rows: [] })).toEqual(
      Object.fromEntries(JOINT.map((task) => [task, new Float64Array()])),
    );
    classifier.dispose();
  });

  const python = peerPython('torch', 'safetensors');
  const hasTimm = python !== undefined && spawnSync(python, ['-c', `${IMPORT_TORCHVISION}\nimport timm`]).status === 0;
  it.skipIf(!hasTimm)(
    'is a timm model with a head (skipped where no Python has timm)',
    async () => {
      const folder = newFolder();
      const encoder = createEncoder({ patchSize: 250, blockDepth: 2, embeddingSize: 128 }, { seed: 5 });
      const classifier = vitClassifier(encoder, {
        tasks: JOINT,
        seed: 5,
        prevalence: { MI: 0.2, STTC: 0.3, CD: 0.4, HYP: 0.6 },
      });
      classifier.write(join(folder, 'weights.safetensors'));
      const data = goldenEcgs(2, 0);
      writeSafetensors(
        join(folder, 'ecgs.safetensors'),
        new Map([['ecgs', { shape: [2, LEADS.length, SAMPLES], data }]]),
      );
      const code = `${IMPORT_TORCHVISION}
import torch
from safetensors.torch import load_file
from timm.models import VisionTransformer
weights = load_file('weights.safetensors')
model = VisionTransformer((1, 2500), (1, 250), 12, 4, 'avg', embed_dim=128, depth=2, num_heads=2, fc_norm=False)
model.load_state_dict({name: weights[name].reshape(value.shape) for name, value in model.state_dict().items()})
with torch.no_grad():
    print(*model.eval()(load_file('ecgs.safetensors')['ecgs'][:, :, None]).flatten().tolist())`;
      const { stdout, stderr } = spawnSync(python!, ['-c', code], { encoding: 'utf8', cwd: folder });
      expect(stdout, stderr).not.toBe('');
      const ours = await classifier.logits(tf.tensor3d(data, [2, LEADS.length, SAMPLES])).data();
      expect(relativeError(ours, stdout.trim().split(' ').map(Number))).toBeLessThan(1e-5);
    },
    120_000,
  );
});

describe('the classification loss', () => {
  beforeAll(async () => {
    await useEngine();
  });

  it('is log(1 + e^x) - y x, with its gradient, also at zero and far out', async () => {
    const x = [-200, -3, -0.5, 0, 0.5, 3, 200];
    for (const label of [0, 1]) {
      const logits = tf.tensor2d(x, [7, 1]);
      const labels = tf.fill<tf.Rank.R2>([7, 1], label);
      const { value, grad } = tf.valueAndGrad((values) =>
        classificationLoss(values as tf.Tensor2D, labels).sum<tf.Scalar>(),
      )(logits);
      const expected = x.map((z) => (z > 50 ? z : Math.log1p(Math.exp(z))) - label * z);
      expect((await value.data())[0]).toBeCloseTo(expected.reduce((sum, one) => sum + one) / 7, 4);
      const slopes = x.map((z) => (1 / (1 + Math.exp(-z)) - label) / 7);
      expect(relativeError(await grad.data(), slopes)).toBeLessThan(1e-6);
    }
  });
});
