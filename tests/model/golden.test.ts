import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { extractFeatures } from '../../lib/evaluate/features';
import { readSafetensors } from '../../lib/io/safetensors';
import { MaeDecoder } from '../../lib/model/mae-decoder';
import { patchify } from '../../lib/model/patchify';
import { project } from '../../lib/model/projector';
import { shuffledRange } from '../../lib/model/random-masking';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { BACKENDS_HERE } from '../backends';
import { BATCH, golden, goldenEcgs, goldenMasking, goldenModel, relativeError } from '../golden-model';

// Values of PyTorch in float64: tests/golden/torch/make_golden.py, and options.py.
const options = readSafetensors(join(__dirname, '../golden/torch/options.safetensors')).tensors;

describe.each(BACKENDS_HERE)('the model on %s equals PyTorch', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.engine().startScope();
  });

  it('in the embeddings of ECGs', async () => {
    const { encoder } = goldenModel();
    const ecgs = tf.tensor3d(goldenEcgs(BATCH, 0), [BATCH, LEADS.length, SAMPLES]);
    expect(relativeError(await encoder.embed(ecgs).data(), golden.get('embedding')!.data)).toBeLessThan(1e-5);
  });

  it('in the statistics of all layers, which a frozen encoder’s features may be', async () => {
    const { encoder } = goldenModel();
    const expected = options.get('statistics')!; // [ECG, (2 * (depth + 1) + 1) * dim]
    const ecgs = goldenEcgs(BATCH, 0);
    const ids = Array.from({ length: BATCH }, (_, i) => String(i));
    const source = { recordIds: ids, patientIds: ids, read: () => ecgs };
    const rows = Int32Array.from({ length: BATCH }, (_, i) => i);
    const features = await extractFeatures(encoder, { source, rows }, { pooling: 'statistics' });
    expect([features.rows, features.columns]).toEqual(expected.shape);
    expect(relativeError(features.values, expected.data)).toBeLessThan(1e-5);
  });

  it('in the projections of views', async () => {
    const { encoder } = goldenModel();
    const views = tf.tensor3d(goldenEcgs(2 * BATCH, 0.3), [2 * BATCH, LEADS.length, SAMPLES]);
    const projections = await project(encoder.parameters, encoder.embed(views)).data();
    expect(relativeError(projections, golden.get('projection')!.data)).toBeLessThan(1e-5);
  });

  it('in the reconstruction of masked patches, un-shuffled', async () => {
    const { encoder, decoder } = goldenModel();
    const { patches: count, patchSize } = encoder.architecture;
    const masking = goldenMasking(count);
    const ecgs = tf.tensor3d(goldenEcgs(BATCH, 0), [BATCH, LEADS.length, SAMPLES]);
    const patches = patchify(ecgs, patchSize);
    const tokens = encoder.encodePatches(patches, shuffledRange(masking, 0, masking.kept));
    const whole = await MaeDecoder.unshuffle(patches, decoder!.decodeMasked(tokens, masking), masking).array();
    const expected = golden.get('reconstruction')!; // [batch, patch, lead]: the first sample of each lead
    const [ours, theirs]: number[][] = [[], []];
    for (let b = 0; b < BATCH; b++) {
      for (let p = 0; p < count; p++) {
        if (masking.mask[b * count + p] === 0) continue;
        for (let lead = 0; lead < LEADS.length; lead++) {
          ours.push(whole[b][p][lead * patchSize]);
          theirs.push(expected.data[(b * count + p) * LEADS.length + lead]);
        }
      }
    }
    expect(ours.length).toBe(BATCH * (count - masking.kept) * LEADS.length);
    expect(relativeError(ours, theirs)).toBeLessThan(1e-5);
  });
});
