import * as tf from '@tensorflow/tfjs';

const SQRT_HALF = Math.SQRT1_2;
const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);

/**
 * The Gaussian error linear unit in its exact form, y = x F(x) with F the normal distribution (Hendrycks and Gimpel,
 * 2016), as timm and PyTorch default to; dy/dx = F(x) + x f(x). `plainGelu` is its twin in plain ops.
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  const activate = tf.customGrad((input, save) => {
    const value = input as tf.Tensor;
    const distribution = value.mul(SQRT_HALF).erf().add(1).mul(0.5);
    (save as tf.GradSaveFunc)([value, distribution]);
    return {
      value: value.mul(distribution),
      gradFunc: (dy: tf.Tensor, [saved, distributionSaved]: tf.Tensor[]) => {
        const density = saved.square().mul(-0.5).exp().mul(DENSITY_AT_ZERO);
        return [dy.mul(distributionSaved.add(saved.mul(density)))];
      },
    };
  });
  return activate(x);
}

/** The same in plain ops and automatic gradients: the reference that tests hold `gelu` to. */
export function plainGelu(x: tf.Tensor): tf.Tensor {
  return x.mul(0.5).mul(x.mul(SQRT_HALF).erf().add(1));
}
