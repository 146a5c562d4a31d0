import * as tf from '@tensorflow/tfjs';
import { frugalGradient } from './frugal-gradient';

const SQRT_HALF = Math.SQRT1_2;

/**
 * The Gaussian error linear unit in its exact form, y = x F(x) with F the normal distribution (Hendrycks and Gimpel,
 * 2016), as timm and PyTorch default to; dy/dx = F(x) + x f(x), in few passes. `plainGelu` is the twin in plain ops.
 */
export function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const activate = tf.customGrad((input, save) => {
    const t = (input as tf.Tensor).mul(SQRT_HALF); // x / sqrt(2)
    const distribution = t.erf().add(1).mul(0.5); // F(x)
    (save as tf.GradSaveFunc)([t, distribution]);
    return {
      value: (input as tf.Tensor).mul(distribution),
      gradFunc: frugalGradient((dy, [tSaved, distributionSaved]) => {
        const spread = tSaved.mul(tSaved.mul(tSaved.neg()).exp()); // t exp(-t^2), and x f(x) = t exp(-t^2) / sqrt(pi)
        return [
          spread
            .mul(1 / Math.sqrt(Math.PI))
            .add(distributionSaved)
            .mul(dy),
        ];
      }),
    };
  });
  return activate(x) as tf.Tensor2D;
}

/** The same in plain ops and automatic gradients: the reference that tests hold `gelu` to. */
export function plainGelu(x: tf.Tensor2D): tf.Tensor2D {
  return x.mul(0.5).mul(x.mul(SQRT_HALF).erf().add(1));
}
