import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import type { BatchLoss } from '../../lib/pretrain/batch-loss';
import { isOutOfMemory, OutOfMemoryError } from '../../lib/pretrain/out-of-memory';
import { trainingStep } from '../../lib/pretrain/training-step';
import { BACKENDS_HERE } from '../backends';
import { noiseBatch, smallObjective } from './noise-objective';

const HUGE = 2 ** 22; // squared, in float32: 64 TiB

/** The loss with a tensor in it that no machine can hold. */
function swollen(loss: BatchLoss): BatchLoss {
  const reconstruct = (from: number, to: number) =>
    loss.parts.reconstruct(from, to).add<tf.Scalar>(
      tf
        .ones([HUGE, 1])
        .mul(tf.ones([1, HUGE]))
        .sum(),
    );
  return Object.assign(() => loss(), { ...loss, parts: { ...loss.parts, reconstruct } });
}

function fault(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

// WebGPU fails later than the call; WebAssembly is last here, since it does not recover.
const BACKENDS = (['tensorflow', 'cpu', 'wasm'] as const).filter((backend) => BACKENDS_HERE.includes(backend));

describe.each(BACKENDS)('a step that is refused memory on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  // TensorFlow waits ten seconds for memory to come free.
  it('names the setting to lower, keeps no tensor and the weights as they were', { timeout: 60_000 }, () => {
    const objective = smallObjective('hybrid', { microBatchSize: 3 });
    const { parameters } = objective.encoder;
    const optimiser = new AdamW(parameters);
    const loss = objective.prepare(noiseBatch(4), 0);
    const before = { ...tf.memory(), weights: parameters.get('norm.weight').dataSync() };
    const error = fault(() => trainingStep(parameters, swollen(loss), { optimiser, rate: 1e-3 }));
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(error).toMatchObject({ tag: 'OutOfMemoryError', setting: 'microBatchSize', from: 3, to: 1 });
    expect((error as Error).message).toMatch(/^training step: expected memory for 3 ECGs at a time, got out of memory/);
    expect((error as Error).message).toMatch(/set microBatchSize to 1 \(now 3\)/);
    if (backend === 'wasm') return; // its memory is spoilt: the process has to be started again
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    expect(parameters.get('norm.weight').dataSync()).toEqual(before.weights);
    expect(trainingStep(parameters, loss, { optimiser, rate: 1e-3 }).loss).toBeGreaterThan(0);
    optimiser.dispose();
    objective.dispose();
  });
});

describe('an out-of-memory error', () => {
  it('halves what goes through the model at a time, down to one ECG', () => {
    const cause = new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8192,4096] and type');
    const unset = new OutOfMemoryError({ what: 'training step', setting: 'microBatchSize', from: 1024, cause });
    expect(unset.message).toBe(
      'training step: expected memory for 1024 ECGs at a time, got out of memory at a tensor of shape [8192,4096]; ' +
        'set microBatchSize to 512 (now unset: the whole batch of 1024), about half the memory',
    );
    expect(unset.cause).toBe(cause);
    const one = new OutOfMemoryError({ what: 'prediction', setting: 'batchSize', from: 1, limit: 1, cause });
    expect(one).toMatchObject({ setting: undefined, from: 1, to: 1 });
    expect(one.message).toMatch(
      /^prediction: .*memory for one ECG at a time.*batchSize is at 1 already: lower embeddingSize or blockDepth/,
    );
  });

  it('is told from other errors by what the backends say', () => {
    for (const message of [
      'OOM when allocating tensor with shape[4,5] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc',
      'failed to allocate memory',
      'Dst tensor is not initialized.',
      'std::bad_alloc',
      'Array buffer allocation failed',
      'memory access out of bounds',
    ]) {
      expect(isOutOfMemory(new Error(message)), message).toBe(true);
    }
    for (const message of ['Invalid TF_Status: 3', 'Invalid typed array length: -1', 'weights: expected a shape']) {
      expect(isOutOfMemory(new Error(message)), message).toBe(false);
    }
    expect(isOutOfMemory('OOM')).toBe(false);
  });
});
