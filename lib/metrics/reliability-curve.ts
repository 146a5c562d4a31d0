import { ArgumentError } from '../errors';
import { checkBinary } from './check-binary';
import { percentile } from './percentile';

/** How bins are laid: of equal width from 0 to 1, or of about equally many records. */
export type BinStrategy = 'uniform' | 'quantile';

/** How probabilities are binned. */
export interface BinOptions {
  /** at least 1, default 10 */
  readonly bins?: number;
  /** default 'uniform' */
  readonly strategy?: BinStrategy;
}

/** Predicted against observed frequency, for the bins that hold a record. */
export interface ReliabilityCurve {
  /** [bin] mean of the predicted probabilities, 0 to 1 */
  meanPredicted: Float64Array;
  /** [bin] share of positives, 0 to 1 */
  fractionPositive: Float64Array;
  /** [bin] records */
  counts: Uint32Array;
}

/**
 * The reliability curve (calibration curve): among records given about the same probability, how many are positive.
 * A calibrated classifier's lies on the diagonal.
 *
 * A probability on an inner edge belongs to the bin below; bins without a record are left out. Equal to scikit-learn's
 * `calibration_curve`, which gives no counts.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param probabilities [record] of being positive, 0 to 1; `sigmoid` makes them of logits
 * @param options bins, default 10; strategy: 'uniform' (default) or 'quantile'
 * @throws UndefinedMetricError when lengths differ, there is no record or one class only, a label is not 0 or 1,
 *   or a probability is not between 0 and 1
 * @throws ArgumentError when bins is no whole number of at least 1 or the strategy is unknown
 */
export function reliabilityCurve(
  yTrue: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: BinOptions = {},
): ReliabilityCurve {
  return reliabilityOf(yTrue, probabilities, { ...options, metric: 'reliability curve' });
}

/** The same under another metric's name in errors. */
export function reliabilityOf(
  yTrue: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: BinOptions & { readonly metric: string },
): ReliabilityCurve {
  const { bins = 10, strategy = 'uniform', metric } = options;
  if (!Number.isInteger(bins) || bins < 1) {
    throw new ArgumentError('bins', { expected: 'a whole number of at least 1', actual: String(bins) });
  }
  checkBinary(yTrue, probabilities, { metric, probabilities: true });
  const edges = innerEdges(probabilities, bins, strategy);
  const predicted = new Float64Array(bins);
  const positive = new Float64Array(bins);
  const counts = new Uint32Array(bins);
  for (let record = 0; record < yTrue.length; record++) {
    let bin = 0;
    while (bin < edges.length && probabilities[record] > edges[bin]) bin++;
    predicted[bin] += probabilities[record];
    positive[bin] += yTrue[record];
    counts[bin]++;
  }
  const filled = (_: number, bin: number) => counts[bin] > 0;
  return {
    meanPredicted: predicted.map((sum, bin) => sum / counts[bin]).filter(filled),
    fractionPositive: positive.map((sum, bin) => sum / counts[bin]).filter(filled),
    counts: counts.filter(filled),
  };
}

/** The edges between bins, ascending, with NumPy's rounding, on which it depends where a tie falls. */
function innerEdges(probabilities: ArrayLike<number>, bins: number, strategy: BinStrategy): number[] {
  const shares = Array.from({ length: bins - 1 }, (_, i) => (i + 1) * (1 / bins)); // numpy.linspace(0, 1, bins + 1)
  if (strategy === 'uniform') return shares;
  if (strategy !== 'quantile') {
    throw new ArgumentError('strategy', { expected: "'uniform' or 'quantile'", actual: String(strategy) });
  }
  const sorted = Float64Array.from(probabilities).sort();
  return shares.map((share) => percentile(sorted, (share * 100) / 100)); // numpy.percentile takes per cent
}
