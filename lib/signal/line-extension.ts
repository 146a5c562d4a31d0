/**
 * Copies a signal and goes on at both ends along the straight line through its first and its last sample, so that a filter
 * meets no jump there. SciPy's `padtype='line'`.
 *
 * x[-k] = x[0] - k s and x[n - 1 + k] = x[n - 1] + k s, s = (x[n - 1] - x[0]) / (n - 1); s = 0 for a single sample.
 *
 * @param signal [sample], at least one
 * @param before samples to put before it
 * @param extended where it goes, of `before + signal.length` samples and those to put after it
 */
export function extendAlongLine(
  signal: Float32Array | Float64Array,
  before: number,
  extended: Float32Array | Float64Array,
): void {
  const last = signal.length - 1;
  const slope = last === 0 ? 0 : (signal[last] - signal[0]) / last;
  extended.set(signal, before);
  for (let i = 0; i < before; i++) extended[i] = signal[0] - (before - i) * slope;
  for (let i = before + last + 1; i < extended.length; i++) extended[i] = signal[last] + (i - before - last) * slope;
}
