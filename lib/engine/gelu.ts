import * as tf from '@tensorflow/tfjs';

const SQRT_HALF = Math.SQRT1_2;

/**
 * The Gaussian error linear unit in its exact form, y = x F(x) with F the normal distribution (Hendrycks and Gimpel,
 * 2016), as timm and PyTorch default to; dy/dx = F(x) + x f(x). `plainGelu` is its twin in plain ops.
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  const activate = tf.customGrad((input, save) => {
    const scaled = (input as tf.Tensor).mul(SQRT_HALF); // t = x / sqrt(2)
    const half = (input as tf.Tensor).mul(0.5);
    const erf = scaled.erf();
    const value = half.mul(erf).add(half); // x (1 + erf t) / 2
    (save as tf.GradSaveFunc)([scaled, erf]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [t, erfOfT]: tf.Tensor[]) => {
        // F(x) + x f(x) = (1 + erf t) / 2 + t exp(-t^2) / sqrt(pi)
        const slope = t
          .mul(t.square().neg().exp())
          .mul(2 / Math.sqrt(Math.PI))
          .add(erfOfT)
          .add(1);
        return [dy.mul(slope).mul(0.5)];
      },
    };
  });
  return activate(x);
}

/** The same in plain ops and automatic gradients: the reference that tests hold `gelu` to. */
export function plainGelu(x: tf.Tensor): tf.Tensor {
  return x.mul(0.5).mul(x.mul(SQRT_HALF).erf().add(1));
}
