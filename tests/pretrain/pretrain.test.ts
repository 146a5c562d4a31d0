import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { readWeights } from '../../lib/model/weights-file';
import { DEFAULT_OBJECTIVE } from '../../lib/pretrain/objective';
import { type EcgSource, pretrain, readMetrics } from '../../lib/pretrain/pretrain';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';

const SIZE = LEADS.length * SAMPLES;

/** Sines of a frequency a patient, with noise. */
const source: EcgSource = {
  recordIds: Array.from({ length: 16 }, (_, row) => `record ${row}`),
  patientIds: Array.from({ length: 16 }, (_, row) => `patient ${row >> 1}`),
  read(rows) {
    const ecgs = new Float32Array(rows.length * SIZE);
    Array.from(rows).forEach((row, i) => {
      const noise = randomStream(row, 'noise');
      for (let k = 0; k < SIZE; k++) {
        ecgs[i * SIZE + k] = Math.sin(((k % SAMPLES) * (2 + (row >> 1))) / 60) + 0.05 * noise.normal();
      }
    });
    return ecgs;
  },
};

const options = {
  ...DEFAULT_OBJECTIVE,
  decoder: { embeddingSize: 32, blockDepth: 1, headDim: 16 },
  architecture: { patchSize: 250, blockDepth: 1, embeddingSize: 32, headDim: 16 },
  epochs: 3,
  batchSize: 8,
  learningRate: 3e-3,
  warmup: 0.1,
  weightDecay: 0.05,
  clipNorm: 1,
  seed: 5,
  task: 'test',
};

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'pretrain-'));
}

beforeAll(async () => {
  await useEngine();
});

describe('pretraining', () => {
  it('overfits a batch with each method', async () => {
    for (const method of ['generative', 'contrastive', 'hybrid'] as const) {
      const place = folder();
      const few = { ...source, recordIds: source.recordIds.slice(0, 8), patientIds: source.patientIds.slice(0, 8) };
      await pretrain(few, { ...options, method, epochs: 30, folder: place });
      const losses = readMetrics(place).map(({ loss }) => loss);
      expect(losses.at(-1)! / losses[0], method).toBeLessThan(method === 'generative' ? 0.8 : 0.9);
    }
  });

  it('stopped after any step and gone on with ends bit for bit where it would have ended', async () => {
    const [whole, broken] = [folder(), folder()];
    await pretrain(source, { ...options, method: 'hybrid', folder: whole });
    for (const stopAt of [2, 3]) {
      const stop = new AbortController();
      const onProgress = ({ done }: { done: number }) => done === stopAt && stop.abort(new Error('stopped'));
      const stopped = pretrain(source, {
        ...options,
        method: 'hybrid',
        folder: broken,
        onProgress,
        signal: stop.signal,
      });
      await expect(stopped).rejects.toThrow('stopped');
      expect(existsSync(join(broken, 'weights.safetensors'))).toBe(false);
    }
    await pretrain(source, { ...options, method: 'hybrid', folder: broken });
    for (const file of ['weights.safetensors', 'metrics.jsonl']) {
      expect(readFileSync(join(broken, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
    }
    expect(existsSync(join(broken, 'checkpoint.safetensors'))).toBe(false);
  });

  it('keeps no tensor', async () => {
    const place = folder();
    const before = tf.memory().numTensors;
    await pretrain(source, { ...options, method: 'hybrid', epochs: 1, folder: place });
    expect(tf.memory().numTensors).toBe(before);
    const { encoder, decoder } = readWeights(join(place, 'weights.safetensors'));
    decoder?.dispose();
    encoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a damaged checkpoint', async () => {
    const place = folder();
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('stopped'));
    const first = pretrain(source, {
      ...options,
      method: 'generative',
      folder: place,
      onProgress,
      signal: stop.signal,
    });
    await expect(first).rejects.toThrow('stopped');
    const file = join(place, 'checkpoint.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 9] ^= 1;
    writeFileSync(file, bytes);
    const second = pretrain(source, { ...options, method: 'generative', folder: place });
    await expect(second).rejects.toMatchObject({ tag: 'FormatError', where: { file } });
    writeFileSync(file, bytes.subarray(0, bytes.length / 2));
    const third = pretrain(source, { ...options, method: 'generative', folder: place });
    await expect(third).rejects.toMatchObject({ tag: 'FormatError' });
    rmSync(file);
  });

  it('stops on a loss that is no number and names the records', async () => {
    const broken = { ...source, read: (rows: ArrayLike<number>) => source.read(rows).fill(Number.NaN, 0, 1) };
    const failed = pretrain(broken, { ...options, method: 'generative', folder: folder() });
    await expect(failed).rejects.toMatchObject({
      tag: 'DivergedError',
      message: expect.stringMatching(/step 0, records record \d+/),
    });
  });
});
