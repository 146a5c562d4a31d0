import { ArgumentError, UndefinedMetricError } from '../errors';
import { rocAucScore } from '../metrics/roc-auc';
import type { FeatureMatrix } from './feature-matrix';
import { groupedFolds } from './grouped-folds';
import type { Interruptible } from './interruptible';
import { linearScores } from './linear-scores';
import { type FitOptions, type LogisticFit, type LogisticSolver, prepareSolver, type Walk } from './logistic-solver';
import type { ProbeSet } from './probe-set';
import { selectRows } from './select-rows';
import { fitStandardScaler } from './standard-scaler';

/** 1e-4 to 1e2, two a decade. */
export const C_GRID: readonly number[] = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** How C is chosen: by the AUROC on the validation set, or by its mean over folds of the training set. */
export type CSelection = 'validation' | 'grouped-folds';

export interface TunedProbeOptions {
  /** the C to choose from, all above 0; default 1e-4 to 1e2, two a decade */
  readonly Cs?: readonly number[];
  /** of the fits that are compared, as in `logisticRegression`; default 1e-5, by folds 1e-4 as scikit-learn */
  readonly tolerance?: number;
  /** default 'validation'; 'grouped-folds' leaves the validation set untouched */
  readonly selection?: CSelection;
  /** [training row] its patient, for 'grouped-folds': a patient's rows are in one fold */
  readonly groups?: ArrayLike<string | number>;
  /** of 'grouped-folds', default 5 */
  readonly folds?: number;
  /** decides which patients are in which fold, default 0 */
  readonly seed?: number;
  /** told after each fit of the search how many of how many are done: on collinear features they take minutes */
  readonly onFit?: (done: number, total: number) => void;
}

/** A tuned probe of one task. */
export interface TunedProbe {
  /** [column] by the raw features: the scaling is part of it */
  weights: Float64Array;
  intercept: number;
  /** the C chosen */
  C: number;
  /** false when the fit ended before its gradient was 1e-8: iterations ran out, or rounding left no step */
  converged: boolean;
  /** how each C did: the AUROC on the validation set, or with `foldAurocs`, [fold], their mean */
  path: { C: number; validationAuroc: number; foldAurocs?: number[] }[];
}

const FINAL_TOLERANCE = 1e-8; // of the fits that are kept: the weights then are the minimum's to five digits or more

/**
 * Fits tuned probes: features standardised on the training set, L2 logistic regression, C chosen by the AUROC on the
 * validation set or in a cross-validation of the training set by patients (of equals the smallest C). The chosen fits,
 * on the whole training set, are then run to a gradient of 1e-8.
 *
 * By folds it is scikit-learn's `LogisticRegressionCV(Cs, scoring='roc_auc')` on standardised features: the scaler has
 * seen all training rows, the labels of a fold only its own fits have not.
 *
 * @param train features and labels, checked
 * @param validation the same columns and tasks
 * @returns a probe a task; yields between passes over the features
 * @throws ArgumentError when there is no C, groups are missing or not one per row, or fewer than folds
 * @throws UndefinedMetricError when a fold has one class only of a task
 */
export function* fitTunedProbes<Name extends string>(
  train: ProbeSet<Name>,
  validation: ProbeSet<Name>,
  options: TunedProbeOptions & { readonly tasks: readonly Name[] },
): Interruptible<Map<Name, TunedProbe>> {
  const { tasks, selection = 'validation', folds = 5 } = options;
  const Cs = [...(options.Cs ?? C_GRID)].sort((a, b) => a - b); // from strong penalty to weak: each start is near
  if (Cs.length === 0) throw new ArgumentError('Cs', { expected: 'at least one C', actual: 'none' });
  const scaler = fitStandardScaler(train.features);
  const scaled = scaler.transform(train.features);
  const labels = tasks.map((task) => train.labels[task]);
  const fitsPerC = tasks.length * (selection === 'validation' ? 1 : folds);
  let fitted = 0;
  const tellFit = () => options.onFit?.(++fitted, fitsPerC * Cs.length);
  const search = { ...options, Cs, folds, labels, scaled, tellFit };

  if (selection === 'validation') {
    const solver = yield* prepareSolver(scaled, labels);
    const raw = (fit: LogisticFit) => scaler.unscale(fit.weights, fit.intercept);
    const aurocOf = (task: Name) => (fit: LogisticFit) => {
      return rocAucScore(validation.labels[task], linearScores(validation.features, raw(fit)));
    };
    const probeOf = function* (task: Name): Walk<[Name, TunedProbe]> {
      const tried = yield* tryEach(solver, { ...search, aurocOf: aurocOf(task) });
      const best = highest(tried, ({ auroc }) => auroc);
      const fit = yield* solver.fit({ C: best.C, tolerance: FINAL_TOLERANCE, start: best.fit });
      const path = tried.map(({ C, auroc }) => ({ C, validationAuroc: auroc }));
      return [task, { ...raw(fit), C: best.C, converged: fit.converged, path }];
    };
    return new Map(yield* solver.passes(tasks.map(probeOf)));
  }
  if (selection !== 'grouped-folds') {
    const expected = "'validation' or 'grouped-folds'";
    throw new ArgumentError('selection', { expected, actual: String(selection) });
  }
  const solver = yield* prepareSolver(scaled, labels, { manyFits: true });
  const chosen = yield* chooseByFolds(solver, search);
  const fits = yield* solver.passes(chosen.map(({ C, start }) => solver.fit({ C, tolerance: FINAL_TOLERANCE, start })));
  return new Map(
    fits.map(({ weights, intercept, converged }, t) => {
      const { C, path } = chosen[t];
      return [tasks[t], { ...scaler.unscale(weights, intercept), C, converged, path }];
    }),
  );
}

/** What both ways of choosing C need; features are scaled. */
interface Search extends TunedProbeOptions {
  readonly tasks: readonly string[];
  /** ascending */
  readonly Cs: readonly number[];
  /** [task][row] */
  readonly labels: readonly Uint8Array[];
  readonly scaled: FeatureMatrix;
  readonly tellFit: () => void;
}

/** One C, the fit at it, and its AUROC on rows that the fit has not seen. */
interface Tried {
  C: number;
  fit: LogisticFit;
  auroc: number;
}

/** Fits one task at each C, each fit starting from the one before. */
function* tryEach(
  solver: LogisticSolver,
  {
    Cs,
    tolerance,
    tellFit,
    aurocOf,
  }: Pick<Search, 'Cs' | 'tolerance' | 'tellFit'> & { aurocOf: (fit: LogisticFit) => number },
): Walk<Tried[]> {
  const tried: Tried[] = [];
  for (const C of Cs) {
    const fit: LogisticFit = yield* solver.fit({ C, tolerance, start: tried.at(-1)?.fit });
    tried.push({ C, fit, auroc: aurocOf(fit) });
    tellFit();
  }
  return tried;
}

/** Of equals the first. */
function highest<T>(values: readonly T[], score: (value: T) => number): T {
  return values.reduce((best, value) => (score(value) > score(best) ? value : best));
}

/** Chooses each task's C by the mean AUROC over the folds; the final fit starts from the mean of the folds' fits. */
function* chooseByFolds(
  solver: LogisticSolver,
  search: Search,
): Interruptible<{ C: number; path: TunedProbe['path']; start: FitOptions['start'] }[]> {
  const { tasks, Cs, labels, scaled, tellFit, tolerance = 1e-4 } = search;
  const folds = foldsOf(search);
  const everyRow = Uint32Array.from({ length: scaled.rows }, (_, row) => row);
  const triedOf: Tried[][][] = []; // [fold][task][C]
  for (const heldOut of folds) {
    const isHeldOut = new Uint8Array(scaled.rows);
    for (const row of heldOut) isHeldOut[row] = 1;
    const rest = solver.onPart(everyRow.filter((row) => isHeldOut[row] === 0));
    const features = selectRows(scaled, heldOut);
    const walks = tasks.map((_, t) => {
      const yTrue = Uint8Array.from(heldOut, (row) => labels[t][row]);
      const aurocOf = (fit: LogisticFit) => rocAucScore(yTrue, linearScores(features, fit));
      return tryEach(rest, { Cs, tolerance, tellFit, aurocOf });
    });
    triedOf.push(yield* rest.passes(walks));
  }
  return tasks.map((_, t) => {
    const path = Cs.map((C, c) => {
      const foldAurocs = triedOf.map((ofTask) => ofTask[t][c].auroc);
      return { C, validationAuroc: mean(foldAurocs), foldAurocs };
    });
    const best = highest(path, ({ validationAuroc }) => validationAuroc);
    const fits = triedOf.map((ofTask) => ofTask[t][path.indexOf(best)].fit);
    const weights = fits[0].weights.map((_, j) => mean(fits.map((fit) => fit.weights[j])));
    return { C: best.C, path, start: { weights, intercept: mean(fits.map((fit) => fit.intercept)) } };
  });
}

/** The rows held out in each fold, [fold], each with both classes of every task. */
function foldsOf({ tasks, labels, scaled, groups, folds, seed }: Search): Uint32Array[] {
  if (groups?.length !== scaled.rows) {
    const expected = `${scaled.rows} patients, one a training row, to choose C by folds`;
    throw new ArgumentError('groups', { expected, actual: groups === undefined ? 'none' : String(groups.length) });
  }
  const heldOut = groupedFolds(groups, { labels, folds, seed });
  heldOut.forEach((rows, fold) => {
    labels.forEach((ofTask, t) => {
      const positives = rows.reduce((sum, row) => sum + ofTask[row], 0);
      if (positives > 0 && positives < rows.length) return;
      const actual = `one class only (${positives} positives among ${rows.length} records)`;
      throw new UndefinedMetricError(`AUROC of ${tasks[t]} in fold ${fold + 1}`, { expected: 'both classes', actual });
    });
  });
  return heldOut;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
