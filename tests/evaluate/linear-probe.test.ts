import { describe, expect, it } from 'vitest';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { type LinearProbeOptions, linearProbe } from '../../lib/evaluate/linear-probe';
import { logisticRegression } from '../../lib/evaluate/logistic-regression';
import { probeAllTasks } from '../../lib/evaluate/probe-all-tasks';
import type { ProbeSet } from '../../lib/evaluate/probe-set';
import { fitStandardScaler } from '../../lib/evaluate/standard-scaler';
import { allMeasures } from '../../lib/metrics/measure';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';

/** Features of which a task's own one, and a little of the next, tells its label. */
function makeSet(name: string, rows: number, columns = 8): ProbeSet {
  const stream = randomStream(0, name);
  const values = Float32Array.from({ length: rows * columns }, () => stream.normal());
  const labels = Object.fromEntries(
    TASKS.map((task, t) => [
      task,
      Uint8Array.from({ length: rows }, (_, row) => {
        const signal = 2 * values[row * columns + t] - values[row * columns + t + 1];
        return Number(signal + 0.5 * stream.normal() > 1);
      }),
    ]),
  ) as Record<Task, Uint8Array>;
  return { features: { values, rows, columns }, labels };
}

const train = makeSet('train', 1500);
const validation = makeSet('validation', 400);
const test = makeSet('test', 400);
const KINDS: LinearProbeOptions[] = [{ kind: 'tuned' }, { kind: 'weak', learningRate: 0.05 }];
/** A set with one thing changed. */
const changed = (set: ProbeSet, change: (copy: ProbeSet) => void) => {
  const copy = structuredClone(set);
  change(copy);
  return copy;
};

describe.each(KINDS)('linearProbe, $kind', (options) => {
  const probes = linearProbe({ train, validation, test }, options);

  it('recovers the direction that made the labels', () => {
    TASKS.forEach((task, t) => {
      const { weights } = probes[task];
      expect(weights[t + 1] / weights[t]).toBeCloseTo(-0.5, 0.7);
      weights.forEach((weight, j) => {
        if (j !== t && j !== t + 1) expect(Math.abs(weight / weights[t])).toBeLessThan(0.12);
      });
    });
  });

  it('predicts logits, and scores the validation and the test set by them', () => {
    for (const task of TASKS) {
      const { predict, weights, intercept, validationAuroc, test: scores } = probes[task];
      const logits = predict(test.features);
      const firstRow = test.features.values.subarray(0, 8);
      expect(logits[0]).toBeCloseTo(
        firstRow.reduce((sum, x, j) => sum + x * weights[j], intercept),
        10,
      );
      expect(validationAuroc).toBe(rocAucScore(validation.labels[task], predict(validation.features)));
      expect(validationAuroc).toBeGreaterThan(0.95);
      expect(scores?.auroc).toBe(rocAucScore(test.labels[task], logits));
      expect(scores?.auroc).toBeGreaterThan(0.95);
    }
  });

  it('does not depend on which other tasks are there', () => {
    const { HYP } = train.labels;
    const alone = linearProbe<'HYP'>({ train: { ...train, labels: { HYP } }, validation }, options);
    expect(Object.keys(alone)).toEqual(['HYP']);
    expect(alone.HYP.weights).toEqual(probes.HYP.weights);
  });

  it('takes more than four tasks, of any name', () => {
    const five = (set: ProbeSet) => ({ ...set, labels: { a: set.labels.MI, ...set.labels, b: set.labels.CD } });
    const six = linearProbe({ train: five(train), validation: five(validation) }, { ...options, seed: 1 } as never);
    expect(Object.keys(six)).toEqual(['a', ...TASKS, 'b']);
    expect(six.b.validationAuroc).toBeCloseTo(probes.CD.validationAuroc, 2);
  });

  it('ignores a constant column', () => {
    const withConstant = (set: ProbeSet): ProbeSet =>
      changed(set, ({ features }) => {
        for (let row = 0; row < features.rows; row++) features.values[row * 8 + 7] = 0.1;
      });
    const { MI } = linearProbe({ train: withConstant(train), validation: withConstant(validation) }, options);
    expect(MI.validationAuroc).toBeGreaterThan(0.95);
    if (options.kind === 'tuned') expect(MI.weights[7]).toBe(0);
  });

  it.each<[string, ProbeSet, ProbeSet, RegExp]>([
    [
      'NaN among the features',
      changed(train, ({ features }) => features.values.fill(Number.NaN, 83, 84)),
      validation,
      /row 10: features of the training set: expected finite values, got NaN in column 3/,
    ],
    [
      'infinity in validation',
      train,
      changed(validation, ({ features }) => features.values.fill(Number.POSITIVE_INFINITY, 0, 1)),
      /row 0: features of the validation set: expected finite values, got Infinity in column 0/,
    ],
    [
      'one class in training',
      changed(train, ({ labels }) => labels.HYP.fill(0)),
      validation,
      /labels of HYP of the training set: expected both classes, got one class only \(0 positives among 1500 records\)/,
    ],
    [
      'a label of 2',
      changed(train, ({ labels }) => labels.CD.fill(2, 5, 6)),
      validation,
      /row 5: labels of CD of the training set: expected 0 or 1, got 2/,
    ],
    [
      'labels of another length',
      { ...train, labels: { ...train.labels, MI: new Uint8Array(3) } },
      validation,
      /labels of MI of the training set: expected 1500, one per row, got 3/,
    ],
    [
      'a task without validation labels',
      train,
      { ...validation, labels: { MI: validation.labels.MI } as ProbeSet['labels'] },
      /labels of STTC of the validation set: expected 400, one per row, got none/,
    ],
    [
      'values that are no matrix',
      { ...train, features: { ...train.features, columns: 7 } },
      validation,
      /features of the training set: expected 1500 x 7 = 10500 values, got 12000/,
    ],
    [
      'no rows',
      { ...train, features: { values: new Float32Array(), rows: 0, columns: 8 } },
      validation,
      /features of the training set: expected at least one row and column, got \[0, 8\]/,
    ],
    ['other columns in validation', train, makeSet('validation', 400, 9), /expected 8 columns, as in training, got 9/],
  ])('refuses %s', (_what, badTrain, badValidation, message) => {
    const call = () => linearProbe({ train: badTrain, validation: badValidation }, options);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });

  it('refuses a validation set with one class of a task', () => {
    const oneClass = changed(validation, ({ labels }) => labels.MI.fill(1));
    expect(() => linearProbe({ train, validation: oneClass }, options)).toThrow(UndefinedMetricError);
  });

  it('predicts only rows with as many features', () => {
    const { features } = makeSet('x', 3, 5 + 4);
    expect(() => probes.MI.predict(features)).toThrow(/features: expected 8 columns, got 9/);
  });
});

describe('linearProbe, tuned', () => {
  it('keeps the C of the highest validation AUROC, of equals the smallest, and the minimum at it', () => {
    const scaler = fitStandardScaler(train.features);
    const standardised = scaler.transform(train.features);
    const probes = linearProbe({ train, validation }, { Cs: [100, 1e-4, 1e-2, 1] });
    for (const task of TASKS) {
      const { path = [], C = Number.NaN, weights, intercept, validationAuroc } = probes[task];
      expect(path.map((entry) => entry.C)).toEqual([1e-4, 1e-2, 1, 100]);
      const highest = Math.max(...path.map((entry) => entry.validationAuroc));
      expect(path.find((entry) => entry.validationAuroc === highest)?.C).toBe(C);
      expect(validationAuroc).toBeCloseTo(highest, 3);
      const [exact] = logisticRegression(standardised, [train.labels[task]], { C, tolerance: 1e-12 });
      const raw = scaler.unscale(exact.weights, exact.intercept);
      expect(Math.max(...raw.weights.map((weight, j) => Math.abs(weight - weights[j])))).toBeLessThan(1e-5);
      expect(Math.abs(raw.intercept - intercept)).toBeLessThan(1e-5);
    }
  });

  it('is not moved by shifting and scaling the features', () => {
    const moved = (set: ProbeSet): ProbeSet =>
      changed(set, ({ features }) => {
        for (let at = 0; at < features.values.length; at++) {
          features.values[at] = features.values[at] * 2 ** (at % 8) + 4 * (at % 8);
        }
      });
    const probes = linearProbe({ train, validation, test });
    const after = linearProbe({ train: moved(train), validation: moved(validation), test: moved(test) });
    for (const task of TASKS) {
      expect(after[task].C).toBe(probes[task].C);
      expect(after[task].test?.auroc).toBeCloseTo(probes[task].test?.auroc ?? 0, 4);
    }
  });

  it.each([[[]], [[0]], [[-1]], [[Number.NaN]]])('refuses the grid %j', (Cs) => {
    expect(() => linearProbe({ train, validation }, { Cs })).toThrow(ArgumentError);
  });

  it('refuses another kind', () => {
    const options = { kind: 'strong' } as unknown as LinearProbeOptions;
    expect(() => linearProbe({ train, validation }, options)).toThrow(/kind of probe: expected 'tuned' or 'weak'/);
  });
});

describe('linearProbe, weak', () => {
  const options = { kind: 'weak', epochs: 8 } as const;

  it('is decided by its seed', () => {
    const weights = (seed: number) => linearProbe({ train, validation }, { ...options, seed }).MI.weights;
    expect(weights(3)).toEqual(weights(3));
    expect(weights(4)).not.toEqual(weights(3));
  });

  it.each([{ epochs: 0 }, { batchSize: 0 }, { patience: 0.5 }, { learningRate: Number.NaN }])(
    'refuses an option that cannot be: %o',
    (wrong) => {
      const refused = () => linearProbe({ train, validation }, { ...options, ...wrong });
      expect(refused).toThrow(ArgumentError);
      expect(refused).toThrow(Object.keys(wrong)[0]);
    },
  );

  it('says so when no epoch ends at a finite loss', () => {
    const start = () => ({ weights: new Float64Array(8).fill(Number.NaN), intercept: 0 });
    expect(() => linearProbe({ train, validation }, { ...options, start })).toThrow(
      /weak probe: expected a finite validation loss, got none in any epoch/,
    );
  });

  it('keeps the epoch of the lowest validation loss and stops after it', () => {
    // 20 records in 8 dimensions: it overfits
    const few = makeSet('few', 20);
    const probes = linearProbe(
      { train: few, validation },
      { kind: 'weak', learningRate: 0.1, batchSize: 4, epochs: 200, patience: 3 },
    );
    for (const task of TASKS) {
      const { history = [], epoch = 0, weights, intercept } = probes[task];
      const losses = history.map(({ validationLoss }) => validationLoss);
      expect(losses[epoch - 1]).toBe(Math.min(...losses));
      expect(history).toHaveLength(epoch + 3);
      expect(history.at(-1)?.trainLoss).toBeLessThan(history[0].trainLoss);
      let loss = 0;
      for (let row = 0; row < 400; row++) {
        let z = intercept;
        for (let j = 0; j < 8; j++) z += weights[j] * validation.features.values[row * 8 + j];
        loss += Math.log1p(Math.exp(validation.labels[task][row] === 1 ? -z : z)) / 400;
      }
      expect(loss).toBeCloseTo(losses[epoch - 1], 10);
    }
  });

  it('comes to the unpenalised minimum when it may train long', () => {
    const { MI } = linearProbe(
      { train, validation: train },
      { kind: 'weak', epochs: 800, learningRate: 0.1, batchSize: 1500, patience: 1000 },
    );
    const [{ loss }] = logisticRegression(train.features, [train.labels.MI], { C: 1e6, tolerance: 1e-9 });
    const lowest = loss / (1e6 * 1500);
    const reached = MI.history?.[(MI.epoch ?? 0) - 1].validationLoss ?? Number.NaN;
    expect(reached).toBeGreaterThan(lowest);
    expect(reached).toBeLessThan(1.001 * lowest);
  });
});

describe('probeAllTasks', () => {
  const ids = { recordIds: Array.from({ length: 400 }, (_, i) => `r${i}`), patientIds: Array(400).fill('p') };
  const sets = { train, validation, test: { ...test, ...ids } };
  const groups = Array.from({ length: train.features.rows }, (_, row) => row >> 1);
  const byFolds = { selection: 'grouped-folds', groups } as const;
  const forMinutes = Array.from({ length: 20_000 }, (_, i) => 1e-4 * 1.0007 ** i); // so many C

  it.each(KINDS)('gives the predictions of the test set ($kind)', async (options) => {
    const { predictions, probes } = await probeAllTasks(sets, options);
    expect(predictions.recordIds).toBe(ids.recordIds);
    for (const task of TASKS) {
      expect(predictions.labels[task]).toBe(test.labels[task]);
      expect(predictions.scores[task]).toEqual(probes[task].predict(test.features));
    }
    expect(allMeasures(predictions).mean_auroc).toBeGreaterThan(0.95);
  });

  it('passes over labels of other classes', async () => {
    const withNorm = (set: ProbeSet) => ({
      ...set,
      labels: { NORM: new Uint8Array(set.features.rows), ...set.labels },
    });
    const { probes } = await probeAllTasks({
      train: withNorm(train),
      validation: withNorm(validation),
      test: { ...withNorm(test), ...ids },
    });
    expect(Object.keys(probes)).toEqual([...TASKS]);
  });

  it('refuses ids that are not one per row', async () => {
    const call = probeAllTasks({ ...sets, test: { ...sets.test, patientIds: ['p'] } });
    await expect(call).rejects.toThrow(/patientIds of the test set: expected 400, one per row, got 1/);
  });

  it('gives the bits of linearProbe, several at the same time too', async () => {
    const all: LinearProbeOptions[] = [...KINDS, { ...byFolds, Cs: [0.01, 1] }];
    const inSlices = await Promise.all(all.map((options) => probeAllTasks(sets, options)));
    all.forEach((options, i) => {
      const atOnce = linearProbe({ train, validation }, options);
      for (const task of TASKS) {
        expect({ ...inSlices[i].probes[task], predict: undefined }).toEqual({ ...atOnce[task], predict: undefined });
      }
    });
  });

  it.each<[string, LinearProbeOptions]>([
    ['C on the validation set', { Cs: forMinutes }],
    ['C by folds', { ...byFolds, Cs: forMinutes }],
    ['a weak probe', { kind: 'weak', epochs: 100_000, patience: 100_000 }],
  ])('lets timers fire and stops when one aborts: %s', async (_what, options) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const [ticks, fits]: number[][] = [[], []];
    const timer = setInterval(() => ticks.push(fits.length) === 3 && controller.abort(reason), 20);
    const watched = { ...options, onFit: (done: number) => fits.push(done), signal: controller.signal };
    await expect(probeAllTasks(sets, watched)).rejects.toBe(reason);
    clearInterval(timer);
    expect(ticks).toHaveLength(3);
    expect(fits.length).toBeLessThan(forMinutes.length / 4); // of four tasks' fits a sixteenth
  });

  it('stops soon after the fit that aborts, and fits nothing when aborted before', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const told: number[] = [];
    const onFit = (done: number) => {
      told.push(done);
      if (done === 10) controller.abort(reason);
    };
    await expect(probeAllTasks(sets, { ...byFolds, onFit, signal: controller.signal })).rejects.toBe(reason);
    expect(told.length).toBeLessThan(10 + TASKS.length); // a pass can end a fit of each task
    const { length } = told;
    await expect(probeAllTasks(sets, { ...byFolds, onFit, signal: controller.signal })).rejects.toBe(reason);
    expect(told).toHaveLength(length);
  });
});
