import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { pool } from '../../lib/model/encoder';
import { patchify } from '../../lib/model/patchify';
import { project } from '../../lib/model/projector';
import { randomMasking, shuffledRange } from '../../lib/model/random-masking';
import { contrastiveLoss, samplePositives } from '../../lib/pretrain/contrastive-loss';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { noiseBatch, SMALL, smallObjective } from './noise-objective';

const BATCH = 4;
const { ecgs, patientIds } = noiseBatch(BATCH);
const views = new Float32Array([...ecgs, ...ecgs.map((value) => 0.5 * value)]);

beforeAll(async () => {
  await useEngine();
});

function sampleLoss(options: { viewMaskRatio?: number }, step: number): number {
  const objective = smallObjective('contrastive', options);
  const loss = tf.tidy(() => objective.prepare({ ecgs, patientIds, views }, step)().sample!.dataSync()[0]);
  objective.dispose();
  return loss;
}

it('a masked view is what its visible patches say', () => {
  const { encoder } = smallObjective('contrastive', { viewMaskRatio: 0.5 });
  const { patches } = encoder.architecture;
  // each view has a mask of its own; every part of this is equal to PyTorch in a test of its own
  const masking = randomMasking({ batch: 2 * BATCH, patches }, { ratio: 0.5, stream: randomStream(3, 'view mask', 7) });
  expect(masking.kept).toBe(21);
  const expected = tf.tidy(() => {
    const signal = tf.tensor3d(views, [2 * BATCH, LEADS.length, SAMPLES]);
    const tokens = encoder.encodePatches(patchify(signal, SMALL.patchSize), shuffledRange(masking, 0, masking.kept));
    expect(tokens.shape).toEqual([2 * BATCH, 1 + 21, SMALL.embeddingSize]);
    const projections = project(encoder.parameters, pool(tokens));
    return contrastiveLoss(projections, samplePositives(BATCH), { temperature: 0.1 }).dataSync()[0];
  });
  encoder.dispose();
  expect(sampleLoss({ viewMaskRatio: 0.5 }, 7)).toBeCloseTo(expected, 6);
});

it('the masks change from step to step, and a whole view has none', () => {
  const whole = sampleLoss({}, 7);
  expect(sampleLoss({}, 8)).toBe(whole); // the views were given
  const masked = sampleLoss({ viewMaskRatio: 0.5 }, 7);
  expect(masked).not.toBe(whole);
  expect(sampleLoss({ viewMaskRatio: 0.5 }, 8)).not.toBe(masked);
});

it.each([0, 1])('a share of %s is no mask', (viewMaskRatio) => {
  expect(() => sampleLoss({ viewMaskRatio }, 0)).toThrow(/viewMaskRatio: expected a share in \(0, 1\)/);
});
