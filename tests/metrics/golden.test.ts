import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { bootstrapIntervals } from '../../lib/metrics/bootstrap-interval';
import { MEASURES, type Measure, measureScore } from '../../lib/metrics/measure';
import { pairedBootstrapDifference } from '../../lib/metrics/paired-bootstrap-difference';
import type { Predictions } from '../../lib/metrics/predictions';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';
import { peerPython } from '../peer-python';

const golden = (name: string) => JSON.parse(readFileSync(resolve(__dirname, '../golden', name), 'utf8'));
const cases: { labels: number[]; scores: number[]; auroc: number; auprc: number }[] = golden('metrics.json');
const bootstrap: GoldenBootstrap = golden('metrics-bootstrap.json');
const python = peerPython('numpy', 'sklearn');

describe('AUROC and AUPRC equal scikit-learn', () => {
  it('on 50 kept cases, most with ties', () => {
    expect(cases).toHaveLength(50);
    for (const { labels, scores, auroc, auprc } of cases) {
      expect(Math.abs(rocAucScore(labels, scores) - auroc)).toBeLessThan(1e-12);
      expect(Math.abs(averagePrecisionScore(labels, scores) - auprc)).toBeLessThan(1e-12);
    }
  });

  // needs a Python with scikit-learn (HYBRID_ECG_PYTHON, .venv or python3)
  it.skipIf(python === undefined)(
    'on 1,000 fresh cases, run beside it (skipped without scikit-learn)',
    () => {
      const fresh = Array.from({ length: 1000 }, (_, c) => {
        const stream = randomStream(7, 'metric case', c);
        const n = 2 + stream.integer(300);
        const [gain, share, levels] = [3 * stream.uniform() - 1, 0.05 + 0.9 * stream.uniform(), 10 ** (c % 5)];
        const labels = Array.from({ length: n }, (_, i) => (i < 2 ? i : Number(stream.uniform() < share)));
        return {
          labels,
          scores: labels.map((label) => Math.round((label * gain + stream.normal()) * levels) / levels),
        };
      });
      const script = resolve(__dirname, '../golden/metrics.py');
      const options = { input: JSON.stringify(fresh), encoding: 'utf8', maxBuffer: 1e8 } as const;
      const peer = JSON.parse(execFileSync(python as string, [script, 'score'], options)) as [number, number][];
      const errors = fresh.flatMap(({ labels, scores }, c) => [
        Math.abs(rocAucScore(labels, scores) - peer[c][0]),
        Math.abs(averagePrecisionScore(labels, scores) - peer[c][1]),
      ]);
      expect(errors).toHaveLength(2000);
      expect(Math.max(...errors)).toBeLessThan(1e-12);
    },
    180_000,
  );
});

describe('the bootstrap equals NumPy and scikit-learn on the same resamples of patients', () => {
  const models = bootstrap.models.map((scores) => goldenPredictions(scores));
  const draw = (_units: number, resample: number) => bootstrap.draws[resample];
  const options = { draw, resamples: bootstrap.draws.length };

  it.each([0, 1])('for every measure of model %i', (model) => {
    const intervals = bootstrapIntervals(models[model], options);
    for (const measure of MEASURES) {
      const [low, high] = bootstrap.intervals[model][measure];
      expect(intervals[measure].value).toBeCloseTo(bootstrap.values[model][measure], 12);
      expect(measureScore(models[model], measure)).toBe(intervals[measure].value);
      expect(intervals[measure].low).toBeCloseTo(low, 12);
      expect(intervals[measure].high).toBeCloseTo(high, 12);
      expect(intervals[measure].redrawn).toBe(0);
    }
  });

  it.each(MEASURES)('for the difference of %s', (measure: Measure) => {
    const difference = pairedBootstrapDifference(models[0], models[1], { ...options, measure });
    const [first, second] = bootstrap.values.map((values) => values[measure]);
    expect(difference.value).toBeCloseTo(first - second, 12);
    expect(difference.first).toBeCloseTo(first, 12);
    expect(difference.second).toBeCloseTo(second, 12);
    expect(difference.low).toBeCloseTo(bootstrap.differences[measure][0], 12);
    expect(difference.high).toBeCloseTo(bootstrap.differences[measure][1], 12);
  });
});

function goldenPredictions(scores: Record<Task, number[]>): Predictions {
  const each = <T>(of: (task: Task) => T) => Object.fromEntries(TASKS.map((t) => [t, of(t)])) as Record<Task, T>;
  return {
    recordIds: bootstrap.patients.map((_, record) => `record ${record}`),
    patientIds: bootstrap.patients.map((patient) => `patient ${patient}`),
    labels: each((task) => Uint8Array.from(bootstrap.labels[task])),
    scores: each((task) => Float64Array.from(scores[task])),
  };
}

/** What tests/golden/metrics.py writes of two models on the same resamples. */
interface GoldenBootstrap {
  patients: number[];
  labels: Record<Task, number[]>;
  models: Record<Task, number[]>[];
  draws: number[][];
  values: Record<Measure, number>[];
  intervals: Record<Measure, [low: number, high: number]>[];
  differences: Record<Measure, [low: number, high: number]>;
}
