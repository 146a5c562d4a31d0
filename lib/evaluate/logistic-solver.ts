import { ArgumentError } from '../errors';
import { choleskySolver } from './cholesky';
import type { FeatureMatrix } from './feature-matrix';
import { gramMatrix } from './gram-matrix';
import { type Interruptible, runToEnd } from './interruptible';
import { type Asking, type Evaluation, lbfgs, type StepPair } from './lbfgs';
import { interleaveLabels, LANES } from './logistic-loss';
import { simdLogisticLoss } from './simd-logistic-loss';

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
  readonly start?: Pick<LogisticFit, 'weights' | 'intercept'> & Partial<Pick<LogisticFit, 'start'>>;
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
  /** what a fit at another C starts from; all without the penalty */
  start: {
    /** the mean loss at the minimum and its gradient: they spare the first pass */
    meanLoss: Evaluation;
    /** the last steps, with the changes of the mean loss's gradient */
    pairs: StepPair[];
  };
}

/**
 * A computation on one problem that yields the points, [column + 1] with the intercept last, at which it needs the mean
 * loss without the penalty; several share the passes.
 */
export type Walk<Result> = Asking<Result>;

/** How to prepare. */
export interface SolverOptions {
  /**
   * Whether many fits follow, as in a search by folds: then the mean of x x' is taken over all rows, and a fit that
   * starts from another goes on with its L-BFGS pairs, which halves the passes; default false.
   */
  readonly manyFits?: boolean;
}

/** L2-regularised logistic regressions of several binary problems on the same features. */
export interface LogisticSolver {
  /** One fit, as a walk; what a walk does with a fit before the next is its own affair. */
  fit(options: FitOptions): Walk<LogisticFit>;
  /** Runs a walk a problem, [problem], four at a time on shared passes over the features. */
  run<Result>(walks: readonly Walk<Result>[]): Result[];
  /** As `run`, yielding before each pass. */
  passes<Result>(walks: readonly Walk<Result>[]): Interruptible<Result[]>;
  /** A solver of the same problems on a part of the rows, most of them: it shares what was prepared. */
  onPart(rows: Uint32Array): LogisticSolver;
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
 * @param options manyFits
 * @throws ArgumentError when a problem has not one label a row; a fit throws it when C is not positive
 */
export function logisticSolver(
  features: FeatureMatrix,
  labels: readonly Uint8Array[],
  options: SolverOptions = {},
): LogisticSolver {
  return runToEnd(prepareSolver(features, labels, options));
}

/** As `logisticSolver`, yielding between blocks of rows: with a thousand columns it takes seconds. */
export function* prepareSolver(
  features: FeatureMatrix,
  labels: readonly Uint8Array[],
  options: SolverOptions = {},
): Interruptible<LogisticSolver> {
  const { manyFits = false } = options;
  const { rows, columns } = features;
  for (const ofProblem of labels) {
    if (ofProblem.length === rows) continue;
    throw new ArgumentError('labels', { expected: `${rows}, one per row`, actual: String(ofProblem.length) });
  }
  const enough = Math.max(4 * columns, (256 * rows) / columns); // its cost then is at most that of about 16 passes
  const gram = yield* gramMatrix(features, spreadRows(rows, manyFits ? rows : Math.ceil(enough)));
  const inverseHessian = inverseHessians(gram, columns, rows);
  const solverOn = (order: Uint32Array): LogisticSolver => {
    const passes = function* <Result>(walks: readonly Walk<Result>[]): Interruptible<Result[]> {
      const results: Result[] = [];
      for (let first = 0; first < walks.length; first += LANES) {
        const group = labels.slice(first, first + LANES);
        const shared = sharedLosses(features, group, order);
        results.push(...(yield* runTogether(walks.slice(first, first + LANES), shared)));
      }
      return results;
    };
    return {
      fit: (options) => fitOne(options, { rows: order.length, columns, inverseHessian, keepsPairs: manyFits }),
      run: (walks) => runToEnd(passes(walks)),
      passes,
      onPart: solverOn,
    };
  };
  return solverOn(spreadRows(rows, rows));
}

/** What to take for the inverse Hessian at a C, as a product with a vector, [column + 1]. */
type InverseHessian = (C: number) => (vector: Float64Array) => Float64Array;

/** Inverse Hessians on so many rows, each made when its C is first asked for. */
function inverseHessians(gram: Float64Array, columns: number, rows: number): InverseHessian {
  const ofC = new Map<number, (vector: Float64Array) => Float64Array>();
  return (C) => {
    const known = ofC.get(C) ?? inverseOf(gram, columns + 1, 1 / (C * rows));
    ofC.set(C, known);
    return known;
  };
}

/** One fit; the penalty is added here, so that one pass serves every C. */
function* fitOne(
  { C, tolerance = 1e-5, maxIterations, start }: FitOptions,
  problem: { rows: number; columns: number; inverseHessian: InverseHessian; keepsPairs: boolean },
): Walk<LogisticFit> {
  if (!(C > 0 && Number.isFinite(C))) throw new ArgumentError('C', { expected: 'above 0', actual: String(C) });
  if (!(tolerance > 0)) {
    throw new ArgumentError('tolerance', { expected: 'above 0', actual: String(tolerance) });
  }
  if (maxIterations !== undefined && !(Number.isInteger(maxIterations) && maxIterations >= 1)) {
    throw new ArgumentError('maxIterations', { expected: 'a whole number >= 1', actual: String(maxIterations) });
  }
  const { rows, columns, keepsPairs } = problem;
  const penalty = 1 / (C * rows);
  const first = new Float64Array(columns + 1);
  if (start !== undefined) first.set([...start.weights, start.intercept]);
  const pairs = keepsPairs ? start?.start?.pairs.map((pair) => addPenalty(pair, penalty)) : undefined;
  const search = lbfgs(first, { tolerance, maxIterations, inverseHessian: problem.inverseHessian(C), pairs });
  const meanLosses = new WeakMap<Float64Array, Evaluation>(); // of the points asked
  let state = search.next();
  let known = start?.start?.meanLoss;
  while (!state.done) {
    const meanLoss = known ?? (yield state.value);
    known = undefined;
    meanLosses.set(state.value, meanLoss);
    state = search.next(penalised(meanLoss, state.value, penalty));
  }
  const { point, value, iterations, converged } = state.value;
  const next = {
    meanLoss: meanLosses.get(point) as Evaluation, // the minimum is one of the points asked
    pairs: state.value.pairs.map((pair) => addPenalty(pair, -penalty)),
  };
  const weights = point.slice(0, columns);
  return { weights, intercept: point[columns], loss: value / penalty, iterations, converged, start: next };
}

/** A pair of the function with penalty w'w / 2 more. */
function addPenalty({ step, change }: StepPair, penalty: number): StepPair {
  const last = step.length - 1; // the intercept is not penalised
  return { step, change: change.map((value, j) => (j < last ? value + penalty * step[j] : value)) };
}

/** The mean loss plus penalty w'w / 2. */
function penalised({ value, gradient }: Evaluation, point: Float64Array, penalty: number): Evaluation {
  const total = gradient.slice();
  let squares = 0;
  for (let j = 0; j < point.length - 1; j++) {
    squares += point[j] * point[j]; // the intercept, last, is not penalised
    total[j] += penalty * point[j];
  }
  return { value: value + (penalty * squares) / 2, gradient: total };
}

/** Runs up to four walks side by side, yielding before each pass: it answers all that still ask. */
function* runTogether<Result>(
  walks: readonly Walk<Result>[],
  evaluate: (asked: readonly (Float64Array | undefined)[]) => Evaluation[],
): Interruptible<Result[]> {
  const states = walks.map((walk) => walk.next());
  while (states.some((state) => !state.done)) {
    yield;
    const evaluations = evaluate(states.map((state) => (state.done ? undefined : state.value)));
    for (let lane = 0; lane < states.length; lane++) {
      if (!states[lane].done) states[lane] = walks[lane].next(evaluations[lane]);
    }
  }
  return states.map((state) => state.value as Result);
}

/** The losses of up to four problems at the points asked, mean over some rows of log(1 + exp(-y z)), [lane]. */
function sharedLosses(features: FeatureMatrix, labels: readonly Uint8Array[], rows: Uint32Array) {
  const size = features.columns + 1;
  const interleaved = interleaveLabels(labels, features.rows);
  const parameters = new Float64Array(size * LANES);
  const pass = { losses: new Float64Array(LANES), gradients: new Float64Array(size * LANES) };
  const logisticLoss = simdLogisticLoss(features.columns);
  return (asked: readonly (Float64Array | undefined)[]): Evaluation[] => {
    asked.forEach((point, lane) => {
      for (let j = 0; point !== undefined && j < size; j++) parameters[j * LANES + lane] = point[j];
    });
    logisticLoss(features, { rows, labels: interleaved, parameters }, pass);
    return asked.map((_, lane) => ({
      value: pass.losses[lane] / rows.length,
      gradient: Float64Array.from({ length: size }, (_, j) => pass.gradients[j * LANES + lane] / rows.length),
    }));
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
