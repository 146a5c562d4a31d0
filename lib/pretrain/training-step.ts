import * as tf from '@tensorflow/tfjs';
import type { AdamW } from '../engine/adamw';
import type { Parameters } from '../model/parameters';
import type { LossTerms } from './hybrid-loss';

/** What one step did: the loss, its terms before their weights, and the gradient's norm before clipping. */
export type StepReport = {
  readonly loss: number;
  readonly reconstruction?: number;
  readonly patient?: number;
  readonly sample?: number;
  readonly gradientNorm: number;
};

/**
 * One step of training: loss, gradients, clipping at a global norm, AdamW.
 *
 * @param parameters all of them are trained
 * @param terms the loss terms as a function of the weights
 * @param options.total sums the terms
 * @param options.rate learning rate
 * @param options.clipNorm gradients longer than this are scaled down to it (Pascanu et al., 2013); default 1
 */
export function trainingStep(
  parameters: Parameters,
  terms: () => LossTerms,
  {
    optimiser,
    total,
    rate,
    clipNorm = 1,
  }: { optimiser: AdamW; total: (terms: LossTerms) => tf.Scalar; rate: number; clipNorm?: number },
): StepReport {
  return tf.tidy(() => {
    const names = parameters.names();
    const weights = names.map((name) => parameters.get(name));
    let kept: LossTerms = {};
    const { value, grads } = tf.valueAndGrads(() => {
      kept = terms();
      for (const term of Object.values(kept)) tf.keep(term);
      return total(kept);
    })(weights);
    const gradientNorm = Math.sqrt(sumOfSquares(grads));
    const scale = gradientNorm > clipNorm ? clipNorm / gradientNorm : 1;
    const gradients = new Map(names.map((name, i) => [name, scale === 1 ? grads[i] : grads[i].mul(scale)]));
    optimiser.step(gradients, rate);
    const report: { loss: number; [term: string]: number } = { loss: value.dataSync()[0] };
    for (const [name, term] of Object.entries(kept)) {
      report[name] = term.dataSync()[0];
      term.dispose();
    }
    return { ...report, gradientNorm } as StepReport;
  });
}

/** Of all gradients together; a product of a row with itself takes one pass over memory and no copy. */
function sumOfSquares(gradients: readonly tf.Tensor[]): number {
  const squares = gradients.map((gradient) => {
    const row = gradient.reshape<tf.Tensor2D>([1, gradient.size]);
    return tf.matMul(row, row, false, true);
  });
  return tf.addN(squares).dataSync()[0];
}
