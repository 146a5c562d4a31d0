import { ArgumentError, UndefinedMetricError } from '../errors';

/** `record`: every record counts alike; `class`: both classes count alike, however many records each has. */
export type RiskWeighting = 'record' | 'class';

/**
 * Where a classifier errs: a record is called positive when its logit is at least the threshold.
 *
 * @param logits [record] finite
 * @param labels [record] 1 or 0
 * @param options.threshold default 0, a probability of one half
 * @returns [record] 1 where the call is wrong, else 0
 * @throws ArgumentError when the lengths differ, a label is not 0 or 1, or the threshold is NaN
 * @throws UndefinedMetricError when a logit is no number
 */
export function zeroOneErrors(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { readonly threshold?: number } = {},
): Uint8Array {
  const { threshold = 0 } = options;
  if (logits.length !== labels.length) {
    throw new ArgumentError('logits', { expected: `${labels.length}, one a label`, actual: String(logits.length) });
  }
  if (Number.isNaN(threshold)) throw new ArgumentError('threshold', { expected: 'a number', actual: 'NaN' });
  return Uint8Array.from(labels, (label, row) => {
    if (label !== 0 && label !== 1) {
      throw new ArgumentError('label', { expected: '0 or 1', actual: String(label), where: { row } });
    }
    if (typeof logits[row] === 'number' && !Number.isNaN(logits[row]))
      return Number(logits[row] >= threshold !== (label === 1));
    throw new UndefinedMetricError('logit', { expected: 'a number', actual: String(logits[row]), where: { row } });
  });
}

/**
 * The 0-1 risk: the share of records called wrongly.
 *
 * With `weighting: 'class'` it is the mean of the shares within each class: the risk on a set with as many positives as
 * negatives, also where one class has fewer records than the other (balanced accuracy, subtracted from 1).
 *
 * @param errors [record] 1 where wrong, from `zeroOneErrors`
 * @param labels [record] 1 or 0
 * @param options.weighting default 'record'; options.weights [record] how often each counts, default once
 * @returns 0 to 1
 * @throws ArgumentError when the lengths differ
 * @throws UndefinedMetricError when nothing counts or, with `class`, a class has no record
 */
export function zeroOneRisk(
  errors: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: { readonly weighting?: RiskWeighting; readonly weights?: ArrayLike<number> } = {},
): number {
  const { weighting = 'record', weights } = options;
  for (const [what, given] of Object.entries({ errors, weights })) {
    if (given === undefined || given.length === labels.length) continue;
    throw new ArgumentError(what, { expected: `${labels.length}, one a label`, actual: String(given.length) });
  }
  let [positives, negatives, missed, falseAlarms] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row++) {
    const weight = weights === undefined ? 1 : weights[row];
    if (labels[row] === 1) {
      positives += weight;
      missed += weight * errors[row];
    } else {
      negatives += weight;
      falseAlarms += weight * errors[row];
    }
  }
  if (weighting === 'class' ? negatives > 0 && positives > 0 : negatives + positives > 0) {
    if (weighting === 'record') return (missed + falseAlarms) / (negatives + positives);
    return (missed / positives + falseAlarms / negatives) / 2;
  }
  throw new UndefinedMetricError('0-1 risk', {
    expected: weighting === 'class' ? 'records of both classes' : 'at least one record',
    actual: `${positives} positives and ${negatives} negatives`,
  });
}
