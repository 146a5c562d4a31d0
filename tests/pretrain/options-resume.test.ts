import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import type { ObjectiveOptions } from '../../lib/pretrain/objective';
import { type PretrainingTarget, pretrain } from '../../lib/pretrain/pretrain';
import { BACKENDS_HERE } from '../backends';
import { newFolder, recipe, sines } from './example-training';

const CASES: [string, Partial<ObjectiveOptions & Pick<PretrainingTarget, 'architecture'>>][] = [
  ['a target network and micro-batches', { emaTarget: { decay: 0.9 }, microBatchSize: 3 }],
  [
    'errors summed, patches of 60 without the remainder',
    { reduction: 'sum', architecture: { ...recipe.architecture, patchSize: 60, remainder: 'crop' } },
  ],
  [
    'each gradient clipped, all patches, the CLS token',
    { lossGradients: 'clipped', reconstructed: 'all', pooling: 'cls' },
  ],
  [
    'normalised gradients, one level',
    { lossGradients: 'normalised', lossWeights: { reconstruction: 2, sample: 1, patient: 0 } },
  ],
];

describe('a hybrid pretraining', () => {
  beforeAll(async () => {
    await useEngine({ backend: BACKENDS_HERE[0] });
  });

  it.each(CASES)('stopped and gone on with ends bit for bit where it would have ended: %s', async (_, options) => {
    const before = tf.memory().numTensors;
    const train = { ...recipe, ...options, method: 'hybrid' as const };
    const [whole, broken] = [newFolder(), newFolder()];
    await pretrain(sines, { ...train, folder: whole });
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 3 && stop.abort(new Error('stopped'));
    const stopped = pretrain(sines, { ...train, folder: broken, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toThrow('stopped');
    await pretrain(sines, { ...train, folder: broken });
    for (const file of ['weights.safetensors', 'metrics.jsonl']) {
      expect(readFileSync(join(broken, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
