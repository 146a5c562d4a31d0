import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { readSafetensors } from '../lib/io/safetensors';
import { createEncoder, meanOfPatches } from '../lib/model/encoder';
import { createMaeDecoder } from '../lib/model/mae-decoder';
import type { Parameters } from '../lib/model/parameters';
import { patchify } from '../lib/model/patchify';
import { addProjector, project } from '../lib/model/projector';
import { type Masking, shuffledRange } from '../lib/model/random-masking';
import { contrastiveLoss, patientPositives, samplePositives } from '../lib/pretrain/contrastive-loss';
import type { LossTerms } from '../lib/pretrain/hybrid-loss';
import { reconstructionLoss } from '../lib/pretrain/reconstruction-loss';
import { LEADS, SAMPLES } from '../lib/signal/leads';

// The model of tests/golden/torch/make_golden.py: the same formulas give weights, ECGs and masks.

export const BATCH = 4;
export const PATIENTS = ['7', '7', '3', '9'];
export const ARCHITECTURE = { patchSize: 60, blockDepth: 2, embeddingSize: 8, headDim: 4 };
export const DECODER = { embeddingSize: 8, blockDepth: 1, headDim: 4 };

/** PyTorch's values in float64, torch 2.13.0. */
export const golden = readSafetensors(join(__dirname, 'golden/torch/hybrid-ecg.safetensors')).tensors;

/** Noise in +-scale that the Python script computes too. */
export function formula(count: number, phase: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const wave = Math.sin(phase + 12.9898 * (i + 1)) * 43758.5453;
    return scale * (2 * (wave - Math.floor(wave)) - 1);
  });
}

export function goldenEcgs(count: number, phase: number): Float32Array {
  return formula(count * LEADS.length * SAMPLES, phase, 0.5);
}

/** Encoder, decoder and projector with the golden weights; another phase gives other weights, as in options.py. */
export function goldenModel({ decoder: withDecoder = true, projector = true, phase = 0 } = {}) {
  const encoder = createEncoder(ARCHITECTURE, { seed: 0 });
  const decoder = withDecoder ? createMaeDecoder(encoder, { architecture: DECODER, seed: 0 }) : undefined;
  if (projector) addProjector(encoder, { seed: 0 });
  const all = allNames();
  for (const name of encoder.parameters.names()) {
    const tensor = encoder.parameters.get(name);
    const offset = name.includes('norm') && name.endsWith('weight') ? 1 : 0;
    const values = formula(tensor.size, all.indexOf(name) + phase, 0.2).map((value) => offset + value);
    encoder.parameters.set(name, tf.tensor(values, tensor.shape));
  }
  return { encoder, decoder };
}

/** The weights of the whole golden model, sorted as the Python script sorts them. */
function allNames(): string[] {
  const names = [...golden.keys()].filter((key) => key.startsWith('adamw.'));
  return names.map((key) => key.slice('adamw.'.length)).sort();
}

/** Directions in the space of the weights along which PyTorch took slopes. */
export const DIRECTIONS = 4;

/** A weight's part of direction k. */
export function goldenDirection(weight: string, size: number, k: number): Float32Array {
  return formula(size, allNames().indexOf(weight) + (k + 1) / 8, 1);
}

export function goldenMasking(patches: number): Masking {
  const kept = patches - Math.floor(patches * 0.75);
  const idsShuffle = Int32Array.from({ length: BATCH * patches }, (_, i) => {
    const step = [5, 11, 13, 17][Math.floor(i / patches)];
    return ((i % patches) * step + 1) % patches;
  });
  const idsRestore = new Int32Array(idsShuffle.length);
  const mask = new Uint8Array(idsShuffle.length);
  idsShuffle.forEach((patch, i) => {
    const start = i - (i % patches);
    idsRestore[start + patch] = i % patches;
    mask[start + patch] = i % patches < kept ? 0 : 1;
  });
  return { batch: BATCH, patches, kept, idsShuffle, idsRestore, mask };
}

/** The losses that have golden gradients: two of GL, CL, HL. */
export const GOLDEN_CASES = ['generative', 'normalised', 'contrastive', 'hybrid'] as const;

/** The golden model's weights for a loss, and the loss's terms on the golden ECGs. */
export function goldenCase(name: (typeof GOLDEN_CASES)[number]) {
  const { encoder, decoder } = goldenModel({
    decoder: name !== 'contrastive',
    projector: name !== 'generative' && name !== 'normalised',
  });
  const { patchSize, patches: count } = encoder.architecture;
  const terms = (): LossTerms => {
    const all: { -readonly [term in keyof LossTerms]: LossTerms[term] } = {};
    if (decoder !== undefined) {
      const masking = goldenMasking(count);
      const patches = patchify(tf.tensor3d(goldenEcgs(BATCH, 0), [BATCH, LEADS.length, SAMPLES]), patchSize);
      const tokens = encoder.encodePatches(patches, shuffledRange(masking, 0, masking.kept));
      const targets = name === 'normalised' ? 'normalised' : 'raw';
      all.reconstruction = reconstructionLoss(decoder.decodeMasked(tokens, masking), patches, { masking, targets });
    }
    if (name === 'contrastive' || name === 'hybrid') {
      const views = tf.tensor3d(goldenEcgs(2 * BATCH, 0.3), [2 * BATCH, LEADS.length, SAMPLES]);
      const embeddings = meanOfPatches(encoder.encodePatches(patchify(views, patchSize)));
      const projections = project(encoder.parameters, embeddings);
      all.sample = contrastiveLoss(projections, samplePositives(BATCH));
      all.patient = contrastiveLoss(projections, patientPositives(PATIENTS));
    }
    return all;
  };
  return { parameters: encoder.parameters, terms };
}

/** Largest |a - b| over the largest |b|. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return actual.length === expected.length ? difference / Math.max(largest, 1e-12) : Number.POSITIVE_INFINITY;
}

/** Gradients of a loss by the name of the weight. */
export function gradientsOf(parameters: Parameters, loss: () => tf.Scalar): Map<string, tf.Tensor> {
  const names = parameters.names();
  const { grads } = tf.valueAndGrads(loss)(names.map((name) => parameters.get(name)));
  return new Map(names.map((name, i) => [name, grads[i]]));
}

/**
 * Values of a weight, or of its gradient, without the biases of an attention's keys, the middle third of `qkv.bias`: softmax does not see
 * them, so their gradient is rounding, which Adam scales up to whole steps.
 */
export function withoutKeyBiases(weight: string, ...arrays: ArrayLike<number>[]): number[][] {
  const third = (values: ArrayLike<number>) => values.length / 3;
  return arrays.map((values) =>
    Array.from(values).filter((_, i) => !weight.endsWith('qkv.bias') || Math.floor(i / third(values)) !== 1),
  );
}
