/** Learning rate over the steps of a training. */
export interface Schedule {
  /** Highest rate, reached at the end of the warm-up. */
  readonly peak: number;
  /** Steps in all. */
  readonly steps: number;
  /** Steps of linear warm-up from 0. */
  readonly warmup: number;
}

/**
 * Linear warm-up, then half a cosine to zero (Loshchilov and Hutter, 2017; MAE's schedule by step).
 *
 * Step s < warm-up: peak (s + 1) / warm-up; then peak (1 + cos(pi (s - warm-up) / (steps - warm-up))) / 2.
 *
 * @param step 0-based
 */
export function learningRate(step: number, { peak, steps, warmup }: Schedule): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  return (peak * (1 + Math.cos((Math.PI * (step - warmup)) / Math.max(1, steps - warmup)))) / 2;
}
