import { type BinOptions, reliabilityOf } from './reliability-curve';

/**
 * Expected calibration error: how far the reliability curve is from the diagonal, on average over the records.
 *
 * `ECE = sum over bins of (records / all) x |share of positives - mean predicted probability|` (Naeini, Cooper and
 * Hauskrecht, AAAI 2015; Guo et al., ICML 2017). It depends on the bins: state them beside the figure.
 *
 * @param yTrue [record] 1 for a positive, 0 for a negative
 * @param probabilities [record] of being positive, 0 to 1; `sigmoid` makes them of logits
 * @param options bins, default 10; strategy: 'uniform' (default) or 'quantile'
 * @returns 0 to 1; lower is better
 * @throws UndefinedMetricError and ArgumentError as `reliabilityCurve`
 */
export function expectedCalibrationError(
  yTrue: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: BinOptions = {},
): number {
  const metric = 'expected calibration error';
  const { meanPredicted, fractionPositive, counts } = reliabilityOf(yTrue, probabilities, { ...options, metric });
  const gaps = counts.reduce(
    (sum, count, bin) => sum + count * Math.abs(fractionPositive[bin] - meanPredicted[bin]),
    0,
  );
  return gaps / yTrue.length;
}
