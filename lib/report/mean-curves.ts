import { precisionRecallCurve } from '../metrics/precision-recall-curve';
import { rocCurve } from '../metrics/roc-curve';

/** A point of a curve. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** What one run says of the records, beside the truth. */
export interface Scored {
  /** [record] 1 or 0 */
  readonly labels: ArrayLike<number>;
  /** [record] */
  readonly scores: ArrayLike<number>;
}

/** Points of a drawn curve: more cannot be told apart in a panel. */
const STEPS = 40;

/**
 * The mean ROC curve of several runs: at given false positive rates, close together near 0, the mean of the runs' true
 * positive rates, each read off between its points (vertical averaging; Fawcett, 2006).
 *
 * @param runs of one model on the same records
 * @returns from (0, 0) to (1, 1)
 */
export function meanRocCurve(runs: readonly Scored[]): CurvePoint[] {
  const curves = runs.map(({ labels, scores }) => rocCurve(labels, scores));
  const rates = Array.from({ length: STEPS + 1 }, (_, i) => (i / STEPS) ** 2);
  const read = rates.map((x) => {
    const sum = curves.reduce((total, { falsePositiveRate, truePositiveRate }) => {
      return total + interpolated(x, falsePositiveRate, truePositiveRate);
    }, 0);
    return { x, y: sum / curves.length };
  });
  return [{ x: 0, y: 0 }, ...read];
}

/**
 * The mean precision-recall curve of several runs: at given recalls the mean of the precisions with which the runs
 * first reach them, so that the area below it is about their mean average precision.
 *
 * @param runs of one model on the same records
 */
export function meanPrecisionRecallCurve(runs: readonly Scored[]): CurvePoint[] {
  const curves = runs.map(({ labels, scores }) => precisionRecallCurve(labels, scores));
  return Array.from({ length: STEPS }, (_, i) => {
    const x = (i + 1) / STEPS;
    const sum = curves.reduce((total, { precision, recall }) => {
      return total + precision[recall.findLastIndex((reached) => reached >= x - 1e-12)];
    }, 0);
    return { x, y: sum / curves.length };
  });
}

/** The value at x of the line through points whose xs ascend; at a step its upper end. */
function interpolated(x: number, xs: Float64Array, ys: Float64Array): number {
  const k = xs.findLastIndex((one) => one <= x);
  if (k === xs.length - 1) return ys[k];
  return ys[k] + ((x - xs[k]) / (xs[k + 1] - xs[k])) * (ys[k + 1] - ys[k]);
}
