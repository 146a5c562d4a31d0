import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { type CurvePoint, meanPrecisionRecallCurve, meanRocCurve } from '../../lib/report/mean-curves';
import { readPublishedTables } from '../../lib/report/published-tables';
import { simulatedFineTuned } from './simulated-models';

const { 'table-3': table } = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));
const runs = simulatedFineTuned(table)
  .filter(({ model }) => model === 'Hybrid Learning')
  .map(({ predictions }) => ({ labels: predictions.labels.MI, scores: predictions.scores.MI }));

/** The area below the points, by trapezoids. */
const area = (points: readonly CurvePoint[]) =>
  points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i].x) * (y + points[i].y)) / 2, 0);

test('the drawn curves keep the areas of one run and of the mean of several', () => {
  for (const own of [runs.slice(0, 1), runs]) {
    const mean = (of: typeof rocAucScore) => own.reduce((sum, one) => sum + of(one.labels, one.scores), 0) / own.length;
    expect(Math.abs(area(meanRocCurve(own)) - mean(rocAucScore))).toBeLessThan(0.002);
    const precision = meanPrecisionRecallCurve(own);
    expect(Math.abs(area([{ x: 0, y: precision[0].y }, ...precision]) - mean(averagePrecisionScore))).toBeLessThan(
      0.005,
    );
  }
});

test('a ROC curve runs from (0, 0) to (1, 1) and never falls', () => {
  const points = meanRocCurve(runs);
  expect(points[0]).toEqual({ x: 0, y: 0 });
  expect(points.at(-1)).toEqual({ x: 1, y: 1 });
  points.slice(1).forEach((point, i) => {
    expect(point.x).toBeGreaterThanOrEqual(points[i].x);
    expect(point.y).toBeGreaterThanOrEqual(points[i].y);
  });
});

test('a perfect order goes straight up; four records by hand', () => {
  const perfect = { labels: [1, 0, 0], scores: [3, 2, 1] };
  expect(
    meanRocCurve([perfect])
      .slice(1)
      .every(({ y }) => y === 1),
  ).toBe(true);
  expect(meanPrecisionRecallCurve([perfect]).every(({ y }) => y === 1)).toBe(true);
  // Thresholds from the top: TP 1 of 1, 1 of 2, 2 of 3, 2 of 4.
  const hand = { labels: [1, 0, 1, 0], scores: [4, 3, 2, 1] };
  for (const { x, y } of meanPrecisionRecallCurve([hand])) expect(y).toBeCloseTo(x <= 0.5 ? 1 : 2 / 3, 12);
  // ROC: (0, 0), (0, .5), (.5, .5), (.5, 1), (1, 1).
  for (const { x, y } of meanRocCurve([hand]).slice(1)) expect(y).toBeCloseTo(x < 0.5 ? 0.5 : 1, 12);
});
