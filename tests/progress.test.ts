import { expect, it } from 'vitest';
import { type Progress, trackProgress } from '../lib/progress';

it('time left is unknown until something is done, and none at the end', () => {
  const told: Progress[] = [];
  const report = trackProgress({ task: 't', total: 4, unit: 'steps' }, { onProgress: (p) => told.push(p), done: 1 });
  for (const done of [1, 2, 4]) report(done);
  expect(told.map(({ done }) => done)).toEqual([1, 2, 4]);
  expect(told[0].secondsLeft).toBe(Number.POSITIVE_INFINITY);
  expect(told[1].secondsLeft).toBeGreaterThan(0);
  expect(told[1].secondsLeft).toBeCloseTo(2 / told[1].rate, 6);
  expect(told[2].secondsLeft).toBe(0);
});
