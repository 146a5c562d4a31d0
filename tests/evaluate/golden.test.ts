import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logisticRegression } from '../../lib/evaluate/logistic-regression';
import { fitStandardScaler } from '../../lib/evaluate/standard-scaler';
import { trainWeakProbes } from '../../lib/evaluate/weak-probe';
import { randomStream } from '../../lib/random';
import { peerPython } from '../peer-python';

interface Fit {
  weights: number[];
  intercept: number;
  loss: number;
}
interface Golden {
  tuned: {
    raw: number[];
    columns: number;
    means: number[];
    scales: number[];
    labels: number[][];
    C: number[];
    fits: Fit[][];
  };
  weak: {
    columns: number;
    batchSize: number;
    learningRate: number;
    train: { x: number[]; y: number[] };
    validation: { x: number[]; y: number[] };
    start: { weights: number[]; intercept: number };
    orders: number[][];
    states: { weights: number[]; intercept: number; validationLoss: number }[];
  };
}
const golden: Golden = JSON.parse(readFileSync(resolve(__dirname, '../golden/probe.json'), 'utf8'));
const matrix = (values: ArrayLike<number>, columns: number) => {
  return { values: Float32Array.from(values), rows: values.length / columns, columns };
};
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('the standard scaler equals scikit-learn', () => {
  const { raw, columns, means, scales } = golden.tuned;
  const scaler = fitStandardScaler(matrix(raw, columns));

  it('in means and standard deviations, a constant column included', () => {
    expect(largestDifference(scaler.means, means)).toBeLessThan(1e-12);
    scales.forEach((scale, j) => {
      expect(scaler.scales[j] / scale).toBeCloseTo(1, 12);
    });
    expect(scaler.scales[2]).toBe(1);
  });
});

describe('logistic regression equals scikit-learn', () => {
  const { raw, columns, labels, C, fits } = golden.tuned;
  const features = matrix(raw, columns);
  const standardised = fitStandardScaler(features).transform(features);

  it.each(C.map((c, i) => [c, fits[i]] as const))('at C = %d', (c, expected) => {
    const problems = labels.map((ofProblem) => Uint8Array.from(ofProblem));
    const ours = logisticRegression(standardised, problems, { C: c, tolerance: 1e-10 });
    expected.forEach((fit, problem) => {
      expect(largestDifference(ours[problem].weights, fit.weights)).toBeLessThan(1e-6);
      expect(Math.abs(ours[problem].intercept - fit.intercept)).toBeLessThan(1e-6);
      expect(Math.abs(ours[problem].loss / fit.loss - 1)).toBeLessThan(1e-12);
      expect(ours[problem].weights[2]).toBe(0); // the constant column
    });
  });

  // needs a Python with scikit-learn (HYBRID_ECG_PYTHON, .venv or python3)
  const python = peerPython('numpy', 'sklearn');
  it.skipIf(python === undefined)(
    'on 3,000 x 64 nearly collinear features (skipped without scikit-learn)',
    () => {
      const [rows, columns, factors] = [3000, 64, 12];
      const stream = randomStream(0, 'features');
      const mix = Float64Array.from({ length: factors * columns }, () => stream.normal());
      const values = new Float32Array(rows * columns);
      const labels = [0, 1, 2, 3].map(() => new Uint8Array(rows));
      for (let row = 0; row < rows; row++) {
        const factor = Array.from({ length: factors }, () => stream.normal());
        for (let j = 0; j < columns; j++) {
          const common = factor.reduce((sum, f, k) => sum + f * mix[k * columns + j], 0);
          values[row * columns + j] = common + 0.01 * stream.normal();
        }
        labels.forEach((ofTask, t) => {
          ofTask[row] = Number(factor[t] + factor[t + 4] + stream.normal() > 1 + 0.5 * t);
        });
      }
      const features = { values, rows, columns };
      const { values: x } = fitStandardScaler(features).transform(features);
      const Cs = [1e-3, 0.1, 10];
      const folder = mkdtempSync(join(tmpdir(), 'probe-'));
      try {
        writeFileSync(join(folder, 'features'), x);
        const script = resolve(__dirname, '../golden/probe.py');
        const input = JSON.stringify({ columns, labels: labels.map((ofTask) => [...ofTask]), C: Cs });
        const options = { input, encoding: 'utf8', maxBuffer: 1e8 } as const;
        const peer: Fit[][] = JSON.parse(
          execFileSync(python as string, [script, 'fit', join(folder, 'features')], options),
        );
        Cs.forEach((C, i) => {
          const ours = logisticRegression({ values: x, rows, columns }, labels, { C, tolerance: 1e-10 });
          peer[i].forEach((fit, task) => {
            expect(largestDifference(ours[task].weights, fit.weights)).toBeLessThan(1e-6);
            expect(Math.abs(ours[task].intercept - fit.intercept)).toBeLessThan(1e-6);
            expect(Math.abs(ours[task].loss / fit.loss - 1)).toBeLessThan(1e-12);
          });
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    180_000,
  );
});

describe('the weak probe equals PyTorch', () => {
  const { columns, train, validation, start, orders, states, batchSize, learningRate } = golden.weak;
  const set = ({ x, y }: { x: number[]; y: number[] }) => {
    return { features: matrix(x, columns), labels: { MI: Uint8Array.from(y) } };
  };

  it.each([1, 2, 5])('after %d epochs of Adam from the same start in the same order', (epochs) => {
    const probe = trainWeakProbes(set(train), set(validation), {
      tasks: ['MI'],
      epochs,
      batchSize,
      learningRate,
      start: () => start,
      order: (epoch) => orders[epoch - 1],
    }).get('MI');
    const losses = states.slice(0, epochs).map(({ validationLoss }) => validationLoss);
    const best = losses.indexOf(Math.min(...losses));
    expect(probe?.epoch).toBe(best + 1);
    expect(largestDifference(probe?.weights ?? [], states[best].weights)).toBeLessThan(1e-6);
    expect(probe?.intercept).toBeCloseTo(states[best].intercept, 6);
    expect(largestDifference(probe?.history.map((h) => h.validationLoss) ?? [], losses)).toBeLessThan(1e-6);
  });
});
