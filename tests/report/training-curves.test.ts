import { expect, test } from 'vitest';
import type { MetricsRow } from '../../lib/pretrain/training-log';
import { trainingCurves } from '../../lib/report/training-curves';

const history = (steps: number): MetricsRow[] =>
  Array.from({ length: steps }, (_, step) => ({
    step,
    epoch: 0,
    rate: 1e-3,
    loss: 0,
    gradientNorm: 1,
    reconstruction: step,
  }));

test('a long training is drawn as means of equal stretches, a short one step by step', () => {
  const [long] = trainingCurves([{ method: 'generative', history: () => history(600) }]);
  expect(long.model).toBe('Generative Learning');
  expect(long.steps).toEqual(Array.from({ length: 60 }, (_, i) => 10 * (i + 1)));
  expect(long.values[0]).toBe(4.5);
  const [short] = trainingCurves([{ method: 'generative', history: () => history(3) }]);
  expect(short.values).toEqual([0, 1, 2]);
});

test('a loss that a method does not have has no curve', () => {
  const curves = trainingCurves([{ method: 'random', history: () => [] }]);
  expect(curves).toEqual([]);
});
