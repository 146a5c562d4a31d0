import type { FeatureMatrix } from './feature-matrix';
import { type LogisticFit, logisticSolver } from './logistic-solver';
import { checkBothClasses, checkProbeSet } from './probe-set';

/**
 * L2-regularised logistic regression of one or more binary problems on the same features, by L-BFGS.
 *
 * Minimises `w'w / 2 + C sum over rows of log(1 + exp(-y (w x + b)))`, y = -1 or 1, with the intercept b unpenalised:
 * scikit-learn's `LogisticRegression(C=C, tol=tolerance)`.
 *
 * @param features [row, column], finite
 * @param labels [problem][row] 0 or 1
 * @param options C: inverse strength of the penalty, above 0, default 1; tolerance: largest component of the gradient of
 *   the objective divided by C and the number of rows, default 1e-5; maxIterations, default 1,000
 * @returns [problem] weights, intercept, the objective's value
 * @throws ArgumentError when C or the tolerance is not positive, maxIterations is no whole number >= 1, a feature is not
 *   finite (with its row), a problem has not one label per row, or its labels are not 0 and 1, or of one class only
 */
export function logisticRegression(
  features: FeatureMatrix,
  labels: readonly Uint8Array[],
  options: { readonly C?: number; readonly tolerance?: number; readonly maxIterations?: number } = {},
): LogisticFit[] {
  const { C = 1, tolerance, maxIterations } = options;
  const tasks = labels.map((_, problem) => `problem ${problem}`);
  const set = { features, labels: Object.fromEntries(tasks.map((task, problem) => [task, labels[problem]])) };
  checkProbeSet(set, { name: 'training', tasks });
  for (const task of tasks) checkBothClasses(set.labels[task], task);
  const solver = logisticSolver(features, labels);
  return solver.run(labels.map(() => solver.fit({ C, tolerance, maxIterations })));
}
