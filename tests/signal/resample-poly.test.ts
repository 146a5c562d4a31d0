import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { resamplePlan, resamplePoly } from '../../lib/signal/resample-poly';

afterEach(() => vi.unstubAllGlobals());

interface Case {
  name: string;
  up: number;
  down: number;
  x: number[];
  y: number[];
}

const golden = JSON.parse(readFileSync(join(__dirname, '../golden/resample.json'), 'utf8')) as Case[];

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe('resamplePoly', () => {
  it.each(golden.map((one) => [`${one.name}, ${one.up}/${one.down}`, one] as const))(
    'equals scipy.signal.resample_poly: %s',
    (_, { up, down, x, y }) => {
      expect(largestDifference(resamplePoly(Float64Array.from(x), { up, down }), y)).toBeLessThan(1e-12);
      const single = resamplePoly(Float32Array.from(x), { up, down });
      expect(single).toBeInstanceOf(Float32Array);
      expect(largestDifference(single, y)).toBeLessThan(1e-5);
    },
  );

  it('is linear', () => {
    const signal = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 30, maxLength: 30 });
    const ratio = fc.record({ up: fc.integer({ min: 1, max: 8 }), down: fc.integer({ min: 1, max: 8 }) });
    fc.assert(
      fc.property(signal, signal, ratio, (a, b, options) => {
        const sum = resamplePoly(
          Float64Array.from(a, (value, i) => 2 * value - b[i]),
          options,
        );
        const [ra, rb] = [a, b].map((x) => resamplePoly(Float64Array.from(x), options));
        expect(
          largestDifference(
            sum,
            ra.map((value, i) => 2 * value - rb[i]),
          ),
        ).toBeLessThan(1e-11);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps a slow sine in place: no delay, no change of size', () => {
    for (const [fs, up, down] of [
      [100, 5, 2],
      [500, 1, 2],
      [400, 5, 8],
      [257, 250, 257],
    ]) {
      const x = Float64Array.from({ length: 10 * fs }, (_, i) => Math.sin((2 * Math.PI * 3 * i) / fs));
      const y = resamplePoly(x, { up, down });
      const middle = y.slice(500, 2000);
      const right = middle.map((_, i) => Math.sin((2 * Math.PI * 3 * (i + 500)) / 250));
      expect(largestDifference(middle, right), `${fs} Hz`).toBeLessThan(2e-3);
    }
  });

  it('gives one plan for many signals the results of one signal each', () => {
    const plan = resamplePlan({ up: 5, down: 2 });
    for (const length of [1000, 10, 1000, 1]) {
      const x = Float64Array.from({ length }, (_, i) => Math.sin(i * i));
      const out = new Float64Array(plan.length(length));
      plan.apply(x, out);
      expect([...out]).toEqual([...resamplePoly(x, { up: 5, down: 2 })]);
    }
    expect(() => plan.apply(new Float64Array(10), new Float64Array(24))).toThrow(ArgumentError);
  });

  it('computes the sum that it says, over a line beyond either end', () => {
    const x = Float64Array.from({ length: 63 }, (_, i) => Math.sin(i * i));
    const slope = (x[62] - x[0]) / 62;
    const at = (n: number) => (n < 0 ? x[0] + n * slope : n > 62 ? x[62] + (n - 62) * slope : x[n]);
    const impulse = new Float64Array(81);
    impulse[40] = 1;
    const taps = resamplePoly(impulse, { up: 2, down: 1 }); // the same 41 taps, twice as high
    resamplePoly(x, { up: 1, down: 2 }).forEach((value, i) => {
      let sum = 0;
      for (let k = -20; k <= 20; k++) sum += (taps[80 + k] / 2) * at(2 * i - k);
      expect(value).toBeCloseTo(sum, 12);
    });
  });

  it('gives the same bits with and without SIMD, at any length, call after call', () => {
    const signal = fc.float32Array({ minLength: 1, maxLength: 90, noNaN: true, min: -(2 ** 60), max: 2 ** 60 });
    for (const [up, down] of [
      [1, 2],
      [5, 2],
      [5, 8],
      [1, 4],
      [2, 1],
      [7, 3],
    ]) {
      const simd = resamplePlan({ up, down });
      fc.assert(
        fc.property(signal, (x) => {
          const [ours, plain] = [0, 0].map(() => new Float32Array(simd.length(x.length)).fill(7));
          vi.unstubAllGlobals();
          simd.apply(x, ours);
          vi.stubGlobal('WebAssembly', { validate: () => false });
          resamplePlan({ up, down }).apply(x, plain);
          expect(ours).toEqual(plain);
        }),
        { numRuns: 100 },
      );
    }
  });

  it('gives an empty signal for an empty one', () => {
    expect(resamplePoly(new Float32Array(0), { up: 5, down: 2 })).toHaveLength(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a factor of %s', (factor) => {
    expect(() => resamplePoly(new Float32Array(4), { up: factor, down: 2 })).toThrow(ArgumentError);
    expect(() => resamplePoly(new Float32Array(4), { up: 2, down: factor })).toThrow(ArgumentError);
  });
});
