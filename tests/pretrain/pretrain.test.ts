import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { ArgumentError } from '../../lib/errors';
import { readWeights } from '../../lib/model/weights-file';
import type { EcgSource } from '../../lib/pretrain/ecg-source';
import { pretrain } from '../../lib/pretrain/pretrain';
import { readMetrics } from '../../lib/pretrain/training-log';
import { BACKENDS_HERE } from '../backends';
import { exampleStore, newFolder, recipe, sines } from './example-training';

const RESULTS = ['weights.safetensors', 'metrics.jsonl'];

type Options = Partial<Parameters<typeof pretrain>[1]>;

/** Trains on the sines, unless told otherwise; gives the folder. */
async function train(options: Options = {}, source: EcgSource = sines): Promise<string> {
  const folder = options.folder ?? newFolder();
  await pretrain(source, { ...recipe, method: 'hybrid', ...options, folder });
  return folder;
}

/** Trains and stops after so many steps, as an AbortSignal does it. */
async function stopAfter(steps: number, options: Options = {}): Promise<string> {
  const folder = options.folder ?? newFolder();
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => done === steps && stop.abort(new Error('stopped'));
  await expect(train({ ...options, folder, onProgress, signal: stop.signal })).rejects.toThrow('stopped');
  return folder;
}

/** A folder that holds a file. */
function withFile(name: string): string {
  const folder = newFolder();
  writeFileSync(join(folder, name), 'mine');
  return folder;
}

function expectSameResults(folder: string, expected: string): void {
  for (const file of RESULTS) {
    expect(readFileSync(join(folder, file)).equals(readFileSync(join(expected, file))), file).toBe(true);
  }
}

// Plain JavaScript takes its time, and so does a GPU in software.
const small = {
  architecture: { patchSize: 500, blockDepth: 1, embeddingSize: 16, headDim: 8 },
  decoder: { embeddingSize: 16, blockDepth: 1, headDim: 8 },
  batchSize: 4,
  epochs: 1,
};

const CHECKPOINTED = BACKENDS_HERE.filter((backend) => backend !== 'wasm');

describe.each(CHECKPOINTED)('a pretraining on %s', { timeout: 240_000 }, (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  const slow: Options = backend === 'webgpu' ? { ...small, method: 'generative' } : small;

  it('stopped after any step and gone on with ends bit for bit where it would have ended', async () => {
    const options = backend === 'tensorflow' ? {} : slow;
    const whole = await train(options);
    const broken = await stopAfter(2, options);
    expect(existsSync(join(broken, 'weights.safetensors'))).toBe(false);
    await stopAfter(3, { ...options, folder: broken });
    await train({ ...options, folder: broken });
    expectSameResults(broken, whole);
    expect(readdirSync(broken).sort()).toEqual(['events.out.tfevents.pretraining', ...RESULTS].sort());
  });

  it('keeps no tensor, during and after', async () => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    const folder = await train({ ...slow, onProgress: () => counts.push(tf.memory().numTensors) });
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    const { encoder, decoder } = readWeights(join(folder, 'weights.safetensors'));
    decoder?.dispose();
    encoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a pretraining', () => {
  beforeAll(async () => {
    await useEngine({ backend: BACKENDS_HERE[0] });
  });

  it.each([
    ['loss weights', { lossWeights: { reconstruction: 0, patient: 0, sample: 0 } }],
    ['EMA target', { emaTarget: { decay: 2 } }],
    ['microBatchSize', { microBatchSize: 0.5 }],
    ['epochs', { epochs: 0 }],
    ['batchSize', { batchSize: 18 }], // of 16 ECGs: no batch would ever be full
    ['batchSize', { batchSize: 5 }],
    ['learningRate', { learningRate: Number.NaN }],
    ['warmup', { warmup: -0.1 }],
    ['weightDecay', { weightDecay: Number.POSITIVE_INFINITY }],
    ['clipNorm', { clipNorm: 0 }],
    ['precision', { precision: 'bfloat16' }],
    ['lossWeights', { lossWeights: { reconstruction: 1, patient: -1, sample: 1 } }],
    ['lossGradients', { lossGradients: 'clip' }],
    ['targets', { targets: 'normalized' }],
    ['reduction', { reduction: 'none' }],
    ['temperature', { temperature: 0 }],
    ['maskRatio', { maskRatio: 2 }],
    ['maskRatio', { maskRatio: Number.NaN }],
    ['viewMaskRatio', { viewMaskRatio: 1 }],
    ['timeOut', { augmentation: { crop: [0.5, 1], timeOut: [20, 40] } }],
    ['decoder', { decoder: { embeddingSize: 48, blockDepth: 1, headDim: 32 } }],
    ['architecture', { architecture: { patchSize: 250, blockDepth: 1, embeddingSize: 15, headDim: 15 } }],
  ])('with %s that cannot be is refused, and holds no tensor', async (what, options) => {
    const before = tf.memory().numTensors;
    const refused = train(options as Parameters<typeof train>[0]);
    await expect(refused).rejects.toBeInstanceOf(ArgumentError);
    await expect(refused).rejects.toThrow(what);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('tells of a rate at which contrastive learning learns nothing, and is silent at a good one', async () => {
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line);
    const [method, epochs] = ['contrastive', 80] as const;
    await train({ method, epochs, learningRate: 1, onNotice });
    expect(notices).toEqual([expect.stringMatching(/contrastive loss below 2\.708, .*after 40 steps, got \d/)]);
    await train({ method, epochs, onNotice });
    expect(notices).toHaveLength(1);
  });

  it('overfits a batch with each method', async () => {
    const few = { ...sines, recordIds: sines.recordIds.slice(0, 8), patientIds: sines.patientIds.slice(0, 8) };
    for (const method of ['generative', 'contrastive', 'hybrid'] as const) {
      const losses = readMetrics(await train({ method, epochs: 30 }, few)).map(({ loss }) => loss);
      expect(losses.at(-1)! / losses[0], method).toBeLessThan(method === 'generative' ? 0.8 : 0.9);
    }
  });

  it('on ECGs that a worker reads ahead from a store ends as on ECGs read between the steps', async () => {
    const { source } = await exampleStore(20);
    expectSameResults(await train({}, source), await train({}, { ...source, stores: undefined }));
  });

  it('on a store with a flipped byte is refused before it begins', async () => {
    const { store, source } = await exampleStore(16);
    const shard = join(store.folder, 'shard-00001.npy');
    const bytes = readFileSync(shard);
    bytes[9000] ^= 1;
    writeFileSync(shard, bytes);
    const folder = join(newFolder(), 'none');
    await expect(train({ folder }, source)).rejects.toThrow(/shard-00001\.npy: SHA-256/);
    expect(existsSync(folder)).toBe(false);
    bytes[9000] ^= 1;
    writeFileSync(shard, bytes);
    await train({ folder, epochs: 1 }, source);
    store.close();
  });

  it('goes on from the checkpoint before a damaged one, says so, and ends as if nothing had happened', async () => {
    const whole = await train();
    for (const damage of [cut, flip, (bytes: Buffer) => bytes.subarray(0, 0)]) {
      const folder = await stopAfter(4, { checkpointEveryS: 0 });
      const file = join(folder, 'checkpoint.safetensors');
      writeFileSync(file, damage(readFileSync(file)));
      const notices: string[] = [];
      const steps: number[] = [];
      const onProgress = ({ done }: { done: number }) => steps.push(done);
      await train({ folder, onProgress, onNotice: (line) => notices.push(line) });
      expect(notices).toEqual([
        expect.stringMatching(/^\S+checkpoint\.safetensors.*going on from the checkpoint before/),
      ]);
      expect(notices[0]).not.toContain('\n');
      expect(steps).toEqual([4, 5, 6]);
      expectSameResults(folder, whole);
    }
  });

  it('keeps the good checkpoint when it is killed again before it has written another', async () => {
    const folder = await stopAfter(4, { checkpointEveryS: 0 });
    const file = join(folder, 'checkpoint.safetensors');
    writeFileSync(file, flip(readFileSync(file)));
    const read = () => {
      throw new Error('killed');
    };
    const broken = { ...sines, read };
    for (let i = 0; i < 2; i++) await expect(train({ folder, onNotice: () => {} }, broken)).rejects.toThrow('killed');
    await train({ folder });
    expectSameResults(folder, await train());
  });

  it('refuses a checkpoint that is damaged and the only one, or of other settings', async () => {
    const folder = await stopAfter(1);
    const file = join(folder, 'checkpoint.safetensors');
    const bytes = readFileSync(file);
    await expect(train({ folder, learningRate: 1e-3, clipNorm: 2 })).rejects.toMatchObject({
      tag: 'StaleError',
      expected: 'learningRate 0.001, clipNorm 2',
      actual: expect.stringMatching(/^learningRate 0.003, clipNorm 1: /),
    });
    const fewer = { ...sines, recordIds: sines.recordIds.map((id) => `other ${id}`) };
    await expect(train({ folder }, fewer)).rejects.toMatchObject({ tag: 'StaleError' });
    for (const damage of [cut, flip]) {
      writeFileSync(file, damage(Buffer.from(bytes)));
      await expect(train({ folder })).rejects.toMatchObject({ tag: 'FormatError', where: { file } });
    }
    expect(existsSync(file)).toBe(true);
  });

  it('tells of lost rows of its metrics, and removes what a killed process left half written', async () => {
    const folder = await stopAfter(4);
    const metrics = join(folder, 'metrics.jsonl');
    writeFileSync(metrics, readFileSync(metrics, 'utf8').split('\n').slice(0, 2).join('\n'));
    writeFileSync(join(folder, 'weights.safetensors.1.part'), 'half');
    const notices: string[] = [];
    await train({ folder, onNotice: (line) => notices.push(line) });
    expect(notices).toEqual([`${metrics}: expected 4 rows, got 2: the rest is lost`]);
    expect(readMetrics(folder).map(({ step }) => step)).toEqual([0, 1, 4, 5]);
    expect(readdirSync(folder)).not.toContain('weights.safetensors.1.part');
  });

  it('does not go on with other patients: they decide its batches', async () => {
    const folder = await stopAfter(2);
    const patientIds = sines.patientIds.map((id, row) => (row === 0 ? `${id}.0` : id));
    await expect(train({ folder }, { ...sines, patientIds })).rejects.toMatchObject({ tag: 'StaleError' });
    await train({ folder });
  });

  it('does not begin when it is stopped already', async () => {
    const folder = join(newFolder(), 'run');
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(train({ folder, signal })).rejects.toThrow('stopped');
    expect(existsSync(folder)).toBe(false);
  });

  it('replaces no weights and no curves but those of a training that it goes on with', async () => {
    const finished = await train({ epochs: 1 });
    for (const put of [() => finished, () => withFile('weights.safetensors'), () => withFile('metrics.jsonl')]) {
      const folder = put();
      const before = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'base64')]);
      const refused = train({ folder, epochs: 1 });
      await expect(refused).rejects.toThrow(ArgumentError);
      await expect(refused).rejects.toThrow(/folder of a training: expected none trained yet, .*got (weights|metrics)/);
      expect(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'base64')])).toEqual(before);
    }
    const beside = withFile('paper.pdf.part'); // another program's
    await train({ folder: beside, epochs: 1 });
    expect(readFileSync(join(beside, 'paper.pdf.part'), 'utf8')).toBe('mine');
    const begun = withFile('events.out.tfevents.pretraining'); // killed before its first checkpoint
    writeFileSync(join(begun, 'metrics.jsonl'), '{"step":0}\n');
    await train({ folder: begun, epochs: 1 });
    expectSameResults(begun, beside);
  });

  it('refuses a folder in which another one trains', async () => {
    const folder = newFolder();
    const first = train({ folder });
    const second = train({ folder });
    await expect(second).rejects.toMatchObject({ tag: 'StorageError', where: { file: join(folder, 'training.lock') } });
    await first;
    expect(readMetrics(folder)).toHaveLength(6);
  });

  it('stops on a loss that is no number, names the records and keeps the checkpoint', async () => {
    const folder = await stopAfter(2, { method: 'generative' });
    const checkpoint = readFileSync(join(folder, 'checkpoint.safetensors'));
    const broken = { ...sines, read: (rows: ArrayLike<number>) => sines.read(rows).fill(Number.NaN, 0, 1) };
    await expect(train({ folder, method: 'generative' }, broken)).rejects.toMatchObject({
      tag: 'DivergedError',
      step: 2,
      checkpoint: 2,
      recordIds: expect.arrayContaining([expect.stringMatching(/^record \d+$/)]),
      message: expect.stringMatching(/loss NaN.* at step 2, records record .*the checkpoint after 2 steps is kept/),
    });
    expect(readFileSync(join(folder, 'checkpoint.safetensors')).equals(checkpoint)).toBe(true);
    expect(readMetrics(folder)).toHaveLength(2);
  });

  it('stops on a loss that explodes, and keeps a checkpoint from before it did', async () => {
    const folder = newFolder();
    const exploding = train({
      folder,
      method: 'generative',
      targets: 'raw',
      learningRate: 30,
      epochs: 30,
      checkpointEveryS: 0,
    });
    const error = await exploding.catch((fault) => fault);
    expect(error).toMatchObject({ tag: 'DivergedError', message: expect.stringContaining('the median of 20 losses') });
    const { step, checkpoint } = error as { step: number; checkpoint: number };
    const losses = readMetrics(folder).map(({ loss }) => loss);
    expect(losses).toHaveLength(step);
    expect(checkpoint).toBeLessThan(step);
    const limit = Number(/below (\S+),/.exec(error.message)![1]);
    expect(losses[checkpoint - 1]).toBeLessThanOrEqual(limit);
    expect(losses[checkpoint]).toBeGreaterThan(limit);
  });
});

function cut(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}

function flip(bytes: Buffer): Buffer {
  bytes[bytes.length - 9] ^= 1;
  return bytes;
}
