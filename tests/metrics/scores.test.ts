import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndefinedMetricError } from '../../lib/errors';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { criteria } from '../../lib/metrics/criteria';
import { rocAucScore } from '../../lib/metrics/roc-auc';
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
  it('does not change under a rising transform of the scores', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const expected = score(labels, scores);
        for (const transform of [
          Math.exp,
          Math.cbrt,
          (s: number) => 3 * s - 7,
          (s: number) => 1 / (1 + Math.exp(-s)),
        ]) {
          expect(score(labels, scores.map(transform))).toBe(expected);
        }
      }),
    );
  });

  it('does not change with the order of the records', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 50 }), ({ labels, scores }, shift) => {
        const turned = <T>(values: T[]) => values.map((_, i) => values[(i + shift) % values.length]).reverse();
        expect(score(turned(labels), turned(scores))).toBeCloseTo(score(labels, scores), 14);
      }),
    );
  });

  it('does not change when every record is there three times', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        const thrice = <T>(values: T[]) => [...values, ...values, ...values];
        expect(score(thrice(labels), thrice(scores))).toBeCloseTo(score(labels, scores), 12);
      }),
    );
  });

  it('lies between 0 and 1, is 1 for a perfect order', () => {
    fc.assert(
      fc.property(cases, ({ labels, scores }) => {
        expect(score(labels, scores)).toBeGreaterThanOrEqual(0);
        expect(score(labels, scores)).toBeLessThanOrEqual(1);
        expect(score(labels, labels)).toBe(1);
      }),
    );
  });

  it.each([
    ['no record', [], [], /at least one record of each class, got no record/],
    ['lengths that differ', [0, 1, 1], [0.1, 0.2], /as many scores as labels, got 3 labels and 2 scores/],
    ['negatives only', [0, 0], [0.1, 0.2], /both classes, got one class only \(0 positives among 2 records\)/],
    ['positives only', [1, 1], [0.1, 0.2], /both classes, got one class only \(2 positives among 2 records\)/],
    ['a label of 2', [0, 1, 2], [1, 2, 3], /row 2: .*labels 0 or 1, got 2/],
    ['a label that is NaN', [0, Number.NaN], [1, 2], /row 1: .*labels 0 or 1, got NaN/],
    ['a score that is NaN', [0, 1], [Number.NaN, 1], /row 0: .*finite scores, got NaN/],
    ['a score that is infinite', [0, 1], [1, Number.POSITIVE_INFINITY], /row 1: .*finite scores, got Infinity/],
    ['a score that is missing', [0, 1], [1, undefined as unknown as number], /row 1: .*finite scores, got undefined/],
  ])('throws on %s', (_what, labels, scores, message) => {
    expect(() => score(labels, scores)).toThrow(UndefinedMetricError);
    expect(() => score(labels, scores)).toThrow(message);
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
