import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { readSafetensors, writeSafetensors } from '../../lib/io/safetensors';
import { createResNet, type ResNet } from '../../lib/model/resnet';
import { readResNet, writeResNet } from '../../lib/model/resnet-file';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { BACKENDS_HERE } from '../backends';
import { goldenEcgs, relativeError } from '../golden-model';
import {
  goldenEntries,
  goldenResNet,
  goldenResNetEcgs,
  NARROW,
  resNetGradients,
  shapesOfResNet50,
} from '../golden-resnet';

// Values of PyTorch in float64: tests/golden/torch/make_golden.py.
describe.each(BACKENDS_HERE)('a residual network on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });

  it.each([
    ['evaluation', false],
    ['training', true],
  ])('equals PyTorch in %s mode: features, logits and every gradient', async (mode, training) => {
    const ecgs = goldenResNetEcgs();
    const [features, logits] = ['features', 'logits'].map((name) => goldenEntries(`resnet.${mode}.${name}`).get('')!);
    expect(relativeError(await goldenResNet().features(ecgs, { training }).data(), features)).toBeLessThan(1e-5);
    expect(relativeError(await goldenResNet().logits(ecgs, { training }).data(), logits)).toBeLessThan(1e-5);
    const gradients = resNetGradients(goldenResNet(), ecgs, { training });
    const expected = goldenEntries(`resnet.${mode}.gradient.`);
    expect([...gradients.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, values] of expected) {
      expect(relativeError(await gradients.get(name)!.data(), values), name).toBeLessThan(1e-4);
    }
  });

  it('moves its running statistics as PyTorch does, in training mode only', async () => {
    const resnet = goldenResNet();
    const untouched = goldenResNet();
    resnet.features(goldenResNetEcgs());
    const statistics = [...goldenEntries('resnet.statistics.')];
    for (const [name] of statistics) {
      expect(await resnet.buffers.get(name).data()).toEqual(await untouched.buffers.get(name).data());
    }
    resnet.features(goldenResNetEcgs(), { training: true });
    for (const [name, values] of statistics) {
      expect(relativeError(await resnet.buffers.get(name).data(), values), name).toBeLessThan(1e-5);
    }
    expect((await resnet.buffers.get('layer4.0.bn3.num_batches_tracked').data())[0]).toBe(1);
    expect(statistics).toHaveLength(2 * resnet.parameters.names().filter((name) => name.endsWith('bias')).length - 2);
  });

  it('learns a batch by heart, and leaves no tensor behind', async () => {
    const resnet = createResNet({ width: 2, blocks: [1, 1, 1, 1], outputs: 2 }, { seed: 0 });
    const optimiser = new AdamW(resnet.parameters);
    const ecgs = tf.tensor3d(goldenEcgs(2, 0), [2, LEADS.length, SAMPLES]);
    const targets = tf.tensor2d([0, 1, 1, 0], [2, 2]);
    const names = resnet.parameters.names();
    const losses: number[] = [];
    const counts: number[] = [];
    for (let step = 0; step < 6; step++) {
      const loss = tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads(() =>
          tf.losses.sigmoidCrossEntropy(targets, resnet.logits(ecgs, { training: true })),
        )(names.map((name) => resnet.parameters.get(name)));
        optimiser.step(new Map(names.map((name, i) => [name, grads[i]])), 1e-2);
        return value;
      });
      losses.push((await loss.data())[0]);
      loss.dispose();
      counts.push(tf.memory().numTensors);
    }
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    expect(new Set(counts.slice(1)).size).toBe(1);
    optimiser.dispose();
    resnet.dispose();
  });
});

function temporary(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'resnet-')), name);
}

describe('1D-ResNet50', () => {
  beforeAll(async () => {
    await useEngine();
  });

  it('has the names of torchvision’s resnet50, and its shapes with one axis less', () => {
    const { weights, buffers } = shapesOfResNet50();
    const all = { ...weights, ...buffers };
    expect(all).toMatchObject({
      'conv1.weight': [64, 12, 7],
      'bn1.running_mean': [64],
      'layer1.0.conv1.weight': [64, 64, 1],
      'layer1.0.conv2.weight': [64, 64, 3],
      'layer1.0.bn1.running_mean': [64],
      'layer1.0.downsample.0.weight': [256, 64, 1],
      'layer1.0.downsample.1.running_var': [256],
      'layer2.0.conv1.weight': [128, 256, 1],
      'layer2.0.conv2.weight': [128, 128, 3],
      'layer3.5.conv3.weight': [1024, 256, 1],
      'layer4.2.bn3.num_batches_tracked': [],
      'fc.weight': [5, 2048],
      'fc.bias': [5],
    });
    const sizes = Object.values(weights).map((shape) => shape.reduce((product, side) => product * side, 1));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(15_959_168 + 5 * 2049);
    expect(Object.keys(all)).toHaveLength(320);
  });

  it('starts as torchvision starts it, the same from the same seed', () => {
    const spread = (resnet: ResNet, name: string) =>
      Math.sqrt(resnet.parameters.get(name).square().mean().dataSync()[0]);
    const resnet = createResNet({ width: 16, blocks: [1, 1, 1, 1], outputs: 3 }, { seed: 1 });
    expect(spread(resnet, 'layer3.0.conv2.weight')).toBeCloseTo(Math.sqrt(2 / (64 * 3)), 2);
    expect(spread(resnet, 'conv1.weight')).toBeCloseTo(Math.sqrt(2 / (16 * 7)), 2);
    expect(spread(resnet, 'fc.weight')).toBeCloseTo(1 / Math.sqrt(3 * 512), 2);
    expect(spread(resnet, 'layer2.0.bn3.weight')).toBe(1);
    const again = createResNet({ width: 16, blocks: [1, 1, 1, 1], outputs: 3 }, { seed: 1 });
    for (const name of resnet.parameters.names()) {
      expect(again.parameters.get(name).dataSync()).toEqual(resnet.parameters.get(name).dataSync());
    }
  });

  it('refuses what it cannot be or take', () => {
    const bad = (architecture: object) => () => createResNet(architecture, { seed: 0 });
    expect(bad({ blocks: [1, 1, 1] })).toThrow('ResNet blocks: expected four whole numbers >= 1, got [1, 1, 1]');
    expect(bad({ width: 0 })).toThrow(/ResNet: expected a width >= 1/);
    expect(bad({ outputs: -1 })).toThrow(/outputs -1/);
    const headless = createResNet({ ...NARROW, outputs: 0 }, { seed: 0 });
    expect(() => headless.logits(tf.zeros([1, 12, SAMPLES]))).toThrow('ResNet: expected a head: outputs >= 1');
    expect(() => headless.features(tf.zeros([1, 11, SAMPLES]))).toThrow('ECGs: expected [batch, 12, 2500]');
  });

  it('comes back from a file with weights, statistics and architecture', () => {
    const file = temporary('resnet.safetensors');
    const resnet = goldenResNet();
    resnet.features(goldenResNetEcgs(), { training: true });
    writeResNet(file, resnet, { metadata: { seed: '0' } });
    const read = readResNet(file);
    expect(read.architecture).toEqual(resnet.architecture);
    expect(read.logits(goldenResNetEcgs()).dataSync()).toEqual(resnet.logits(goldenResNetEcgs()).dataSync());
    expect(read.buffers.get('bn1.num_batches_tracked').dataSync()[0]).toBe(1);
    expect(readSafetensors(file).metadata).toMatchObject({ format: 'pt', seed: '0' });
  });

  it('is refused from a file that lacks a weight or holds no such network', () => {
    const file = temporary('resnet.safetensors');
    writeResNet(file, goldenResNet());
    const { tensors } = readSafetensors(file);
    const without = new Map([...tensors].filter(([name]) => name !== 'layer2.1.bn2.running_var'));
    writeSafetensors(file, without);
    const before = tf.memory().numTensors;
    expect(() => readResNet(file)).toThrow(/layer2\.1\.bn2\.running_var.*expected shape \[4\], got nothing/);
    expect(tf.memory().numTensors).toBe(before);
    writeSafetensors(file, new Map([['conv1.weight', tensors.get('conv1.weight')!]]));
    expect(() => readResNet(file)).toThrow(
      /expected a 1-D residual network.*got conv1\.weight \[2,12,7\], bottlenecks \[0,0,0,0\]/,
    );
  });
});
