import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UndefinedMetricError } from '../../lib/errors';
import { auprcScore } from '../../lib/metrics/auprc';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { bootstrapIntervals } from '../../lib/metrics/bootstrap-interval';
import { brierScoreLoss } from '../../lib/metrics/brier-score-loss';
import { deLongInterval } from '../../lib/metrics/de-long-interval';
import { deLongTest } from '../../lib/metrics/de-long-test';
import { expectedCalibrationError } from '../../lib/metrics/expected-calibration-error';
import { MEASURES, type Measure, measureScore } from '../../lib/metrics/measure';
import { pairedBootstrapDifference } from '../../lib/metrics/paired-bootstrap-difference';
import { precisionRecallCurve } from '../../lib/metrics/precision-recall-curve';
import type { Predictions } from '../../lib/metrics/predictions';
import { prevalenceCorrectedAuprc } from '../../lib/metrics/prevalence-corrected-auprc';
import { reliabilityCurve } from '../../lib/metrics/reliability-curve';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { rocCurve } from '../../lib/metrics/roc-curve';
import { sigmoid } from '../../lib/metrics/sigmoid';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';
import { peerPython } from '../peer-python';

const golden = (name: string) => JSON.parse(readFileSync(resolve(__dirname, '../golden', name), 'utf8'));
const cases: (Case & { expected: Expected })[] = golden('metrics.json');
const bootstrap: GoldenBootstrap = golden('metrics-bootstrap.json');
const python = peerPython('numpy', 'scipy', 'sklearn');

describe('every metric equals scikit-learn, DeLong its definition over all pairs', () => {
  it('on 50 kept cases, most with ties', () => {
    expect(cases).toHaveLength(50);
    expect(cases.filter(({ expected }) => expected.roc !== undefined)).toHaveLength(10);
    expect(Math.max(...cases.map((example) => largestError(example, example.expected)))).toBeLessThan(1e-12);
  });

  // needs a Python with scikit-learn (HYBRID_ECG_PYTHON, .venv or python3)
  it.skipIf(python === undefined)(
    'on 1,000 fresh cases, run beside it (skipped without scikit-learn)',
    () => {
      const fresh = Array.from({ length: 1000 }, (_, c) => freshCase(c));
      const script = resolve(__dirname, '../golden/metrics.py');
      const options = { input: JSON.stringify(fresh), encoding: 'utf8', maxBuffer: 1e8 } as const;
      const lines = execFileSync(python as string, [script, 'score'], options)
        .trim()
        .split('\n');
      const peer = lines.map((line): Expected => JSON.parse(line));
      expect(peer).toHaveLength(1000);
      const errors = fresh.map((example, c) => largestError(example, peer[c]));
      expect(Math.max(...errors)).toBeLessThan(1e-12);
      expect(peer.filter(({ interval }) => interval === null).length).toBeLessThan(50);
      expect(peer.filter(({ test }) => test === null).length).toBeLessThan(50);
    },
    180_000,
  );
});

/** A case of 2 to 301 records; the fewer decimals, the more ties. */
function freshCase(c: number): Case {
  const stream = randomStream(7, 'metric case', c);
  const n = 2 + stream.integer(300);
  const [gain, share, levels] = [3 * stream.uniform() - 1, 0.05 + 0.9 * stream.uniform(), 10 ** (c % 5)];
  const rounded = (value: number) => Math.round(value * levels) / levels;
  const labels = Array.from({ length: n }, (_, i) => (i < 2 ? i : Number(stream.uniform() < share)));
  const scores = labels.map((label) => rounded(label * gain + stream.normal()));
  const second = scores.map((score) => rounded(score + stream.normal()));
  const probabilities = [...sigmoid(scores)].map((p) => (c % 3 === 0 ? Math.round(p * 20) / 20 : p)); // on the edges
  return { labels, scores, second, probabilities, prevalence: 0.001 + 0.998 * stream.uniform() };
}

/** The largest absolute difference over all metrics; p-values of 1e-300 count like any other. */
function largestError({ labels, scores, second, probabilities, prevalence }: Case, expected: Expected): number {
  const differences: number[] = [];
  const compare = (ours: ArrayLike<number>, theirs: ArrayLike<number>) => {
    expect(ours.length).toBe(theirs.length);
    for (let i = 0; i < ours.length; i++) differences.push(Math.abs(ours[i] - theirs[i]));
  };
  compare(
    [
      rocAucScore(labels, scores),
      averagePrecisionScore(labels, scores),
      auprcScore(labels, scores),
      auprcScore(labels, scores, { interpolation: 'trapezoid' }),
      prevalenceCorrectedAuprc(labels, scores, { prevalence }),
      brierScoreLoss(labels, probabilities),
      expectedCalibrationError(labels, probabilities),
      expectedCalibrationError(labels, probabilities, { bins: 7, strategy: 'quantile' }),
    ],
    [
      expected.auroc,
      expected.auprc,
      expected.auprc,
      expected.trapezoid,
      expected.corrected,
      expected.brier,
      expected.uniform.error,
      expected.quantile.error,
    ],
  );
  if (expected.roc !== undefined && expected.pr !== undefined) {
    const { falsePositiveRate, truePositiveRate, thresholds } = rocCurve(labels, scores);
    expect(thresholds[0]).toBe(Number.POSITIVE_INFINITY);
    [falsePositiveRate, truePositiveRate, thresholds.subarray(1)].forEach((ours, i) => {
      compare(ours, (expected.roc ?? [])[i]);
    });
    const curve = precisionRecallCurve(labels, scores);
    [curve.precision, curve.recall, curve.thresholds].forEach((ours, i) => {
      compare(ours, (expected.pr ?? [])[i]);
    });
  }
  for (const [strategy, bins] of [
    ['uniform', 10],
    ['quantile', 7],
  ] as const) {
    const { meanPredicted, fractionPositive, counts } = reliabilityCurve(labels, probabilities, { strategy, bins });
    compare(counts, expected[strategy].counts);
    compare(fractionPositive, expected[strategy].positive);
    compare(meanPredicted, expected[strategy].predicted);
  }
  if (expected.interval === null) {
    expect(() => deLongInterval(labels, scores)).toThrow(UndefinedMetricError);
  } else {
    const { value, standardError, low, high } = deLongInterval(labels, scores);
    compare([value, standardError, low, high], expected.interval);
  }
  if (expected.test === null) {
    expect(() => deLongTest(labels, [scores, second])).toThrow(UndefinedMetricError);
  } else {
    const { value, standardError, low, high, z, pValue } = deLongTest(labels, [scores, second]);
    const [, , , , expectedZ] = expected.test;
    compare(
      [value, standardError, low, high, z / Math.max(1, Math.abs(expectedZ)), pValue],
      expected.test.with(4, expectedZ / Math.max(1, Math.abs(expectedZ))),
    );
  }
  return Math.max(...differences);
}

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

/** What tests/golden/metrics.py is given. */
interface Case {
  labels: number[];
  scores: number[];
  /** of another model */
  second: number[];
  probabilities: number[];
  prevalence: number;
}

/** What its `every_metric` makes of a case. */
interface Expected {
  auroc: number;
  auprc: number;
  trapezoid: number;
  corrected: number;
  roc?: number[][];
  pr?: number[][];
  brier: number;
  uniform: { positive: number[]; predicted: number[]; counts: number[]; error: number };
  quantile: { positive: number[]; predicted: number[]; counts: number[]; error: number };
  /** AUROC, standard error, low, high; null where undefined */
  interval: number[] | null;
  /** difference, standard error, low, high, z, p; null where undefined */
  test: number[] | null;
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
