import { searchStrongWolfe } from './strong-wolfe';
import { addScaled, dot, maxNorm, scaled, subtract } from './vector';

/** A function's value and gradient at a point. */
export interface Evaluation {
  value: number;
  /** [parameter] */
  gradient: Float64Array;
}

/** A computation that asks for evaluations: it yields a point and is given the function's value and gradient there. */
export type Asking<Result> = Generator<Float64Array, Result, Evaluation>;

export interface LbfgsOptions {
  /** stop when no component of the gradient is larger */
  readonly tolerance: number;
  /** default 1,000 */
  readonly maxIterations?: number;
  /** pairs of steps kept, default 10 */
  readonly memory?: number;
  /** a guess of the inverse Hessian, times a vector; default the identity */
  readonly inverseHessian?: (vector: Float64Array) => Float64Array;
  /** pairs of steps to begin with, of a search on a function whose Hessian is nearly this one's; default none */
  readonly pairs?: readonly StepPair[];
}

/** A step, and the gradient's change along it; their product is positive. */
export interface StepPair {
  /** [parameter] */
  step: Float64Array;
  /** [parameter] */
  change: Float64Array;
}

export interface Minimum extends Evaluation {
  /** [parameter] */
  point: Float64Array;
  iterations: number;
  /** whether the tolerance was met; else the iterations ran out or rounding left no step that descends */
  converged: boolean;
  /** the pairs of steps kept at the end, at most as many as the memory holds */
  pairs: StepPair[];
}

/**
 * Minimises a smooth function by L-BFGS: two-loop recursion (Nocedal, 1980; Nocedal and Wright, algorithm 7.4) with a
 * strong-Wolfe line search.
 *
 * A generator, so that several problems on the same data run side by side and share each pass over it.
 *
 * @param start [parameter] the first point, left as it is
 */
export function* lbfgs(start: Float64Array, options: LbfgsOptions): Asking<Minimum> {
  const { tolerance, maxIterations = 1000, memory = 10, inverseHessian = (vector) => vector.slice() } = options;
  let point: Float64Array = start.slice();
  let { value, gradient }: Evaluation = yield point;
  const pairs = (options.pairs ?? []).flatMap(pairOf);
  const last = pairs.at(-1);
  let iterations = 0;
  let scale = last === undefined ? 1 : 1 / last.rho / dot(last.change, inverseHessian(last.change));
  while (maxNorm(gradient) > tolerance && iterations < maxIterations) {
    const direction = descentDirection(gradient, pairs, (vector) => scaled(inverseHessian(vector), scale));
    const found = yield* searchStrongWolfe({ point, value, gradient }, direction);
    if (found === undefined) {
      if (pairs.length === 0) break; // not even the plain direction descends: the rounding error is reached
      pairs.length = 0;
      continue;
    }
    iterations++;
    const step = subtract(found.point, point);
    const change = subtract(found.gradient, gradient);
    const curvature = dot(step, change);
    if (curvature > 0) {
      pairs.push({ step, change, rho: 1 / curvature });
      if (pairs.length > memory) pairs.shift();
      scale = curvature / dot(change, inverseHessian(change)); // how much the guess is off, along the last step
    }
    ({ point, value, gradient } = found);
  }
  return { point, value, gradient, iterations, converged: maxNorm(gradient) <= tolerance, pairs };
}

interface Pair extends StepPair {
  /** the inverse of the product of step and change */
  rho: number;
}

/** A pair with its rho, or none when rounding has made the product of step and change negative or zero. */
function pairOf({ step, change }: StepPair): Pair[] {
  const curvature = dot(step, change);
  return curvature > 0 ? [{ step, change, rho: 1 / curvature }] : [];
}

function descentDirection(
  gradient: Float64Array,
  pairs: readonly Pair[],
  guess: (vector: Float64Array) => Float64Array,
): Float64Array {
  const q = gradient.slice();
  const alphas = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    alphas[k] = pairs[k].rho * dot(pairs[k].step, q);
    addScaled(q, -alphas[k], pairs[k].change);
  }
  const direction = guess(q);
  for (let k = 0; k < pairs.length; k++) {
    const beta = pairs[k].rho * dot(pairs[k].change, direction);
    addScaled(direction, alphas[k] - beta, pairs[k].step);
  }
  return scaled(direction, -1);
}
