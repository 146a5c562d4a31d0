import { UndefinedMetricError } from '../errors';

/**
 * Turns logits into probabilities: `1 / (1 + e^-z)`, without overflow at either end.
 *
 * @param logits [record]
 * @returns [record] 0 to 1
 * @throws UndefinedMetricError when a logit is no number
 */
export function sigmoid(logits: ArrayLike<number>): Float64Array {
  return Float64Array.from(logits, (z, row) => {
    if (typeof z !== 'number' || Number.isNaN(z)) {
      throw new UndefinedMetricError('logit', { expected: 'a number', actual: String(z), where: { row } });
    }
    const e = Math.exp(-Math.abs(z)); // at most 1
    return z < 0 ? e / (1 + e) : 1 / (1 + e);
  });
}
