import { ArgumentError } from '../errors';
import { rocAucScore } from '../metrics/roc-auc';
import { linearScores } from './linear-scores';
import { type LogisticFit, logisticSolver, type Walk } from './logistic-solver';
import type { ProbeSet } from './probe-set';
import { fitStandardScaler } from './standard-scaler';

/** 1e-4 to 1e2, two a decade. */
export const C_GRID: readonly number[] = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

export interface TunedProbeOptions {
  /** the C to choose from, all above 0; default 1e-4 to 1e2, two a decade */
  readonly Cs?: readonly number[];
  /** of the fits that are compared, as in `logisticRegression`; default 1e-5 */
  readonly tolerance?: number;
}

/** A tuned probe of one task. */
export interface TunedProbe {
  /** [column] by the raw features: the scaling is part of it */
  weights: Float64Array;
  intercept: number;
  /** the C chosen */
  C: number;
  /** how each C did on the validation set */
  path: { C: number; validationAuroc: number }[];
}

const FINAL_TOLERANCE = 1e-8; // of the fits that are kept: the weights then are the minimum's to five digits or more

/**
 * Fits tuned probes: features standardised on the training set, L2 logistic regression, C chosen by the AUROC on the
 * validation set (of equals the smallest). The chosen fits are then run to a gradient of 1e-8.
 *
 * @param train features and labels, checked
 * @param validation the same columns and tasks
 * @returns a probe a task
 */
export function fitTunedProbes<Name extends string>(
  train: ProbeSet<Name>,
  validation: ProbeSet<Name>,
  options: TunedProbeOptions & { readonly tasks: readonly Name[] },
): Map<Name, TunedProbe> {
  const { tasks, tolerance } = options;
  const Cs = [...(options.Cs ?? C_GRID)].sort((a, b) => a - b); // from strong penalty to weak: each start is near
  const scaler = fitStandardScaler(train.features);
  const solver = logisticSolver(
    scaler.transform(train.features),
    tasks.map((task) => train.labels[task]),
  );
  const probeOf = function* (task: Name): Walk<[Name, TunedProbe]> {
    const path: TunedProbe['path'] = [];
    let best: { C: number; auroc: number; fit: LogisticFit } | undefined;
    let fit: LogisticFit | undefined;
    for (const C of Cs) {
      fit = yield* solver.fit({ C, tolerance, start: fit });
      const raw = scaler.unscale(fit.weights, fit.intercept);
      const auroc = rocAucScore(validation.labels[task], linearScores(validation.features, raw));
      path.push({ C, validationAuroc: auroc });
      if (best === undefined || auroc > best.auroc) best = { C, auroc, fit };
    }
    if (best === undefined) throw new ArgumentError('Cs', { expected: 'at least one C', actual: 'none' });
    const chosen = yield* solver.fit({ C: best.C, tolerance: FINAL_TOLERANCE, start: best.fit });
    return [task, { ...scaler.unscale(chosen.weights, chosen.intercept), C: best.C, path }];
  };
  return new Map(solver.run(tasks.map(probeOf)));
}
