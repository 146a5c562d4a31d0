import { checkFeatures, type FeatureMatrix } from './feature-matrix';

/** Shifts and scales each column to mean 0 and standard deviation 1 on the rows that it was fitted on. */
export interface StandardScaler {
  /** [column] */
  means: Float64Array;
  /** [column] standard deviations; 1 for a column that does not vary */
  scales: Float64Array;
  /** (x - mean) / scale, on a new matrix */
  transform(features: FeatureMatrix): FeatureMatrix;
  /** The linear function of the raw features that equals the given one of the scaled features. */
  unscale(weights: Float64Array, intercept: number): { weights: Float64Array; intercept: number };
}

/**
 * Measures the mean and the standard deviation (over n) of each column: scikit-learn's `StandardScaler`.
 *
 * A column whose variance is within the rounding error of its mean counts as constant and becomes 0.
 *
 * @param features [row, column], finite, at least one row
 * @throws ArgumentError when they are not, and from `transform` when the columns are not as many
 */
export function fitStandardScaler(features: FeatureMatrix): StandardScaler {
  checkFeatures(features);
  const { values, rows, columns } = features;
  const means = new Float64Array(columns);
  const scales = new Float64Array(columns);
  for (let at = 0; at < values.length; ) for (let j = 0; j < columns; j++) means[j] += values[at++];
  for (let j = 0; j < columns; j++) means[j] /= rows;
  for (let at = 0; at < values.length; ) {
    for (let j = 0; j < columns; j++, at++) scales[j] += (values[at] - means[j]) * (values[at] - means[j]);
  }
  for (let j = 0; j < columns; j++) {
    const variance = scales[j] / rows;
    const rounding = rows * Number.EPSILON;
    scales[j] = variance <= rounding * variance + (rounding * means[j]) ** 2 ? 1 : Math.sqrt(variance);
  }
  return {
    means,
    scales,
    transform(others) {
      checkFeatures(others, { columns });
      const { values: raw, rows: count } = others;
      const standardised = new Float32Array(raw.length);
      for (let at = 0; at < raw.length; ) {
        for (let j = 0; j < columns; j++, at++) standardised[at] = (raw[at] - means[j]) / scales[j];
      }
      return { values: standardised, rows: count, columns };
    },
    unscale(weights, intercept) {
      const raw = weights.map((weight, j) => weight / scales[j]);
      return { weights: raw, intercept: raw.reduce((sum, weight, j) => sum - weight * means[j], intercept) };
    },
  };
}
