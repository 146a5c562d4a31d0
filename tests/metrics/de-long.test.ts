import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { bootstrapInterval } from '../../lib/metrics/bootstrap-interval';
import { deLongInterval } from '../../lib/metrics/de-long-interval';
import { placements, placementVariance } from '../../lib/metrics/de-long-placements';
import { deLongTest } from '../../lib/metrics/de-long-test';
import { normalQuantileOfTail, normalTail } from '../../lib/metrics/normal-distribution';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { examplePredictions } from './example-predictions';

type Test = 'albumin' | 'kg' | 'protein';
interface Golden {
  labels: number[];
  scores: Record<Test, number[]>;
  intervals: Record<Test, number[]>;
  tests: Record<Exclude<Test, 'kg'>, number[]>;
  normal: [z: number, tail: number][];
  quantiles: [tail: number, z: number][];
}
const golden: Golden = JSON.parse(readFileSync(resolve(__dirname, '../golden/delong.json'), 'utf8'));
const { labels, scores } = golden;

describe('the example of DeLong, DeLong and Clarke-Pearson (1988)', () => {
  // what the SAS/STAT user's guide prints of these 43 patients, to its four digits: area, error, limits
  it.each<[Test, number[]]>([
    ['albumin', [0.7366, 0.0927, 0.5549, 0.9182]],
    ['kg', [0.7258, 0.1028, 0.5243, 0.9273]],
    ['protein', [0.6478, 0.1, 0.4518, 0.8439]],
  ])('gives the published area, standard error and interval of %s', (name, published) => {
    const { value, standardError, low, high } = deLongInterval(labels, scores[name]);
    [value, standardError, low, high].forEach((ours, i) => {
      expect(Math.abs(ours - published[i])).toBeLessThanOrEqual(5e-5);
      expect(Math.abs(ours - golden.intervals[name][i])).toBeLessThan(1e-12);
    });
  });

  // difference from K-G, its error and limits, chi-squared, p
  it.each<[Exclude<Test, 'kg'>, number[]]>([
    ['albumin', [0.0108, 0.0953, -0.1761, 0.1976, 0.0127, 0.9102]],
    ['protein', [-0.078, 0.1046, -0.283, 0.1271, 0.5554, 0.4561]],
  ])('gives the published comparison of %s with the K-G score', (name, published) => {
    const test = deLongTest(labels, [scores[name], scores.kg]);
    const { value, standardError, low, high, z, pValue } = test;
    [value, standardError, low, high, z * z, pValue].forEach((ours, i) => {
      expect(Math.abs(ours - published[i])).toBeLessThanOrEqual(5e-5);
    });
    [value, standardError, low, high, z, pValue].forEach((ours, i) => {
      expect(Math.abs(ours - golden.tests[name][i])).toBeLessThan(1e-12);
    });
    expect([test.first, test.second, test.level]).toEqual([
      rocAucScore(labels, scores[name]),
      rocAucScore(labels, scores.kg),
      0.95,
    ]);
  });
});

describe('deLongInterval', () => {
  it('narrows with the level and is cut at 0 and 1', () => {
    const { MI } = examplePredictions().scores;
    const { MI: y } = examplePredictions().labels;
    const [narrow, wide] = [0.5, 0.99].map((level) => deLongInterval(y, MI, { level }));
    expect([narrow.level, wide.level]).toEqual([0.5, 0.99]);
    expect((wide.high - wide.value) / wide.standardError).toBeCloseTo(2.5758293035, 8);
    expect((narrow.value - narrow.low) / narrow.standardError).toBeCloseTo(0.6744897502, 8);
    const nearlyPerfect = deLongInterval([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]);
    expect(nearlyPerfect.high).toBe(1);
    expect(nearlyPerfect.low).toBeGreaterThan(0);
    const nearlyReversed = deLongInterval([1, 1, 1, 0, 0, 0], [1, 2, 4, 3, 5, 6]);
    expect(nearlyReversed.low).toBe(0);
    expect(nearlyReversed.high).toBeCloseTo(1 - nearlyPerfect.low, 12);
  });

  it('has no width for a perfect score', () => {
    const { value, low, high, standardError } = deLongInterval([0, 0, 1, 1], [1, 2, 3, 4]);
    expect([value, low, high, standardError]).toEqual([1, 1, 1, 0]);
  });

  it('agrees with the bootstrap by records', () => {
    const { labels: y, scores: s } = examplePredictions({ records: 1000 });
    const deLong = deLongInterval(y.CD, s.CD);
    const bootstrap = bootstrapInterval(y.CD, s.CD, { measure: 'auroc', resamples: 500 });
    expect(deLong.value).toBeCloseTo(bootstrap.value, 12);
    expect(Math.abs(deLong.low - bootstrap.low)).toBeLessThan(0.004);
    expect(Math.abs(deLong.high - bootstrap.high)).toBeLessThan(0.004);
  });

  it.each([0, 1, -0.5, 95, Number.NaN])('refuses the level %d', (level) => {
    for (const call of [
      () => deLongInterval(labels, scores.kg, { level }),
      () => deLongTest(labels, [scores.kg, scores.protein], { level }),
    ]) {
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(/level: expected a number between 0 and 1, got/);
    }
  });
});

describe('deLongTest', () => {
  it('turns its sign when the scores change places', () => {
    const there = deLongTest(labels, [scores.albumin, scores.protein]);
    const back = deLongTest(labels, [scores.protein, scores.albumin]);
    expect(back.value).toBeCloseTo(-there.value, 14);
    expect(back.z).toBeCloseTo(-there.z, 12);
    expect(back.low).toBeCloseTo(-there.high, 14);
    expect(back.pValue).toBeCloseTo(there.pValue, 12);
  });

  it('finds nothing between scores that rank alike', () => {
    const { value, low, high, z, pValue, standardError } = deLongTest(labels, [scores.kg, scores.kg.map(Math.exp)]);
    expect([value, low, high, standardError, z, pValue]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('throws when the areas differ without variance: a perfect score beside one that tells nothing', () => {
    const call = () =>
      deLongTest(
        [0, 0, 1, 1],
        [
          [1, 2, 3, 4],
          [7, 7, 7, 7],
        ],
      );
    expect(call).toThrow(UndefinedMetricError);
    expect(call).toThrow(/DeLong test: expected AUROCs whose difference varies, got 1 and 0.5 with a variance of 0/);
  });

  it('rejects equal areas in about 5 of 100 samples', () => {
    let rejected = 0;
    for (let sample = 0; sample < 200; sample++) {
      const first = examplePredictions({ records: 100, model: 2 * sample + 1 });
      const second = examplePredictions({ records: 100, model: 2 * sample + 2 });
      if (deLongTest(first.labels.MI, [first.scores.MI, second.scores.MI]).pValue < 0.05) rejected++;
    }
    expect(rejected).toBeGreaterThan(2); // 10 expected, standard deviation 3.1
    expect(rejected).toBeLessThan(20);
  });
});

describe('placements', () => {
  it('are the shares of the other class below a positive and above a negative, ties one half, in order', () => {
    const { auroc, ofPositives, ofNegatives } = placements([1, 0, 1, 0, 1], [2, 2, 3, 1, 0]);
    expect([...ofPositives]).toEqual([0.75, 1, 0]);
    expect([...ofNegatives]).toEqual([0.5, 2 / 3]);
    expect(auroc).toBeCloseTo(7 / 12, 15);
  });

  it('give the variance: the sample variance of each list over its length', () => {
    expect(placementVariance(Float64Array.of(0, 1, 0.5), Float64Array.of(0.2, 0.6))).toBeCloseTo(
      0.25 / 3 + 0.08 / 2,
      15,
    );
  });
});

describe('the normal distribution equals SciPy', () => {
  it.each(golden.normal)('tail of %d', (z, tail) => {
    expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1e-12);
  });

  it.each(golden.quantiles)('quantile of %d', (tail, z) => {
    expect(Math.abs(normalQuantileOfTail(tail) - z)).toBeLessThan(1e-12);
  });
});
