import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { type Backend, useEngine } from '../../lib/engine/use-engine';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../../lib/io/safetensors';
import { createResNet, type ResNet } from '../../lib/model/resnet';
import { readResNet, writeResNet } from '../../lib/model/resnet-file';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { BACKENDS_HERE } from '../backends';
import { formula, goldenEcgs, relativeError } from '../golden-model';
import { resNetGradients, shapesOfResNet50 } from '../golden-resnet';
import { peerPython } from '../peer-python';
import { IMPORT_TORCHVISION } from '../peer-torchvision';

function temporary(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'resnet-')), name);
}

const python = peerPython('torch', 'safetensors');

function runPython(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(python!, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(status, stderr).toBe(0);
  return stdout;
}

/**
 * ResNet50 whose ReLUs are all but sure which side they take: each batch norm has gain .5 and biases 2 and -2 in turn.
 * At random weights some of its eight million decisions would fall otherwise in float32, PyTorch's included.
 */
function decidedResNet50(ecgs: tf.Tensor3D): ResNet {
  const resnet = createResNet({ outputs: 4 }, { seed: 0 });
  const { parameters, buffers } = resnet;
  for (const name of parameters.names().filter((name) => parameters.get(name).rank === 1 && name !== 'fc.bias')) {
    const { size } = parameters.get(name);
    const values = Float32Array.from({ length: size }, (_, i) =>
      name.endsWith('weight') ? 0.5 : i % 2 === 0 ? 2 : -2,
    );
    parameters.set(name, tf.tensor1d(values));
  }
  resnet.features(ecgs, { training: true }).dispose();
  for (const name of buffers.names().filter((name) => !name.endsWith('num_batches_tracked'))) {
    const start = name.endsWith('running_var') ? 1 : 0;
    buffers.update(name, (old) => tf.tidy(() => old.sub(0.9 * start).div(0.1))); // the batch's own
  }
  return resnet;
}

// Skipped where no Python with PyTorch is found.
describe.skipIf(python === undefined)('1D-ResNet50 and PyTorch', () => {
  // In JavaScript, and on a GPU in software, it takes minutes.
  const backends = BACKENDS_HERE.filter((backend): backend is Backend => ['tensorflow', 'wasm'].includes(backend));

  it.each(backends)(
    'agree on %s at full size, in both modes, on the weights that we wrote',
    async (backend) => {
      await useEngine({ backend });
      const ecgs = tf.tensor3d(goldenEcgs(2, 0), [2, LEADS.length, SAMPLES]);
      const resnet = decidedResNet50(ecgs);
      const weights = temporary('resnet.safetensors');
      writeResNet(weights, resnet);
      const results = new Map<string, SafeTensor>();
      const add = (name: string, tensor: tf.Tensor) =>
        results.set(name, { shape: tensor.shape, data: tensor.dataSync<'float32'>() });
      add('ecgs', ecgs);
      results.set('dy', { shape: [2, 4], data: formula(8, 0.7, 1) });
      tf.tidy(() => {
        for (const training of [false, true]) {
          const mode = training ? 'training' : 'evaluation';
          for (const [name, gradient] of resNetGradients(resnet, ecgs, { training })) {
            add(`${mode}.gradient.${name}`, gradient);
          }
          if (training)
            for (const name of resnet.buffers.names()) add(`training.statistics.${name}`, resnet.buffers.get(name));
          add(`${mode}.features`, resnet.features(ecgs, { training }));
        }
      });
      tf.dispose(ecgs);
      resnet.dispose();
      const file = temporary('results.safetensors');
      writeSafetensors(file, results);
      const errors: Record<string, number> = JSON.parse(runPython(join(__dirname, 'resnet_peer.py'), weights, file));
      expect(Object.keys(errors)).toHaveLength(results.size - 2);
      for (const [name, error] of Object.entries(errors)) {
        expect(error, name).toBeLessThan(name.includes('gradient') ? 1e-4 : 1e-5);
      }
    },
    180_000,
  );

  it('agree on weights that PyTorch wrote', async () => {
    await useEngine();
    const file = temporary('torch.safetensors');
    const code = `
import sys, torch
sys.path.insert(0, sys.argv[1])
from resnet import ResNet
from safetensors.torch import load_file, save_file
torch.manual_seed(0)
resnet = ResNet(width=4, blocks=(1, 2, 1, 1), outputs=3)
ecgs = torch.randn(4, 12, 2500)
with torch.no_grad():
    resnet.features(ecgs)
    logits = resnet.eval().logits(ecgs[:2])
save_file(resnet.state_dict(), sys.argv[2])
save_file({'ecgs': ecgs[:2].contiguous(), 'logits': logits}, sys.argv[3])`;
    const examples = temporary('examples.safetensors');
    runPython('-c', code, join(__dirname, '../golden/torch'), file, examples);
    const { tensors } = readSafetensors(examples);
    const resnet = readResNet(file);
    expect(resnet.architecture).toMatchObject({ width: 4, blocks: [1, 2, 1, 1], outputs: 3, features: 128 });
    const ecgs = tf.tensor3d(Float32Array.from(tensors.get('ecgs')!.data), [2, LEADS.length, SAMPLES]);
    expect(relativeError(resnet.logits(ecgs).dataSync(), tensors.get('logits')!.data)).toBeLessThan(1e-5);
  }, 180_000);

  const hasTorchvision = python !== undefined && spawnSync(python, ['-c', IMPORT_TORCHVISION]).status === 0;
  // Skipped where that Python has no torchvision.
  it.skipIf(!hasTorchvision)(
    'agree on names, their order and shapes with torchvision’s resnet50',
    async () => {
      await useEngine();
      const code = `${IMPORT_TORCHVISION}
import json
with torch.device('meta'):
    state = torchvision.models.resnet50(num_classes=5).state_dict()
print(json.dumps({name: list(value.shape)[:3] for name, value in state.items()}))`;
      const theirs = { ...JSON.parse(runPython('-c', code)), 'conv1.weight': [64, 12, 7] }; // images have three channels
      const { weights, buffers } = shapesOfResNet50();
      expect({ ...weights, ...buffers }).toEqual(theirs);
      const isWeight = (name: string) => !/running_|num_batches/.test(name);
      expect(Object.keys(weights)).toEqual(Object.keys(theirs).filter(isWeight));
    },
    180_000,
  );
});
