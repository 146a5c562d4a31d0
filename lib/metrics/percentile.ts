/**
 * A quantile of a sample, linear between the two nearest order statistics: NumPy's default, Hyndman and Fan's type 7.
 *
 * @param sorted ascending, at least one value
 * @param share 0 to 1
 */
export function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const step = sorted[above] - sorted[below];
  const part = position - below;
  return part < 0.5 ? sorted[below] + step * part : sorted[above] - step * (1 - part); // to the last bit as NumPy
}
