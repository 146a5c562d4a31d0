import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { auprcScore } from '../../lib/metrics/auprc';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { bootstrapInterval, bootstrapIntervals } from '../../lib/metrics/bootstrap-interval';
import { criteria } from '../../lib/metrics/criteria';
import { precisionRecallCurve } from '../../lib/metrics/precision-recall-curve';
import { prevalenceCorrectedAuprc } from '../../lib/metrics/prevalence-corrected-auprc';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { rocCurve } from '../../lib/metrics/roc-curve';
import { examplePredictions } from './example-predictions';

type Score = (yTrue: ArrayLike<number>, yScore: ArrayLike<number>) => number;
const SCORES: [string, Score][] = [
  ['rocAucScore', rocAucScore],
  ['averagePrecisionScore', averagePrecisionScore],
];

/** Labels of both classes with scores on a coarse grid: many ties. */
const cases = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: -8, max: 8 })), { maxLength: 60 })
  .map((rows) => {
    const all = [[0, 1], [1, 0], ...rows];
    return { labels: all.map(([label]) => label), scores: all.map(([, score]) => score / 4) };
  });

describe.each(SCORES)('%s', (_name, score) => {
  it('lies between 0 and 1, is 1 for a perfect order', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        expect(score(labels, scores)).toBeGreaterThanOrEqual(0);
        expect(score(labels, scores)).toBeLessThanOrEqual(1);
        expect(score(labels, labels)).toBe(1);
      }),
    );
  });
});

describe('rocAucScore', () => {
  it('is the share of pairs in the right order, ties one half', () => {
    expect(rocAucScore([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])).toBe(0.75);
    expect(rocAucScore([1, 0], [0.5, 0.5])).toBe(0.5);
    expect(rocAucScore([0, 1], [-0, 0])).toBe(0.5);
  });

  it('becomes its complement when the labels are flipped or the scores negated', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const auroc = rocAucScore(labels, scores);
        expect(
          rocAucScore(
            labels.map((l) => 1 - l),
            scores,
          ),
        ).toBeCloseTo(1 - auroc, 14);
        expect(
          rocAucScore(
            labels,
            scores.map((s) => -s),
          ),
        ).toBeCloseTo(1 - auroc, 14);
      }),
    );
  });

  it('equals the count over all pairs', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        let [wins, pairs] = [0, 0];
        for (let i = 0; i < labels.length; i++) {
          for (let j = 0; j < labels.length; j++) {
            if (labels[i] !== 1 || labels[j] !== 0) continue;
            pairs++;
            wins += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          }
        }
        expect(rocAucScore(labels, scores)).toBe(wins / pairs);
      }),
    );
  });

  it('rises, or stays, when a positive gets a higher score', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 8 }), ({ labels, scores }, by) => {
        const better = scores.map((s, i) => (i === labels.indexOf(1) ? s + by / 4 : s));
        expect(rocAucScore(labels, better)).toBeGreaterThanOrEqual(rocAucScore(labels, scores));
      }),
    );
  });
});

describe('averagePrecisionScore', () => {
  it('adds the precision at each positive', () => {
    expect(averagePrecisionScore([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])).toBeCloseTo((1 + 2 / 3) / 2, 15);
  });

  it('is the share of positives when all scores are equal', () => {
    expect(averagePrecisionScore([1, 0, 0, 1, 0], [2, 2, 2, 2, 2])).toBe(0.4);
  });
});

describe('criteria', () => {
  it('is the sum of four AUROCs and four AUPRCs', () => {
    const { labels, scores } = examplePredictions();
    const tasks = ['MI', 'STTC', 'CD', 'HYP'] as const;
    const aurocs = tasks.map((task) => rocAucScore(labels[task], scores[task]));
    const auprcs = tasks.map((task) => averagePrecisionScore(labels[task], scores[task]));
    const expected = [...aurocs, ...auprcs].reduce((sum, score) => sum + score);
    expect(criteria({ labels, scores })).toBeCloseTo(expected, 14);
  });

  it('is 8 for a perfect model', () => {
    const { labels } = examplePredictions();
    const scores = { MI: labels.MI, STTC: labels.STTC, CD: labels.CD, HYP: labels.HYP };
    expect(criteria({ labels, scores: scores as never })).toBe(8);
  });

  it('names the task that leaves it undefined', () => {
    const predictions = examplePredictions();
    predictions.labels.CD.fill(0);
    expect(() => criteria(predictions)).toThrow(UndefinedMetricError);
    expect(() => criteria(predictions)).toThrow(/criteria of CD: expected both classes, got one class only/);
  });
});

describe('prevalenceCorrectedAuprc', () => {
  it('is the average precision when each positive is there so often that the prevalence is reached', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 2, max: 9 }), ({ labels, scores }, times) => {
        const repeated = labels.flatMap((label, i) => Array(label === 1 ? times : 1).fill(i) as number[]);
        const more = { labels: repeated.map((i) => labels[i]), scores: repeated.map((i) => scores[i]) };
        const prevalence = more.labels.reduce((sum, label) => sum + label) / more.labels.length;
        const expected = averagePrecisionScore(more.labels, more.scores);
        expect(prevalenceCorrectedAuprc(labels, scores, { prevalence })).toBeCloseTo(expected, 12);
      }),
    );
  });

  it("is the average precision at the records' own prevalence, and rises with it", () => {
    const { labels, scores } = { labels: [1, 0, 1, 0, 0], scores: [5, 4, 3, 2, 1] };
    const at = (prevalence: number) => prevalenceCorrectedAuprc(labels, scores, { prevalence });
    expect(at(0.4)).toBeCloseTo(averagePrecisionScore(labels, scores), 15);
    // thresholds 5 and 3: recall 1/2 and 1, false positive rate 0 and 1/3
    expect(at(0.1)).toBeCloseTo((1 + 0.1 / (0.1 + 0.9 / 3)) / 2, 15);
    expect(at(0.01)).toBeCloseTo((1 + 0.01 / (0.01 + 0.99 / 3)) / 2, 15);
    expect(prevalenceCorrectedAuprc([1, 0, 0], [2, 2, 2], { prevalence: 0.03 })).toBeCloseTo(0.03, 15);
  });

  it.each([0, 1, -0.1, 5, Number.NaN])('refuses the prevalence %d', (prevalence) => {
    const call = () => prevalenceCorrectedAuprc([1, 0], [2, 1], { prevalence });
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(/prevalence: expected a number between 0 and 1, got/);
    const interval = () => bootstrapInterval([1, 0], [2, 1], { measure: 'auprc', prevalence });
    expect(interval).toThrow(/prevalence: expected a number between 0 and 1, got/);
  });

  it('has an interval by patients', () => {
    const { labels, scores, patientIds } = examplePredictions();
    const interval = (prevalence?: number) => {
      const options = { measure: 'auprc', groups: patientIds, resamples: 200, prevalence } as const;
      return bootstrapInterval(labels.MI, scores.MI, options);
    };
    const rare = interval(0.02);
    expect(rare.value).toBe(prevalenceCorrectedAuprc(labels.MI, scores.MI, { prevalence: 0.02 }));
    expect(rare.low).toBeLessThan(rare.value);
    expect(rare.high).toBeGreaterThan(rare.value);
    expect(rare.high).toBeLessThan(interval().low);
    const measures = bootstrapIntervals(examplePredictions(), {
      measures: ['auprc_mi', 'auroc_mi'],
      prevalence: 0.02,
      resamples: 200,
    });
    expect(measures.auprc_mi).toEqual(rare);
    expect(measures.auroc_mi).toEqual(bootstrapInterval(examplePredictions(), { measure: 'auroc_mi', resamples: 200 }));
  });

  it('corrects each resample to the prevalence, whatever it drew', () => {
    // two of the three records are drawn positive, or one; at prevalence .5 a positive counts as the other class does
    const draws = [Uint32Array.of(0, 0, 1), Uint32Array.of(0, 1, 1)];
    const options = {
      measure: 'auprc',
      prevalence: 0.5,
      resamples: 2,
      draw: (_: number, r: number) => draws[r],
    } as const;
    const { low, high } = bootstrapInterval([1, 0, 0], [1, 2, 0], options);
    expect([low, high]).toEqual([0.5, 0.5]); // the positive lies below the negative: precision 1 / 2
  });
});

describe('auprcScore', () => {
  it('takes steps by default, trapezoids when asked', () => {
    // thresholds .9, .8, .7, .1: recall 1/2, 1/2, 1, 1; precision 1, 1/2, 2/3, 1/2; and recall 0 with precision 1
    const [labels, scores] = [
      [1, 0, 1, 0],
      [0.9, 0.8, 0.7, 0.1],
    ];
    expect(auprcScore(labels, scores)).toBe(averagePrecisionScore(labels, scores));
    expect(auprcScore(labels, scores, { interpolation: 'step' })).toBe(averagePrecisionScore(labels, scores));
    const trapezoids = 0.5 * 1 + 0.5 * ((1 / 2 + 2 / 3) / 2);
    expect(auprcScore(labels, scores, { interpolation: 'trapezoid' })).toBeCloseTo(trapezoids, 15);
  });

  it('gives a classifier of one threshold more by trapezoids than it can reach', () => {
    const labels = [1, 1, 0, 0, 0, 0, 0, 0, 0, 1];
    const scores = labels.map((_, i) => (i < 2 ? 1 : 0));
    const step = auprcScore(labels, scores);
    expect(step).toBeCloseTo((2 / 3) * 1 + (1 / 3) * 0.3, 15);
    expect(auprcScore(labels, scores, { interpolation: 'trapezoid' })).toBeCloseTo(step + (1 / 3) * 0.35, 15);
  });

  it('refuses another interpolation', () => {
    const call = () => auprcScore([0, 1], [1, 2], { interpolation: 'spline' as never });
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(/interpolation: expected 'step' or 'trapezoid', got spline/);
  });
});

describe('rocCurve and precisionRecallCurve', () => {
  it('are these in a worked example with a tie', () => {
    const [labels, scores] = [
      [1, 0, 1, 0, 0],
      [3, 2, 2, 1, 2],
    ];
    expect(rocCurve(labels, scores)).toEqual({
      falsePositiveRate: Float64Array.of(0, 0, 2 / 3, 1),
      truePositiveRate: Float64Array.of(0, 0.5, 1, 1),
      thresholds: Float64Array.of(Number.POSITIVE_INFINITY, 3, 2, 1),
    });
    expect(precisionRecallCurve(labels, scores)).toEqual({
      precision: Float64Array.of(0.4, 0.5, 1, 1),
      recall: Float64Array.of(1, 1, 0.5, 0),
      thresholds: Float64Array.of(1, 2, 3),
    });
  });

  it('enclose AUROC and average precision', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const { falsePositiveRate: x, truePositiveRate: y } = rocCurve(labels, scores);
        let area = 0;
        for (let k = 1; k < x.length; k++) area += ((x[k] - x[k - 1]) * (y[k] + y[k - 1])) / 2;
        expect(area).toBeCloseTo(rocAucScore(labels, scores), 12);
        const { precision, recall } = precisionRecallCurve(labels, scores);
        let steps = 0;
        for (let k = 1; k < recall.length; k++) steps += (recall[k - 1] - recall[k]) * precision[k - 1];
        expect(steps).toBeCloseTo(averagePrecisionScore(labels, scores), 12);
      }),
    );
  });
});
