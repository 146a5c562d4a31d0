import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tracePath } from '../../lib/report/trace-path';

test('a straight line keeps its ends, a corner is kept', () => {
  const samples = Float32Array.from([0, 1, 2, 3, 2, 1, 0]);
  expect(tracePath(samples, { xStep: 10, yScale: 10, y: 50 })).toBe('M0,50l30-30l30,30');
});

test('NaN breaks the line', () => {
  const samples = Float32Array.from([Number.NaN, 0, 0, Number.NaN, Number.NaN, 1, 1]);
  expect(tracePath(samples, { xStep: 1, yScale: 1 })).toBe('M1,0l1,0M5,-1l1,0');
  expect(tracePath(new Float32Array(3).fill(Number.NaN), { xStep: 1, yScale: 1 })).toBe('');
});

test('no sample is farther from the drawn line than allowed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 80 }), (values) => {
      const path = tracePath(Float32Array.from(values), { xStep: 2, yScale: 1, tolerance: 3 });
      const [start, ...steps] = path.slice(1).split('l');
      const corners = [start.split(',').map(Number)];
      for (const step of steps) {
        const [, right, down] = /^(-?[\d.]+),?(-?[\d.]+)$/.exec(step)!.map(Number);
        const [x, y] = corners[corners.length - 1];
        corners.push([x + right, y + down]);
      }
      values.forEach((value, i) => {
        const next = Math.max(
          1,
          corners.findIndex(([x]) => x >= i * 2 - 1e-6),
        );
        const [[x0, y0], [x1, y1]] = [corners[next - 1], corners[next]];
        const off = Math.abs((x1 - x0) * (-value - y0) - (y1 - y0) * (i * 2 - x0)) / Math.hypot(x1 - x0, y1 - y0);
        expect(off).toBeLessThanOrEqual(3.1);
      });
    }),
  );
});
