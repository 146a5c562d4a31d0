import { ArgumentError } from '../errors';
import { choleskySolver } from './cholesky';
import type { FeatureMatrix } from './feature-matrix';
import { gramMatrix } from './gram-matrix';
import { type Evaluation, lbfgs } from './lbfgs';
import { interleaveLabels, LANES, logisticLoss } from './logistic-loss';

/** How to fit one problem. */
export interface FitOptions {
  /** inverse strength of the penalty, above 0 */
  readonly C: number;
  /**
   * Stop when no component of the gradient of the objective divided by C and the number of rows is larger: what
   * scikit-learn calls `tol`; default 1e-5.
   */
  readonly tolerance?: number;
  /** default 1,000 */
  readonly maxIterations?: number;
  /** where to start, default zero: the fit of a C nearby saves passes */
  readonly start?: Pick<LogisticFit, 'weights' | 'intercept'>;
}

/** One fitted binary problem. */
export interface LogisticFit {
  /** [column] */
  weights: Float64Array;
  intercept: number;
  /** the objective at the minimum */
  loss: number;
  iterations: number;
  /** false when the iterations ran out, or rounding left no step that descends, before the tolerance was met */
  converged: boolean;
}

/** A computation on one problem that yields the points at which it needs the loss; several share the passes. */
export type Walk<Result> = Generator<PenalisedPoint, Result, Evaluation>;

interface PenalisedPoint {
  /** [column + 1], the intercept last */
  point: Float64Array;
  /** of w'w / 2, beside the mean loss */
  penalty: number;
}

/** L2-regularised logistic regressions of several binary problems on the same features. */
export interface LogisticSolver {
  /** One fit, as a walk; what a walk does with a fit before the next is its own affair. */
  fit(options: FitOptions): Walk<LogisticFit>;
  /** Runs a walk a problem, [problem], four at a time on shared passes over the features. */
  run<Result>(walks: readonly Walk<Result>[]): Result[];
}

/**
 * Prepares logistic regressions of several binary problems on the same features; the objective is that of
 * `logisticRegression`.
 *
 * L-BFGS starts from the inverse of `I / (C n) + h mean(x x')`, with a constant h for the curvature p (1 - p): so close
 * to the inverse Hessian that seven passes do what took sixty, even when features are nearly collinear. The mean is
 * taken once, with more than 256 columns over a part of the rows.
 *
 * @param features [row, column], finite
 * @param labels [problem][row] 0 or 1
 * @throws ArgumentError when a problem has not one label a row; a fit throws it when C is not positive
 */
export function logisticSolver(features: FeatureMatrix, labels: readonly Uint8Array[]): LogisticSolver {
  const { rows, columns } = features;
  for (const ofProblem of labels) {
    if (ofProblem.length === rows) continue;
    throw new ArgumentError('labels', { expected: `${rows}, one a row`, actual: String(ofProblem.length) });
  }
  const enough = Math.max(4 * columns, (256 * rows) / columns); // its cost then is at most that of about 16 passes
  const gram = gramMatrix(features, spreadRows(rows, Math.ceil(enough)));
  const inverseHessians = new Map<number, (b: Float64Array) => Float64Array>(); // of each C
  return {
    *fit({ C, tolerance = 1e-5, maxIterations, start }) {
      if (!(C > 0 && Number.isFinite(C))) throw new ArgumentError('C', { expected: 'above 0', actual: String(C) });
      const penalty = 1 / (C * rows);
      if (!inverseHessians.has(C)) inverseHessians.set(C, inverseOf(gram, columns + 1, penalty));
      const first = new Float64Array(columns + 1);
      if (start !== undefined) first.set([...start.weights, start.intercept]);
      const search = lbfgs(first, { tolerance, maxIterations, inverseHessian: inverseHessians.get(C) });
      let state = search.next();
      while (!state.done) state = search.next(yield { point: state.value, penalty });
      const { point, value, iterations, converged } = state.value;
      const weights = point.slice(0, columns);
      return { weights, intercept: point[columns], loss: value / penalty, iterations, converged };
    },
    run(walks) {
      return walks.flatMap((_, first) => {
        if (first % LANES !== 0) return [];
        const group = labels.slice(first, first + LANES);
        return runTogether(walks.slice(first, first + LANES), sharedLosses(features, group));
      });
    },
  };
}

/** Runs up to four walks side by side: each pass answers all that still ask. */
function runTogether<Result>(
  walks: readonly Walk<Result>[],
  evaluate: (asked: readonly (PenalisedPoint | undefined)[]) => Evaluation[],
): Result[] {
  const states = walks.map((walk) => walk.next());
  while (states.some((state) => !state.done)) {
    const evaluations = evaluate(states.map((state) => (state.done ? undefined : state.value)));
    for (let lane = 0; lane < states.length; lane++) {
      if (!states[lane].done) states[lane] = walks[lane].next(evaluations[lane]);
    }
  }
  return states.map((state) => state.value as Result);
}

/** The penalised losses of up to four problems, mean over rows of log(1 + exp(-y z)) + penalty w'w / 2, [lane]. */
function sharedLosses(features: FeatureMatrix, labels: readonly Uint8Array[]) {
  const { rows, columns } = features;
  const order = spreadRows(rows, rows);
  const interleaved = interleaveLabels(labels, rows);
  const parameters = new Float64Array((columns + 1) * LANES);
  const pass = { losses: new Float64Array(LANES), gradients: new Float64Array((columns + 1) * LANES) };
  return (asked: readonly (PenalisedPoint | undefined)[]): Evaluation[] => {
    asked.forEach((place, lane) => {
      for (let j = 0; place !== undefined && j <= columns; j++) parameters[j * LANES + lane] = place.point[j];
    });
    logisticLoss(features, { rows: order, labels: interleaved, parameters }, pass);
    return asked.map((place, lane) => {
      const gradient = new Float64Array(columns + 1);
      if (place === undefined) return { value: 0, gradient }; // nobody reads it
      let squares = 0;
      for (let j = 0; j <= columns; j++) {
        const weight = j < columns ? place.point[j] : 0; // the intercept is not penalised
        squares += weight * weight;
        gradient[j] = pass.gradients[j * LANES + lane] / rows + place.penalty * weight;
      }
      return { value: pass.losses[lane] / rows + (place.penalty * squares) / 2, gradient };
    });
  };
}

const TYPICAL_CURVATURE = 0.12; // p (1 - p), averaged over ECGs of which an eighth to a quarter are positive

/** Solves (penalty I + h gram) x = b; the intercept, last, has no penalty. */
function inverseOf(gram: Float64Array, size: number, penalty: number): (b: Float64Array) => Float64Array {
  const hessian = gram.map((entry) => TYPICAL_CURVATURE * entry);
  for (let j = 0; j < size - 1; j++) hessian[j * size + j] += penalty;
  return choleskySolver(hessian, size);
}

/** Up to `most` row numbers, evenly spread. */
function spreadRows(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}
