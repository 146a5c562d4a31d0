import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { readSafetensors, writeSafetensors } from '../../lib/io/safetensors';
import { createEncoder } from '../../lib/model/encoder';
import { createMaeDecoder } from '../../lib/model/mae-decoder';
import { readWeights, writeWeights } from '../../lib/model/weights-file';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { goldenEcgs, relativeError } from '../golden-model';
import { peerPython } from '../peer-python';

const ARCHITECTURE = { patchSize: 125, blockDepth: 2, embeddingSize: 32, headDim: 16 };
const DECODER = { embeddingSize: 16, blockDepth: 1, headDim: 8 };

beforeAll(async () => {
  await useEngine();
});

function written() {
  const file = join(mkdtempSync(join(tmpdir(), 'weights-')), 'weights.safetensors');
  const encoder = createEncoder(ARCHITECTURE, { seed: 3 });
  const decoder = createMaeDecoder(encoder, { architecture: DECODER, seed: 3 });
  writeWeights(file, { encoder, decoder }, { metadata: { method: 'generative' } });
  return { file, encoder };
}

function embeddings(encoder: ReturnType<typeof createEncoder>): Float32Array {
  return encoder.embed(tf.tensor3d(goldenEcgs(2, 0), [2, LEADS.length, SAMPLES])).dataSync<'float32'>();
}

describe('a weights file', () => {
  it('gives back the encoder and its decoder', () => {
    const { file, encoder } = written();
    const read = readWeights(file);
    expect(embeddings(read.encoder)).toEqual(embeddings(encoder));
    expect(read.decoder?.architecture).toEqual(DECODER);
  });

  it('has the names and shapes of timm’s VisionTransformer', () => {
    const { tensors } = readSafetensors(written().file);
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      cls_token: [1, 1, 32],
      pos_embed: [1, 21, 32],
      'patch_embed.proj.weight': [32, 12, 125],
      'blocks.1.norm1.weight': [32],
      'blocks.1.attn.qkv.weight': [96, 32],
      'blocks.1.attn.proj.bias': [32],
      'blocks.1.mlp.fc1.weight': [128, 32],
      'blocks.1.mlp.fc2.weight': [32, 128],
      'norm.bias': [32],
    });
  });

  it('without a weight, or with one of another shape, is refused by name', () => {
    const { file } = written();
    const { tensors, metadata } = readSafetensors(file);
    const held = tf.memory().numTensors;
    const without = new Map([...tensors].filter(([name]) => name !== 'norm.bias'));
    writeSafetensors(file, without, { metadata });
    expect(() => readWeights(file)).toThrow(/norm\.bias.*expected shape \[32\], got nothing/);
    writeSafetensors(file, new Map([...without, ['norm.bias', { shape: [31], data: new Float32Array(31) }]]), {
      metadata,
    });
    expect(() => readWeights(file)).toThrow(/norm\.bias.*expected shape \[32\], got shape \[31\]/);
    expect(tf.memory().numTensors).toBe(held); // what had been made is released
  });

  const python = peerPython('torch', 'safetensors');
  // Skipped where no Python with PyTorch is found.
  it.skipIf(python === undefined)('loads into a PyTorch model, which then gives the same embeddings', () => {
    const { file, encoder } = written();
    const inputs = join(file, '../ecgs.safetensors');
    writeSafetensors(inputs, new Map([['ecgs', { shape: [2, LEADS.length, SAMPLES], data: goldenEcgs(2, 0) }]]));
    const code = `
import sys, torch
sys.path.insert(0, sys.argv[1])
from reference import Model
from safetensors.torch import load_file
weights = load_file(sys.argv[2])
del weights['pos_embed']
model = Model(125, 2, 32, head_dim=16, decoder=(16, 1, 8))
model.load_state_dict(weights)
with torch.no_grad():
    print(*model.embed(load_file(sys.argv[3])['ecgs']).flatten().tolist())`;
    const reference = join(__dirname, '../golden/torch');
    const { stdout, stderr } = spawnSync(python!, ['-c', code, reference, file, inputs], { encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    expect(relativeError(embeddings(encoder), stdout.trim().split(' ').map(Number))).toBeLessThan(1e-5);
  });
});
