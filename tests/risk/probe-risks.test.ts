import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, FormatError, MissingFileError } from '../../lib/errors';
import { readParquet, writeParquet } from '../../lib/io/parquet';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';
import { decomposeRisk, RISK_TERMS } from '../../lib/risk/decompose-risk';
import { probeRisks, type RiskOptions, type RiskSet, type SupervisedLogits } from '../../lib/risk/probe-risks';
import { readRiskFile, writeRiskFile } from '../../lib/risk/risk-file';
import { riskOfAllTasks } from '../../lib/risk/risk-of-all-tasks';
import { RISK_MODES, risksReader } from '../../lib/risk/task-risk';

const COLUMNS = 12;
const SHARE = { MI: 0.25, STTC: 0.24, CD: 0.22, HYP: 0.12 };

/** Each task's label moves two of the features; every tenth ECG is a second one of the patient before. */
function makeSet(name: string, rows: number, options: { signal?: number; noise?: number } = {}): RiskSet<Task> {
  const { signal = 1, noise = 1 } = options;
  const stream = randomStream(0, name);
  const values = new Float32Array(rows * COLUMNS);
  const labels = Object.fromEntries(TASKS.map((task) => [task, new Uint8Array(rows)])) as Record<Task, Uint8Array>;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < COLUMNS; j++) values[row * COLUMNS + j] = noise * stream.normal();
    TASKS.forEach((task, t) => {
      labels[task][row] = Number(stream.uniform() < SHARE[task]);
      for (const j of [2 * t, 2 * t + 1]) values[row * COLUMNS + j] += signal * labels[task][row];
    });
  }
  const recordIds = Array.from({ length: rows }, (_, row) => `${name}-${row}`);
  const patientIds = recordIds.map((_, row) => `${name}-patient-${row % 10 === 9 ? row - 1 : row}`);
  return { features: { values, rows, columns: COLUMNS }, labels, recordIds, patientIds };
}

/** Logits that are right nine times in ten. */
function supervisedBy({ recordIds, labels }: RiskSet<Task>): SupervisedLogits<Task> {
  const stream = randomStream(0, 'supervised');
  const scores = Object.fromEntries(
    TASKS.map((task) => [
      task,
      Float64Array.from(labels[task], (label) => (stream.uniform() < 0.9 === (label === 1) ? 3 : -3)),
    ]),
  ) as Record<Task, Float64Array>;
  return { recordIds, scores };
}

const train = makeSet('train', 1500);
const test = makeSet('test', 800);
const supervised = supervisedBy(train);
const SMALL: RiskOptions = { perClass: 100 };
const mi = (sets: { train: RiskSet<Task>; test: RiskSet<Task> }, options: object = {}) =>
  probeRisks(sets, { task: 'MI', supervised, ...SMALL, ...options });
const changed = (set: RiskSet<Task>, change: (copy: RiskSet<Task>) => void) => {
  const copy = structuredClone(set);
  change(copy);
  return copy;
};

describe('probeRisks', () => {
  const risk = mi({ train, test });

  it('lists the records of its sets: so many of each class, of the right set', () => {
    for (const [set, name] of [
      [risk.train, 'train'],
      [risk.test, 'test'],
    ] as const) {
      expect(set.labels.reduce((sum, label) => sum + label, 0)).toBe(100);
      expect(set.recordIds).toHaveLength(200);
      const source = name === 'train' ? train : test;
      set.recordIds.forEach((id, i) => {
        const row = source.recordIds.indexOf(id);
        expect(source.labels.MI[row]).toBe(set.labels[i]);
        expect(source.patientIds[row]).toBe(set.patientIds[i]);
      });
    }
    expect(new Set(risk.train.split).size).toBe(20);
    const share = train.labels.MI.reduce((sum, label) => sum + label, 0) / 1500;
    expect(risk.priorLogOdds).toBeCloseTo(Math.log(share / (1 - share)), 12);
  });

  it('finds the supervised logit of each record by its id', () => {
    risk.train.recordIds.forEach((id, i) => {
      expect(risk.train.supervised[i]).toBe(supervised.scores.MI[train.recordIds.indexOf(id)]);
    });
  });

  it('gives risks near what the features allow: the ideal classifier errs on 24 %', () => {
    // Two features are shifted by 1 each: normal distributions sqrt 2 apart, Phi(-sqrt 2 / 2) = .2398.
    const whole = probeRisks(
      { train: makeSet('train', 6000), test: makeSet('test', 4000) },
      {
        task: 'MI',
        supervised: supervisedBy(makeSet('train', 6000)),
      },
    );
    expect(whole.train.labels).toHaveLength(1000);
    const { supervised: sup, approximated, heldOut, test: onTest } = risksReader(whole, { mode: 'robust' })();
    expect(Math.abs(sup - 0.1)).toBeLessThan(0.03); // 3 standard errors
    for (const r of [approximated, heldOut, onTest]) expect(Math.abs(r - 0.24)).toBeLessThan(0.042);
    expect(approximated).toBeLessThanOrEqual(heldOut);
  });

  it.each(RISK_MODES)('the terms add up to the total and count records, %s mode', (mode) => {
    const risks = risksReader(risk, { mode })();
    const terms = decomposeRisk(risks);
    expect(RISK_TERMS.reduce((sum, term) => sum + terms[term], 0)).toBe(terms.total);
    for (const r of Object.values(risks)) expect(Math.abs(r * 200 - Math.round(r * 200))).toBeLessThan(1e-9);
    const inSplit = risk.train.split.filter((split) => split === 0).length;
    if (mode === 'paper') expect(Math.abs((risks.heldOut * inSplit) % 1)).toBeCloseTo(0, 9);
  });

  it('has nothing to find in features without signal: held out and test are near one half, fitted below', () => {
    const empty = mi(
      { train: makeSet('train', 1500, { signal: 0 }), test: makeSet('test', 800, { signal: 0 }) },
      { Cs: [100] },
    );
    const { approximated, heldOut, test: onTest } = risksReader(empty, { mode: 'robust' })();
    expect(approximated).toBeLessThan(0.45);
    expect(Math.abs(heldOut - 0.5)).toBeLessThan(0.11);
    expect(Math.abs(onTest - 0.5)).toBeLessThan(0.11);
  });

  it('a held-out logit knows nothing of its own label: only those of the other splits move with it', () => {
    const [row] = [...risk.train.split.keys()].filter((i) => risk.train.split[i] === 7);
    const source = train.recordIds.indexOf(risk.train.recordIds[row]);
    // The record's features far off: the probe of its own split, which never sees them, does the same elsewhere.
    const moved = mi(
      {
        train: changed(train, ({ features }) => {
          for (let j = 0; j < COLUMNS; j++) features.values[source * COLUMNS + j] *= 1.5;
        }),
        test,
      },
      { Cs: [1] },
    );
    const before = mi({ train, test }, { Cs: [1] });
    const change = (i: number) => Math.abs(moved.train.heldOut[i] - before.train.heldOut[i]);
    const rows = [...risk.train.split.keys()].filter((i) => i !== row);
    const mean = (own: number[]) => own.reduce((sum, i) => sum + change(i), 0) / own.length;
    const same = mean(rows.filter((i) => risk.train.split[i] === 7));
    const other = mean(rows.filter((i) => risk.train.split[i] !== 7));
    expect(same).toBeLessThan(other / 3); // what is left is the scaling, which all records of B_tr have a part in
  });

  it('the same encoder gives the same, and shifting or scaling its features changes no risk', () => {
    expect(mi({ train, test })).toEqual(risk);
    const moved = (set: RiskSet<Task>) =>
      changed(set, ({ features }) => {
        for (let at = 0; at < features.values.length; at++)
          features.values[at] = features.values[at] * 2 ** (at % COLUMNS) + 4 * (at % COLUMNS);
      });
    const after = mi({ train: moved(train), test: moved(test) });
    for (const mode of RISK_MODES) expect(risksReader(after, { mode })()).toEqual(risksReader(risk, { mode })());
    expect(after.C).toBe(risk.C);
  });

  it('other seeds draw other records and splits; the supervised network may have learnt on balanced ECGs', () => {
    const other = mi({ train, test }, { seed: 1, supervisedPrior: 'balanced' });
    expect(other.train.recordIds).not.toEqual(risk.train.recordIds);
    expect(other.priorLogOdds).toBe(0);
    expect(mi({ train, test }, { splits: 25 }).train.split.reduce((a, b) => Math.max(a, b), 0)).toBe(24);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'too few positives for the splits',
      () => mi({ train, test }, { perClass: 15 }),
      /in 20 parts: expected both classes/,
    ],
    [
      'no positive in training',
      () => mi({ train: changed(train, ({ labels }) => labels.MI.fill(0)), test }),
      /labels of MI of the train set: expected both classes, got 0 positives and 1500 negatives/,
    ],
    [
      'no negative in the test set',
      () => mi({ train, test: changed(test, ({ labels }) => labels.MI.fill(1)) }),
      /labels of MI of the test set: expected both classes, got 800 positives and 0 negatives/,
    ],
    [
      'NaN among the features',
      () => mi({ train, test: changed(test, ({ features }) => features.values.fill(Number.NaN, 25, 26)) }),
      /row 2: features of the test set: expected finite values, got NaN in column 1/,
    ],
    [
      'fewer ids than rows',
      () => mi({ train: { ...train, patientIds: ['p'] }, test }),
      /patientIds of the training set: expected 1500, one per row, got 1/,
    ],
    [
      'a patient on both sides, once as a float',
      () => {
        const [learnt, judged] = [train.patientIds.with(0, '7'), test.patientIds.with(3, '7.0')];
        return mi({ train: { ...train, patientIds: learnt }, test: { ...test, patientIds: judged } });
      },
      /sets: expected no patient in both, got patient 7.0 in training and test/,
    ],
    [
      'a patient on both sides',
      () => mi({ train, test: { ...test, patientIds: test.patientIds.with(3, 'train-patient-0') } }),
      /sets: expected no patient in both, got patient train-patient-0 in training and test/,
    ],
    [
      'a record that the supervised network lacks',
      () => {
        const [, ...recordIds] = train.recordIds.map((id) => (id === risk.train.recordIds[5] ? 'other' : id));
        const scores = { ...supervised.scores, MI: Array.from(supervised.scores.MI).slice(1) };
        return mi({ train, test }, { supervised: { recordIds, scores } });
      },
      /record train-\d+: supervised logit of MI: expected a number, got none/,
    ],
    [
      'a supervised logit that is no number',
      () =>
        mi({ train, test }, { supervised: { ...supervised, scores: { MI: new Float64Array(1500).fill(Number.NaN) } } }),
      /supervised logit of MI: expected a number, got NaN/,
    ],
    [
      'no supervised logits of the task',
      () => mi({ train, test }, { supervised: { ...supervised, scores: {} } }),
      /supervised logits of MI: expected 1500, one a record, got none/,
    ],
    ['no C', () => mi({ train, test }, { Cs: [] }), /Cs: expected at least one C, got none/],
    ['a C of 0', () => mi({ train, test }, { Cs: [0, 1] }), /C: expected above 0, got 0/],
  ])('refuses %s', (_what, call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});

describe('riskOfAllTasks', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'risk-'));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const path = join(scratch, 'risk.parquet');

  it('is each task by itself, tells how far it is, and is read again as it was written', async () => {
    const done: number[] = [];
    const risks = await riskOfAllTasks({ train, test }, { supervised, ...SMALL, onTask: (n) => done.push(n) });
    expect(done).toEqual([1, 2, 3, 4]);
    expect(Object.keys(risks)).toEqual([...TASKS]);
    expect(risks.MI).toEqual(mi({ train, test }));
    expect(risks.HYP.test.labels.filter((label) => label === 1).length).toBeLessThan(100); // all there are

    await writeRiskFile(path, risks);
    expect(await readRiskFile(path)).toEqual(risks);
    const { task, set, label } = await readParquet(path);
    const positives = (of: string) => label.filter((one, i) => one === 1 && task[i] === 'MI' && set[i] === of).length;
    expect([positives('train'), positives('test')]).toEqual([100, 100]);
  });

  it('stops between tasks', async () => {
    const controller = new AbortController();
    const options = { supervised, ...SMALL, signal: controller.signal, onTask: () => controller.abort() };
    await expect(riskOfAllTasks({ train, test }, options)).rejects.toThrow(/abort/i);
  });

  it('a file that is not there, lacks columns or a task is refused', async () => {
    await expect(readRiskFile(join(scratch, 'none.parquet'))).rejects.toThrow(MissingFileError);
    const broken = join(scratch, 'broken.parquet');
    await writeParquet(broken, [{ name: 'task', type: 'STRING', values: ['MI'] }]);
    await expect(readRiskFile(broken)).rejects.toThrow(FormatError);
    const columns = await readParquet(path);
    const kept = [...columns.task.keys()].filter((i) => columns.task[i] !== 'HYP' || columns.set[i] === 'train');
    const types = { task: 'STRING', set: 'STRING', record_id: 'STRING', patient_id: 'STRING' } as Record<
      string,
      string
    >;
    await writeParquet(
      broken,
      Object.entries(columns).map(([name, values]) => {
        return { name, type: types[name] ?? 'DOUBLE', values: kept.map((i) => values[i]) } as never;
      }),
    );
    await expect(readRiskFile(broken)).rejects.toThrow(/risk file: expected records of HYP, test, got none/);
  });
});
