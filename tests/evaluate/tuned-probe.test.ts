import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { type LinearProbeOptions, linearProbe } from '../../lib/evaluate/linear-probe';
import { logisticRegression } from '../../lib/evaluate/logistic-regression';
import { logisticSolver } from '../../lib/evaluate/logistic-solver';
import type { ProbeSet } from '../../lib/evaluate/probe-set';
import { fitStandardScaler } from '../../lib/evaluate/standard-scaler';
import type { TunedProbeOptions } from '../../lib/evaluate/tuned-probe';

interface Golden {
  columns: number;
  x: number[];
  labels: number[][];
  groups: number[];
  Cs: number[];
  tasks: { C: number; aurocs: number[][]; weights: number[] }[];
}
const golden: Golden = JSON.parse(readFileSync(resolve(__dirname, '../golden/probe-folds.json'), 'utf8'));
const { columns, groups, Cs } = golden;
const features = { values: Float32Array.from(golden.x), rows: groups.length, columns };
const [a, b, c] = golden.labels.map((ofTask) => Uint8Array.from(ofTask));
const train: ProbeSet<'a' | 'b' | 'c'> = { features, labels: { a, b, c } };
/** The C that a search by folds chose must not depend on this set; it only has to have both classes. */
const validation = (from: number): typeof train => {
  const rows = 40;
  const values = features.values.slice(from * columns, (from + rows) * columns);
  const labels = { a: a.slice(from, from + rows), b: b.slice(from, from + rows), c: c.slice(from, from + rows) };
  return { features: { values, rows, columns }, labels };
};
const byFolds = { selection: 'grouped-folds', groups, Cs } as const;

describe('the tuned probe by folds', () => {
  it("equals scikit-learn's LogisticRegressionCV: each fold's AUROC at each C, the C chosen, the weights", () => {
    const probes = linearProbe({ train, validation: validation(0) }, { ...byFolds, tolerance: 1e-10 });
    (['a', 'b', 'c'] as const).forEach((task, t) => {
      const expected = golden.tasks[t];
      const { C, path = [], weights } = probes[task];
      expect(C).toBe(expected.C);
      expect(path.map((entry) => entry.C)).toEqual(Cs);
      path.forEach(({ foldAurocs = [], validationAuroc }, i) => {
        // the folds are dealt in another order
        const [ours, theirs] = [foldAurocs, expected.aurocs[i]].map((aurocs) => [...aurocs].sort());
        expect(ours).toHaveLength(5);
        ours.forEach((auroc, fold) => {
          expect(Math.abs(auroc - theirs[fold])).toBeLessThan(1e-12);
        });
        expect(validationAuroc).toBeCloseTo(theirs.reduce((sum, auroc) => sum + auroc, 0) / 5, 12);
      });
      weights.forEach((weight, j) => {
        expect(Math.abs(weight - expected.weights[j])).toBeLessThan(1e-5);
      });
    });
  });

  it('tells each fit of its search, by folds or not', () => {
    const told = (options: TunedProbeOptions) => {
      const calls: number[][] = [];
      linearProbe({ train, validation: validation(0) }, { ...options, onFit: (...call) => calls.push(call) });
      return calls;
    };
    const upTo = (total: number) => Array.from({ length: total }, (_, i) => [i + 1, total]);
    expect(told(byFolds)).toEqual(upTo(3 * 5 * Cs.length));
    expect(told({ Cs })).toEqual(upTo(3 * Cs.length));
  });

  it('leaves the validation set untouched', () => {
    const [one, other] = [0, 100].map((from) => linearProbe({ train, validation: validation(from) }, byFolds));
    for (const task of ['a', 'b', 'c'] as const) {
      expect(one[task].weights).toEqual(other[task].weights);
      expect(one[task].path).toEqual(other[task].path);
      expect(one[task].validationAuroc).not.toBe(other[task].validationAuroc);
    }
  });

  it('deals patients by the seed, into as many folds as asked', () => {
    const patients = groups.map((_, row) => row >> 1);
    const paths = (options: object) => {
      return linearProbe({ train, validation: validation(0) }, { ...byFolds, groups: patients, ...options }).a.path;
    };
    expect(paths({ seed: 1 })).toEqual(paths({ seed: 1 }));
    expect(paths({ seed: 1 })).not.toEqual(paths({ seed: 2 }));
    expect(paths({ folds: 3 })?.[0].foldAurocs).toHaveLength(3);
  });

  it.each<[string, object, RegExp]>([
    ['no groups', { groups: undefined }, /groups: expected 250 patients, one a training row.* got none/],
    ['a missing group', { groups: groups.with(3, Number.NaN) }, /row 3: group: expected an id, got 'NaN', a missing/],
    ['one patient alone', { groups: groups.map(() => 7) }, /groups: expected at least 5, one per fold, got 1/],
    ['too few groups', { groups: [1, 2] }, /groups: expected 250 patients, .* got 2/],
    ['another selection', { selection: 'leave-one-out' }, /selection: expected 'validation' or 'grouped-folds'/],
    ['one fold', { folds: 1 }, /folds: expected a whole number of at least 2, got 1/],
    ['no C', { Cs: [] }, /Cs: expected at least one C, got none/],
  ])('refuses %s', (_what, change, message) => {
    const options = { ...byFolds, ...change } as LinearProbeOptions;
    const call = () => linearProbe({ train, validation: validation(0) }, options);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });

  it('names the task and the fold that has one class only', () => {
    const rare = a.map((label, row) => (label === 1 && groups[row] === 0 ? 1 : 0)); // positives in one group alone
    const call = () => {
      linearProbe({ train: { features, labels: { ...train.labels, b: rare } }, validation: validation(0) }, byFolds);
    };
    expect(call).toThrow(UndefinedMetricError);
    expect(call).toThrow(/AUROC of b in fold \d: expected both classes, got one class only \(0 positives among/);
  });
});

describe('logisticSolver', () => {
  const scaled = fitStandardScaler(features).transform(features);

  it('fits a part of the rows as if there were no others', () => {
    const rows = Uint32Array.from({ length: 201 }, (_, i) => (i * 7) % 250).sort();
    const part = logisticSolver(scaled, [a, b], { manyFits: true }).onPart(rows);
    const fits = part.run([0, 1].map(() => part.fit({ C: 0.3, tolerance: 1e-11 })));
    const values = new Float32Array(rows.length * columns);
    rows.forEach((row, i) => {
      values.set(scaled.values.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    const labels = [a, b].map((ofTask) => Uint8Array.from(rows, (row) => ofTask[row]));
    const alone = logisticRegression({ values, rows: rows.length, columns }, labels, { C: 0.3, tolerance: 1e-11 });
    fits.forEach((fit, t) => {
      expect(fit.loss).toBeCloseTo(alone[t].loss, 10);
      fit.weights.forEach((weight, j) => {
        expect(weight).toBeCloseTo(alone[t].weights[j], 8);
      });
    });
  });

  it('comes to the same minimum with pairs of another C as from zero, in fewer iterations', () => {
    const solver = logisticSolver(scaled, [a], { manyFits: true });
    const iterations = { cold: 0, warm: 0 };
    solver.run([
      (function* () {
        let last: Parameters<typeof solver.fit>[0]['start'];
        for (const C of [0.01, 0.02, 0.04, 0.08]) {
          const cold = yield* solver.fit({ C, tolerance: 1e-10 });
          const warm: typeof cold = yield* solver.fit({ C, tolerance: 1e-10, start: last });
          iterations.cold += cold.iterations;
          iterations.warm += warm.iterations;
          expect(warm.loss).toBeCloseTo(cold.loss, 10);
          warm.weights.forEach((weight, j) => {
            expect(weight).toBeCloseTo(cold.weights[j], 8);
          });
          last = warm;
        }
      })(),
    ]);
    expect(iterations.warm).toBeLessThan(iterations.cold);
  });
});
