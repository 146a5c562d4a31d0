import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { brierScoreLoss } from '../../lib/metrics/brier-score-loss';
import { expectedCalibrationError } from '../../lib/metrics/expected-calibration-error';
import { type BinOptions, reliabilityCurve } from '../../lib/metrics/reliability-curve';
import { sigmoid } from '../../lib/metrics/sigmoid';
import { randomStream } from '../../lib/random';

const labels = [0, 0, 1, 0, 1, 1];
const probabilities = [0.1, 0.2, 0.2, 0.45, 0.7, 1];

describe('reliabilityCurve', () => {
  it('has bins of equal width, an edge belonging to the bin below', () => {
    const { meanPredicted, fractionPositive, counts } = reliabilityCurve(labels, probabilities, { bins: 5 });
    expect([...counts]).toEqual([3, 1, 1, 1]); // (0, .2], (.4, .6], (.6, .8], (.8, 1]; none in (.2, .4]
    expect([...fractionPositive]).toEqual([1 / 3, 0, 1, 1]);
    meanPredicted.forEach((mean, bin) => {
      expect(mean).toBeCloseTo([0.5 / 3, 0.45, 0.7, 1][bin], 15);
    });
  });

  it('has bins of equally many records', () => {
    const { meanPredicted, fractionPositive, counts } = reliabilityCurve(
      [0, 1, 0, 1, 1, 1],
      [0, 0.1, 0.2, 0.6, 0.8, 1],
      {
        bins: 3,
        strategy: 'quantile',
      },
    );
    expect([...counts]).toEqual([2, 2, 2]);
    expect([...fractionPositive]).toEqual([0.5, 0.5, 1]);
    [0.05, 0.4, 0.9].forEach((expected, bin) => {
      expect(meanPredicted[bin]).toBeCloseTo(expected, 15);
    });
  });

  it('has ten bins of equal width by default, and one bin when asked', () => {
    const spread = Array.from({ length: 40 }, (_, i) => (i + 0.5) / 40);
    const both = spread.map((_, i) => i % 2);
    expect(reliabilityCurve(both, spread)).toEqual(reliabilityCurve(both, spread, { bins: 10, strategy: 'uniform' }));
    expect([...reliabilityCurve(both, spread).counts]).toEqual(Array(10).fill(4));
    for (const strategy of ['uniform', 'quantile'] as const) {
      const { counts, fractionPositive } = reliabilityCurve(both, spread, { bins: 1, strategy });
      expect([...counts, ...fractionPositive]).toEqual([40, 0.5]);
    }
  });

  it('lies on the diagonal for a calibrated classifier', () => {
    const stream = randomStream(0, 'calibrated');
    const p = Array.from({ length: 20_000 }, () => stream.uniform());
    const y = p.map((probability) => Number(stream.uniform() < probability));
    const { meanPredicted, fractionPositive, counts } = reliabilityCurve(y, p);
    expect(counts.reduce((sum, count) => sum + count)).toBe(20_000);
    meanPredicted.forEach((mean, bin) => {
      expect(Math.abs(mean - fractionPositive[bin])).toBeLessThan(4 * Math.sqrt(0.25 / counts[bin]));
    });
    expect(expectedCalibrationError(y, p)).toBeLessThan(0.01);
    expect(brierScoreLoss(y, p)).toBeCloseTo(1 / 6, 2); // the mean of p (1 - p)
  });

  it.each<[string, BinOptions, RegExp]>([
    ['0 bins', { bins: 0 }, /bins: expected a whole number of at least 1, got 0/],
    ['2.5 bins', { bins: 2.5 }, /bins: expected a whole number of at least 1, got 2.5/],
    ['another strategy', { strategy: 'kmeans' as never }, /strategy: expected 'uniform' or 'quantile', got kmeans/],
  ])('refuses %s', (_what, options, message) => {
    for (const metric of [reliabilityCurve, expectedCalibrationError]) {
      expect(() => metric(labels, probabilities, options)).toThrow(ArgumentError);
      expect(() => metric(labels, probabilities, options)).toThrow(message);
    }
  });

  it('gives its own name in errors, and the calibration error its own', () => {
    expect(() => reliabilityCurve([0, 1], [2, 0])).toThrow(/row 0: reliability curve: expected probabilities/);
    expect(() => expectedCalibrationError([0, 1], [2, 0])).toThrow(/row 0: expected calibration error: expected prob/);
    expect(() => brierScoreLoss([0, 1], [2, 0])).toThrow(/row 0: Brier score: expected probabilities/);
  });
});

describe('expectedCalibrationError', () => {
  it('weighs each gap by its records', () => {
    // bins of .2: (3, 1/3, .5/3), (1, 0, .45), (1, 1, .7), (1, 1, 1)
    const expected = (3 * (1 / 3 - 0.5 / 3) + 0.45 + 0.3 + 0) / 6;
    expect(expectedCalibrationError(labels, probabilities, { bins: 5 })).toBeCloseTo(expected, 15);
  });

  it('is 0 when every bin is right, and 1 when every probability is wrong', () => {
    expect(expectedCalibrationError([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])).toBe(0);
    expect(expectedCalibrationError([0, 1], [1, 0])).toBe(1);
  });
});

describe('brierScoreLoss', () => {
  it('is the mean squared error', () => {
    expect(brierScoreLoss([1, 0], [0.8, 0.5])).toBeCloseTo((0.04 + 0.25) / 2, 15);
    expect(brierScoreLoss([1, 0], [1, 0])).toBe(0);
    expect(brierScoreLoss([1, 0], [0, 1])).toBe(1);
    expect(brierScoreLoss([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25])).toBeCloseTo(0.25 * 0.75, 15);
  });
});

describe('sigmoid', () => {
  it('turns logits into probabilities, at any size', () => {
    const p = sigmoid([0, Math.log(3), -Math.log(3), 800, -800, -40]);
    [0.5, 0.75, 0.25, 1, 0, Math.exp(-40)].forEach((expected, i) => {
      expect(Math.abs(p[i] - expected)).toBeLessThan(1e-15);
    });
    expect(p[5] / Math.exp(-40)).toBeCloseTo(1, 14);
  });
});
