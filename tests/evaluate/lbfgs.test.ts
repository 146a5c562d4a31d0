import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choleskySolver } from '../../lib/evaluate/cholesky';
import { type Asking, type Evaluation, lbfgs } from '../../lib/evaluate/lbfgs';
import { searchStrongWolfe } from '../../lib/evaluate/strong-wolfe';
import { randomStream } from '../../lib/random';

/** Answers what a computation asks; counts the evaluations. */
function answer<Result>(asking: Asking<Result>, f: (x: Float64Array) => Evaluation): { result: Result; asked: number } {
  let asked = 0;
  let state = asking.next();
  while (!state.done) {
    asked++;
    state = asking.next(f(state.value));
  }
  return { result: state.value, asked };
}

const rosenbrock = ([x, y]: Float64Array): Evaluation => ({
  value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
});

/** x' A x / 2 - b' x for a random symmetric positive definite A. */
function quadratic(size: number, seed: number) {
  const stream = randomStream(seed, 'quadratic');
  const root = Float64Array.from({ length: size * size }, () => stream.normal());
  const a = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) a[i * size + j] += root[i * size + k] * root[j * size + k];
    }
    a[i * size + i] += 0.1;
  }
  const b = Float64Array.from({ length: size }, () => stream.normal());
  const times = (x: Float64Array) => x.map((_, i) => x.reduce((sum, xj, j) => sum + a[i * size + j] * xj, 0));
  const f = (x: Float64Array): Evaluation => {
    const ax = times(x);
    return {
      value: x.reduce((sum, xi, i) => sum + (xi * ax[i]) / 2 - b[i] * xi, 0),
      gradient: ax.map((value, i) => value - b[i]),
    };
  };
  return { a, b, f, times };
}

describe('choleskySolver', () => {
  it('solves symmetric positive definite systems', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 0, max: 1000 }), (size, seed) => {
        const { a, b, times } = quadratic(size, seed);
        const x = choleskySolver(a.slice(), size)(b);
        times(x).forEach((value, i) => {
          expect(value).toBeCloseTo(b[i], 8);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('lbfgs', () => {
  it.each([
    [-1.2, 1],
    [0, 0],
    [3, -4],
  ])('finds the minimum of the Rosenbrock function from (%d, %d)', (x, y) => {
    const { result } = answer(lbfgs(Float64Array.of(x, y), { tolerance: 1e-9 }), rosenbrock);
    expect(result.converged).toBe(true);
    expect(result.point[0]).toBeCloseTo(1, 8);
    expect(result.point[1]).toBeCloseTo(1, 8);
    expect(result.iterations).toBeLessThan(60);
  });

  it('solves a quadratic in one step when it is given the inverse Hessian', () => {
    const { a, f } = quadratic(20, 1);
    const inverseHessian = choleskySolver(a.slice(), 20);
    const { result, asked } = answer(lbfgs(new Float64Array(20), { tolerance: 1e-9, inverseHessian }), f);
    expect(result.converged).toBe(true);
    expect(result.iterations).toBe(1);
    expect(asked).toBe(2);
  });

  it('leaves the start as it is, and stays there when it is the minimum', () => {
    const start = Float64Array.of(1, 1);
    const { result, asked } = answer(lbfgs(start, { tolerance: 1e-9 }), rosenbrock);
    expect([...result.point]).toEqual([1, 1]);
    expect(result.iterations).toBe(0);
    expect(asked).toBe(1);
    answer(lbfgs(start.fill(2), { tolerance: 1e-9 }), rosenbrock);
    expect([...start]).toEqual([2, 2]);
  });

  it('says when the iterations run out', () => {
    const { result } = answer(lbfgs(Float64Array.of(-1.2, 1), { tolerance: 1e-9, maxIterations: 5 }), rosenbrock);
    expect(result.converged).toBe(false);
    expect(result.iterations).toBe(5);
  });

  it('stops at the rounding error when the tolerance cannot be met', () => {
    const { f } = quadratic(10, 3);
    const { result, asked } = answer(lbfgs(new Float64Array(10), { tolerance: 0 }), f);
    expect(asked).toBeLessThan(3000);
    expect(Math.max(...result.gradient.map(Math.abs))).toBeLessThan(1e-6);
  });
});

describe('searchStrongWolfe', () => {
  it('meets both conditions, whatever the scale of the direction', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -8, max: 6, noNaN: true }),
        (x, y, exponent) => {
          const point = Float64Array.of(x, y);
          const from = { point, ...rosenbrock(point) };
          const direction = from.gradient.map((g) => -g * 2 ** exponent);
          const slope = (gradient: Float64Array) => gradient[0] * direction[0] + gradient[1] * direction[1];
          fc.pre(slope(from.gradient) < -1e-6);
          const { result: found } = answer(searchStrongWolfe(from, direction), rosenbrock);
          if (found === undefined) throw new Error('no step found');
          const step = (found.point[0] - x) / direction[0] || (found.point[1] - y) / direction[1];
          expect(found.value).toBeLessThanOrEqual(from.value + 1e-4 * step * slope(from.gradient) + 1e-12);
          expect(Math.abs(slope(found.gradient))).toBeLessThanOrEqual(-0.9 * slope(from.gradient));
        },
      ),
    );
  });

  it('refuses a direction that does not descend', () => {
    const point = Float64Array.of(-1.2, 1);
    const from = { point, ...rosenbrock(point) };
    expect(answer(searchStrongWolfe(from, from.gradient), rosenbrock)).toEqual({ result: undefined, asked: 0 });
  });
});
