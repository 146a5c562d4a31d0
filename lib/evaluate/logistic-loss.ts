import type { FeatureMatrix } from './feature-matrix';

/** Binary problems that share one pass over the features: as many as the paper has tasks. */
export const LANES = 4;

/** Summed losses and gradients of the problems of one pass. */
export interface LogisticLoss {
  /** [lane] sum of log(1 + exp(-y z)), y = -1 or 1, z = w x + b */
  losses: Float64Array;
  /** [column + 1, lane] by the weights, and last by the intercept */
  gradients: Float64Array;
}

/**
 * Logistic losses and gradients of four binary problems in one pass over the rows, in float64.
 *
 * `loss = sum over rows of log(1 + e^z) - y z`, `dloss/dw = sum of (sigmoid(z) - y) x`, y = 0 or 1. Two rows and four
 * problems at a time: each feature is loaded once for four products, each gradient stored once for two rows.
 *
 * @param features [row, column]
 * @param problems rows: which rows, in which order; labels: [row, lane] 0 or 1, of all rows; parameters:
 *   [column + 1, lane], the intercepts last
 * @param into written over
 */
export function logisticLoss(
  features: FeatureMatrix,
  problems: { readonly rows: Uint32Array; readonly labels: Uint8Array; readonly parameters: Float64Array },
  into: LogisticLoss,
): void {
  const { values, columns } = features;
  const { rows, labels, parameters } = problems;
  const { losses, gradients } = into;
  losses.fill(0);
  gradients.fill(0);
  const residual = (row: number, lane: number, z: number): number => {
    const y = labels[row * LANES + lane];
    const e = Math.exp(-Math.abs(z)); // at most 1: nothing overflows
    losses[lane] += Math.log1p(e) + Math.max(z, 0) - y * z;
    return (z > 0 ? 1 / (1 + e) : e / (1 + e)) - y;
  };
  const b = columns * LANES;
  for (let i = 0; i < rows.length; i += 2) {
    const paired = i + 1 < rows.length; // the last row of an odd number is its own partner, without a residual
    const p = rows[i] * columns;
    const q = rows[paired ? i + 1 : i] * columns;
    let p0 = parameters[b];
    let p1 = parameters[b + 1];
    let p2 = parameters[b + 2];
    let p3 = parameters[b + 3];
    let q0 = p0;
    let q1 = p1;
    let q2 = p2;
    let q3 = p3;
    for (let j = 0, k = 0; j < columns; j++, k += LANES) {
      const x = values[p + j];
      const u = values[q + j];
      const w0 = parameters[k];
      const w1 = parameters[k + 1];
      const w2 = parameters[k + 2];
      const w3 = parameters[k + 3];
      p0 += x * w0;
      p1 += x * w1;
      p2 += x * w2;
      p3 += x * w3;
      q0 += u * w0;
      q1 += u * w1;
      q2 += u * w2;
      q3 += u * w3;
    }
    p0 = residual(rows[i], 0, p0);
    p1 = residual(rows[i], 1, p1);
    p2 = residual(rows[i], 2, p2);
    p3 = residual(rows[i], 3, p3);
    q0 = paired ? residual(rows[i + 1], 0, q0) : 0;
    q1 = paired ? residual(rows[i + 1], 1, q1) : 0;
    q2 = paired ? residual(rows[i + 1], 2, q2) : 0;
    q3 = paired ? residual(rows[i + 1], 3, q3) : 0;
    for (let j = 0, k = 0; j < columns; j++, k += LANES) {
      const x = values[p + j];
      const u = values[q + j];
      gradients[k] += p0 * x + q0 * u;
      gradients[k + 1] += p1 * x + q1 * u;
      gradients[k + 2] += p2 * x + q2 * u;
      gradients[k + 3] += p3 * x + q3 * u;
    }
    gradients[b] += p0 + q0;
    gradients[b + 1] += p1 + q1;
    gradients[b + 2] += p2 + q2;
    gradients[b + 3] += p3 + q3;
  }
}

/** Labels [problem][row] of up to four problems as [row, lane]; lanes without a problem hold zeros. */
export function interleaveLabels(labels: readonly Uint8Array[], rows: number): Uint8Array {
  const interleaved = new Uint8Array(rows * LANES);
  for (let lane = 0; lane < labels.length; lane++) {
    for (let row = 0; row < rows; row++) interleaved[row * LANES + lane] = labels[lane][row];
  }
  return interleaved;
}
