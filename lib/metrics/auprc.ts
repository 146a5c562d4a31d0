import { ArgumentError } from '../errors';
import { averagePrecisionScore } from './average-precision';
import { precisionRecallCurve } from './precision-recall-curve';

/** How the area under a precision-recall curve is taken. */
export type AuprcInterpolation = 'step' | 'trapezoid';

/**
 * Area under the precision-recall curve (AUPRC), by steps or by trapezoids.
 *
 * `step` is the average precision, `sum of (recall_k - recall_(k-1)) x precision_k`; `trapezoid` joins neighbouring
 * points by straight lines, equal to scikit-learn's `auc(recall, precision)`. Steps are the default, and what the tables
 * hold: where precision falls from one point to the next, it falls along a curve below the straight line, so trapezoids
 * promise what no threshold reaches, the more so the fewer distinct scores there are (Davis and Goadrich, ICML 2006).
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param yScore [record] finite; higher means more likely positive
 * @param options interpolation: 'step' (default) or 'trapezoid'
 * @returns 0 to 1; higher is better
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a score is not finite
 * @throws ArgumentError when the interpolation is unknown
 */
export function auprcScore(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: { readonly interpolation?: AuprcInterpolation } = {},
): number {
  const { interpolation = 'step' } = options;
  if (interpolation === 'step') return averagePrecisionScore(yTrue, yScore);
  if (interpolation !== 'trapezoid') {
    throw new ArgumentError('interpolation', { expected: "'step' or 'trapezoid'", actual: String(interpolation) });
  }
  const { precision, recall } = precisionRecallCurve(yTrue, yScore);
  let area = 0;
  for (let k = 1; k < recall.length; k++) {
    area += ((recall[k - 1] - recall[k]) * (precision[k - 1] + precision[k])) / 2;
  }
  return area;
}
