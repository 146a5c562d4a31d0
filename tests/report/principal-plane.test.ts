import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { randomStream } from '../../lib/random';
import { principalPlane } from '../../lib/report/principal-plane';
import { peerPython } from '../peer-python';

function points(rows: number, columns: number, seed = 1) {
  const stream = randomStream(seed, 'points');
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => stream.normal() * (3 / (1 + (i % columns))) + 5,
  );
  return { values, rows, columns };
}

test('an ellipse lies along its axes', () => {
  const values = Float32Array.from([-2, -2, 2, 2, -1, 1, 1, -1]); // long axis (1, 1), short axis (1, -1)
  const { x, y, explained } = principalPlane({ values, rows: 4, columns: 2 });
  const close = (found: Float64Array, expected: number[]) =>
    expected.forEach((v, i) => {
      expect(found[i]).toBeCloseTo(v, 6);
    });
  close(x, [-2 * Math.SQRT2, 2 * Math.SQRT2, 0, 0]);
  close(y.map(Math.abs), [0, 0, Math.SQRT2, Math.SQRT2]);
  expect(explained[0]).toBeCloseTo(0.8, 12);
  expect(explained[1]).toBeCloseTo(0.2, 12);
});

test('components are centred, uncorrelated and in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 40 }),
      fc.integer({ min: 2, max: 12 }),
      fc.nat(1000),
      (rows, columns, seed) => {
        const { x, y, explained } = principalPlane(points(rows, columns, seed));
        const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
        expect(Math.abs(x.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-6);
        expect(Math.abs(dot(x, y))).toBeLessThan(1e-5 * dot(x, x));
        expect(explained[0]).toBeGreaterThanOrEqual(explained[1] - 1e-9);
        expect(explained[0] + explained[1]).toBeLessThanOrEqual(1 + 1e-9);
      },
    ),
    { numRuns: 50 },
  );
});

test('too few points and features without variance are refused', () => {
  expect(() => principalPlane(points(2, 5))).toThrow(ArgumentError);
  expect(() => principalPlane({ values: new Float32Array(12).fill(3), rows: 4, columns: 3 })).toThrow(
    /vary in at least two/,
  );
});

const python = peerPython('numpy');
describe.skipIf(python === undefined)('beside numpy (skipped where Python has no numpy)', () => {
  test("coordinates equal those of numpy's SVD", () => {
    const features = points(200, 30);
    const script = [
      'import json, sys, numpy as np',
      'a = np.array(json.load(sys.stdin)).reshape(200, 30); a = a - a.mean(0)',
      'u, s, v = np.linalg.svd(a, full_matrices=False)',
      'sign = [np.sign(r[np.argmax(abs(r))]) for r in v[:2]]',
      'print(json.dumps([(u[:, i] * s[i] * sign[i]).tolist() for i in (0, 1)]))',
    ].join('\n');
    const run = spawnSync(python!, ['-c', script], { input: JSON.stringify([...features.values]), encoding: 'utf8' });
    const [x, y] = JSON.parse(run.stdout) as number[][];
    const plane = principalPlane(features);
    for (let row = 0; row < 200; row++) {
      expect(plane.x[row]).toBeCloseTo(x[row], 6);
      expect(plane.y[row]).toBeCloseTo(y[row], 6);
    }
  });
});
