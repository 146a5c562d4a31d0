import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import type { Classifier } from '../../lib/evaluate/classifier';
import { readClassifier } from '../../lib/evaluate/classifier-file';
import { type FineTuningStep, type FineTuningValidation, fineTune } from '../../lib/evaluate/fine-tune';
import type { LabelledEcgs } from '../../lib/evaluate/labelled-ecgs';
import { predictLogits } from '../../lib/evaluate/predict-logits';
import { resNetClassifier } from '../../lib/evaluate/resnet-classifier';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import type { Task } from '../../lib/metrics/tasks';
import { readMetrics } from '../../lib/pretrain/training-log';
import { QUICK_BACKENDS_HERE } from '../backends';
import { exampleStore } from '../pretrain/example-training';
import { exampleClassifier, exampleEcgs, JOINT, newFolder } from './example-fine-tuning';

const RESULTS = ['weights.safetensors', 'metrics.jsonl'];
const recipe = { epochs: 3, batchSize: 8, learningRate: 3e-3, seed: 5, task: 'test' };
const sets = { train: exampleEcgs(20), validation: exampleEcgs(12, { seed: 1 }) };

type Options = Partial<Parameters<typeof fineTune>[2]>;

const tinyResNet = () => resNetClassifier({ width: 2, blocks: [1, 1, 1, 1] }, { tasks: JOINT, seed: 0 });

/** Fine-tunes an example, unless told otherwise, and gives the folder. */
async function train(options: Options = {}, of: Classifier = exampleClassifier(), on = sets): Promise<string> {
  const folder = options.folder ?? newFolder();
  try {
    await fineTune(of, on, { ...recipe, ...options, folder });
  } finally {
    of.dispose();
  }
  return folder;
}

/** Trains and stops after so many steps, as an AbortSignal does it. */
async function stopAfter(steps: number, options: Options = {}, of?: Classifier): Promise<string> {
  const folder = options.folder ?? newFolder();
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => done === steps && stop.abort(new Error('stopped'));
  await expect(train({ ...options, folder, onProgress, signal: stop.signal }, of)).rejects.toThrow('stopped');
  return folder;
}

function expectSameResults(folder: string, expected: string): void {
  for (const file of RESULTS) {
    expect(readFileSync(join(folder, file)).equals(readFileSync(join(expected, file))), file).toBe(true);
  }
}

const rowsOf = (folder: string) => readMetrics<FineTuningStep | FineTuningValidation>(folder);
const stepsOf = (folder: string) => rowsOf(folder).filter((row): row is FineTuningStep => 'loss' in row);
const validationsOf = (folder: string) =>
  rowsOf(folder).filter((row): row is FineTuningValidation => 'validationAuroc' in row);

describe.each(QUICK_BACKENDS_HERE.slice(0, 1))('a fine-tuning on %s', { timeout: 240_000 }, (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  it.each([
    ['transformer', () => exampleClassifier()],
    ['residual network', tinyResNet],
  ])('of a %s stopped after any step and gone on with ends bit for bit the same', async (_, build) => {
    const whole = await train({}, build());
    const broken = await stopAfter(1, {}, build()); // in an epoch
    expect(existsSync(join(broken, 'weights.safetensors'))).toBe(false);
    await stopAfter(2, { folder: broken }, build()); // between two, before the validation
    await stopAfter(3, { folder: broken }, build());
    await train({ folder: broken }, build());
    expectSameResults(broken, whole);
    expect(readdirSync(broken).sort()).toEqual(['events.out.tfevents.fine-tuning', ...RESULTS].sort());
  });

  it('with every option resumes bit for bit too', async () => {
    const options: Options = {
      classWeights: 'balanced',
      augmentation: { crop: [0.5, 1], timeOut: [0.2, 0.4], scale: [0.8, 1.2], noise: 0.01 },
      layerDecay: 0.6,
      patchDropout: 0.5,
      betas: [0.9, 0.95],
      ...(backend === 'tensorflow' ? { precision: 'bf16' } : {}),
    };
    const whole = await train(options);
    const broken = await stopAfter(3, options);
    await train({ ...options, folder: broken });
    expectSameResults(broken, whole);
    expect(stepsOf(await train())[0].loss).not.toBe(stepsOf(whole)[0].loss);
  });

  it('leaves patches out of what it trains on, others each step, and judges whole ECGs', async () => {
    const classifier = exampleClassifier();
    const visible: (Int32Array | undefined)[] = [];
    const logits = classifier.logits.bind(classifier);
    classifier.logits = (ecgs, options = {}) => {
      visible.push(options.visible);
      return logits(ecgs, options);
    };
    await train({ patchDropout: 0.5, epochs: 1 }, classifier);
    expect(visible.map((ids) => ids?.length)).toEqual([40, 40, undefined, undefined]); // 5 of 10 patches of 8 ECGs; the validation
    expect(visible[0]).not.toEqual(visible[1]);
    await expect(train({ patchDropout: 0.5 }, tinyResNet())).rejects.toThrow(
      'expected no patchDropout, got 0.5, for a network without patches',
    );
    await expect(train({ patchDropout: 1 })).rejects.toMatchObject({ tag: 'ArgumentError' });
  });

  it('stopped in a validation keeps the epoch, and goes on the same', async () => {
    const whole = await train();
    const folder = newFolder();
    const stop = new AbortController();
    const validation: LabelledEcgs = {
      ...sets.validation,
      source: {
        ...sets.validation.source,
        read(rows, out) {
          stop.abort(new Error('stopped'));
          return sets.validation.source.read(rows, out);
        },
      },
    };
    const many = { ...validation, ...repeated(validation, 11) }; // more than go through at a time
    const alike = { train: sets.train, validation: many };
    await expect(train({ folder, signal: stop.signal }, undefined, alike)).rejects.toThrow('stopped');
    expect(stepsOf(folder)).toHaveLength(2);
    expect(validationsOf(folder)).toHaveLength(0);
    await train({ folder }, undefined, alike);
    expect(validationsOf(folder).map(({ validationAuroc }) => validationAuroc)).toEqual(
      validationsOf(whole).map(({ validationAuroc }) => validationAuroc),
    );
  });

  it.each([
    ['transformer', () => exampleClassifier()],
    ['residual network', tinyResNet],
  ])('keeps no tensor, during and after: %s', async (_, build) => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    const folder = await train({ onProgress: () => counts.push(tf.memory().numTensors) }, build());
    expect(counts).toHaveLength(6);
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    readClassifier(join(folder, 'weights.safetensors')).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['transformer', () => exampleClassifier()],
    ['residual network', tinyResNet],
  ])('learns a small batch by heart: %s', async (_, build) => {
    const few = exampleEcgs(8);
    const classifier = build();
    const folder = newFolder();
    const result = await fineTune(
      classifier,
      { train: few, validation: few },
      { ...recipe, folder, epochs: 40, patience: 40, learningRate: 2e-2, weightDecay: 0, layerDecay: 1 },
    );
    expect(stepsOf(folder).at(-1)!.loss).toBeLessThan(0.02);
    expect(result.validationAuroc).toBe(1);
    expect(result.validationAurocs).toEqual({ MI: 1, STTC: 1, CD: 1, HYP: 1 });
    const logits = await predictLogits(classifier, few);
    for (const task of JOINT) expect(rocAucScore(few.labels[task], logits[task])).toBe(1);
    classifier.dispose();
  });

  it('keeps its checkpoint until what the trained network is for is done too', async () => {
    const expected = await train();
    const folder = newFolder();
    const whenTrained = async () => {
      throw new Error('stopped while predicting');
    };
    await expect(train({ folder, checkpointEveryS: 0, whenTrained })).rejects.toThrow('stopped while predicting');
    const steps: number[] = [];
    const answers: unknown[] = [];
    await train({
      folder,
      onProgress: ({ done }) => steps.push(done),
      whenTrained: async (trained) => void answers.push(trained, existsSync(join(folder, 'weights.safetensors'))),
    });
    expect(steps).toEqual([]); // the last checkpoint is of the last step: the validation alone is done again
    expect(answers).toEqual([expect.objectContaining({ epochs: 3 }), true]);
    expectSameResults(folder, expected);
    expect(readdirSync(folder).filter((name) => name.startsWith('checkpoint'))).toEqual([]);
  });

  it('gives the weights of the best epoch, the earliest of equals, and stops when patience ends', async () => {
    const classifier = exampleClassifier();
    const folder = newFolder();
    const options = { ...recipe, folder, epochs: 40, patience: 3, learningRate: 1e-2 };
    const result = await fineTune(classifier, sets, options);
    const aurocs = validationsOf(folder).map(({ validationAuroc }) => validationAuroc);
    const best = Math.max(...aurocs);
    expect(result).toMatchObject({ epoch: aurocs.indexOf(best) + 1, epochs: aurocs.length, validationAuroc: best });
    expect(result.epochs).toBe(Math.min(40, result.epoch + 3));
    expect(result.epochs).toBeLessThan(40);
    const read = readClassifier(join(folder, 'weights.safetensors'));
    for (const one of [classifier, read]) {
      const logits = await predictLogits(one as Classifier, sets.validation);
      const mean = JOINT.reduce((sum, task) => sum + rocAucScore(sets.validation.labels[task], logits[task]) / 4, 0);
      expect(mean).toBeCloseTo(best, 12);
      one.dispose();
    }
    const row = validationsOf(folder)[result.epoch - 1];
    expect(row.epoch).toBe(result.epoch);
    expect(row.step).toBe(2 * result.epoch);
    expect(JOINT.map((task) => row[`validationAuroc/${task}`])).toEqual(
      JOINT.map((task) => result.validationAurocs[task]),
    );
  });

  it('trains one task by itself, and several with the mean of their losses', async () => {
    const single = await train({}, exampleClassifier({ tasks: ['HYP'] }));
    for (const row of stepsOf(single)) expect(row['loss/HYP']).toBe(row.loss);
    const named = await train({}, exampleClassifier({ tasks: ['Norm' as Task] }), {
      train: { ...sets.train, labels: { Norm: sets.train.labels.HYP } },
      validation: { ...sets.validation, labels: { Norm: sets.validation.labels.HYP } },
    } as never);
    for (const row of stepsOf(named)) expect(row['loss/Norm']).toBe(row.loss);
    for (const row of stepsOf(await train())) {
      const mean = JOINT.reduce((sum, task) => sum + row[`loss/${task}`], 0) / 4;
      expect(row.loss).toBeCloseTo(mean, 5);
    }
  });

  it('tells what it is at in its progress', async () => {
    const details: string[] = [];
    await train({ onProgress: ({ detail, secondsLeft }) => details.push(`${detail} ${Number.isFinite(secondsLeft)}`) });
    expect(details[0]).toMatch(/^loss 0\.\d{4}, rate 0?\.?\d\S* true$/);
    expect(details[2]).toMatch(/^AUROC 0\.\d{4}, loss 0\.\d{4}, rate \S+ true$/);
  });

  it('on ECGs that a worker reads ahead from a store ends as on ECGs read between the steps', async () => {
    const { source } = await exampleStore(20);
    const ofStore = { train: { source, labels: sets.train.labels }, validation: sets.validation };
    const slow = { ...ofStore, train: { ...ofStore.train, source: { ...source, stores: undefined } } };
    expectSameResults(await train({}, undefined, ofStore), await train({}, undefined, slow));
  });

  it('takes all ECGs as the batch where there are fewer', async () => {
    const few = { train: exampleEcgs(5), validation: sets.validation };
    expect(stepsOf(await train({}, undefined, few))).toHaveLength(3);
  });

  it('refuses sets it cannot learn from or judge by, and options out of range', async () => {
    const { train: training, validation } = sets;
    const none = { ...validation, labels: { ...validation.labels, CD: new Uint8Array(12) } };
    await expect(train({}, undefined, { train: training, validation: none })).rejects.toMatchObject({
      tag: 'ArgumentError',
      message:
        'labels of CD of the validation set: expected both classes, got one class only (0 positives among 12 ECGs)',
    });
    const all = { ...training, labels: { ...training.labels, MI: new Uint8Array(20).fill(1) } };
    await expect(train({}, undefined, { train: all, validation })).rejects.toThrow(
      'labels of MI of the training set: expected both classes, got one class only (20 positives among 20 ECGs)',
    );
    const short = { ...training, labels: { ...training.labels, MI: new Uint8Array(3) } };
    await expect(train({}, undefined, { train: short, validation })).rejects.toThrow('expected 20, one an ECG, got 3');
    const wrong = { ...training, labels: { ...training.labels, MI: new Uint8Array(20).fill(2, 3) } };
    await expect(train({}, undefined, { train: wrong, validation })).rejects.toThrow('expected 0 or 1, got 2');
    for (const [key, value] of Object.entries({
      epochs: 0,
      patience: 1.5,
      batchSize: 0,
      learningRate: -1,
      warmup: 1,
      weightDecay: -1,
      clipNorm: 0,
      layerDecay: 2,
      classWeights: 'some',
      precision: 'half',
      augmentation: { crop: [0.5, 1], timeOut: [20, 40] },
    })) {
      await expect(train({ [key]: value }), key).rejects.toMatchObject({ tag: 'ArgumentError' });
    }
    await expect(train({ precision: 'bf16' }, tinyResNet())).rejects.toThrow(
      'key precision: fine-tuning: expected float32 for a network of convolutions, which have no other, got bf16',
    );
  });

  it('that is refused memory names the batch size to lower, in training and in validation', async () => {
    for (const [while_, what] of [
      ['training', 'fine-tuning step'],
      ['validation', 'prediction'],
    ]) {
      const classifier: Classifier = exampleClassifier();
      const logits = classifier.logits.bind(classifier);
      classifier.logits = (ecgs, options) => {
        if ((options?.training === true) === (while_ === 'training')) {
          throw new Error('OOM when allocating tensor with shape[8,11,32] and type float');
        }
        return logits(ecgs, options);
      };
      await expect(train({}, classifier)).rejects.toMatchObject({
        tag: 'OutOfMemoryError',
        message:
          `${what}: expected memory for 8 ECGs at a time, got out of memory at a tensor of shape [8,11,32]; ` +
          'set batchSize to 4 (now 8), about half the memory',
      });
    }
  });

  it('refuses a checkpoint of other settings, ECGs, labels or first weights', async () => {
    const folder = await stopAfter(2);
    await expect(train({ folder, learningRate: 1e-3 })).rejects.toMatchObject({
      tag: 'StaleError',
      expected: 'learningRate 0.001',
    });
    const others = { ...sets, train: exampleEcgs(20, { seed: 2 }) };
    await expect(train({ folder }, undefined, others)).rejects.toThrow(/expected train "/);
    const labels = { ...sets.train.labels, MI: sets.train.labels.CD };
    const relabelled = { ...sets, train: { ...sets.train, labels } };
    await expect(train({ folder }, undefined, relabelled)).rejects.toThrow(/expected train "/);
    await expect(train({ folder }, exampleClassifier({ seed: 1 }))).rejects.toThrow(/expected start "/);
    await train({ folder });
    expectSameResults(folder, await train());
  });

  it('goes on from the checkpoint before a damaged one, and says so', async () => {
    const whole = await train();
    const folder = await stopAfter(4, { checkpointEveryS: 0 });
    const file = join(folder, 'checkpoint.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 9] ^= 1;
    writeFileSync(file, bytes);
    const notices: string[] = [];
    await train({ folder, onNotice: (line) => notices.push(line) });
    expect(notices).toEqual([expect.stringMatching(/checkpoint\.safetensors.*going on from the checkpoint before/)]);
    expectSameResults(folder, whole);
  });

  it('refuses a folder in which another one trains, and does not begin when it is stopped already', async () => {
    const folder = newFolder();
    const first = train({ folder });
    await expect(train({ folder })).rejects.toMatchObject({
      tag: 'StorageError',
      where: { file: join(folder, 'training.lock') },
    });
    await first;
    const signal = AbortSignal.abort(new Error('stopped'));
    const other = join(newFolder(), 'run');
    await expect(train({ folder: other, signal })).rejects.toThrow('stopped');
    expect(existsSync(other)).toBe(false);
  });

  it('stops on a loss that is no number, names the records and keeps the checkpoint', async () => {
    const folder = await stopAfter(2);
    const read = (rows: ArrayLike<number>) => sets.train.source.read(rows).fill(Number.NaN, 0, 1);
    const broken = { ...sets, train: { ...sets.train, source: { ...sets.train.source, read } } };
    await expect(train({ folder }, undefined, broken)).rejects.toMatchObject({
      tag: 'DivergedError',
      step: 2,
      checkpoint: 2,
      message: expect.stringMatching(/^\S+: fine-tuning: .*loss NaN.* at step 2, records record 0-/),
    });
    expect(existsSync(join(folder, 'checkpoint.safetensors'))).toBe(true);
  });

  it('stops on a loss that explodes', async () => {
    const options = { learningRate: 30, epochs: 30, patience: 30, weightDecay: 0 };
    await expect(train(options)).rejects.toMatchObject({
      tag: 'DivergedError',
      message: expect.stringContaining('expected losses below 6.931'),
    });
  });
});

/** A set so many times over: scores are the same. */
function repeated({ source, labels }: LabelledEcgs, times: number): LabelledEcgs {
  const count = source.recordIds.length;
  const again = (ids: readonly string[]) => Array.from({ length: times * count }, (_, i) => ids[i % count]);
  return {
    source: {
      recordIds: again(source.recordIds),
      patientIds: again(source.patientIds),
      read: (rows, out) =>
        source.read(
          Array.from(rows, (row) => row % count),
          out,
        ),
    },
    labels: Object.fromEntries(
      Object.entries(labels).map(([task, values]) => [
        task,
        Uint8Array.from({ length: times * count }, (_, i) => values[i % count]),
      ]),
    ) as LabelledEcgs['labels'],
  };
}
