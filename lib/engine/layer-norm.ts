import * as tf from '@tensorflow/tfjs';
import { frugalGradient } from './frugal-gradient';
import { hasNativeKernels, nativeLayer } from './native-kernels';

/** timm's and MAE's; the native kernel has the same. */
export const LAYER_NORM_EPSILON = 1e-6;

/**
 * Layer normalisation of rows, y = (x - mean) / sqrt(variance + epsilon) * gain + bias (Ba et al., 2016).
 *
 * On the `tensorflow` backend one kernel does each direction; elsewhere the gradient is written out so that it takes
 * few passes over memory. `plainLayerNorm` is the twin of both in plain ops.
 *
 * @param x `[row, dim]`
 * @param gain `[dim]`
 * @param bias `[dim]`
 * @returns `[row, dim]`
 */
export function layerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D): tf.Tensor2D {
  if (hasNativeKernels()) return nativeLayer('LayerNorm', [x, gain, bias], { outputs: 3 }) as tf.Tensor2D;
  return composed(x, gain, bias) as tf.Tensor2D;
}

// dx = r (g - mean(g) - n mean(g n)) with g = gain dy, n the normalised x and r the reciprocal deviation.
function composed(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D): tf.Tensor {
  const normalise = tf.customGrad((input, gain1d, bias1d, save) => {
    const x2d = input as tf.Tensor;
    const centred = x2d.sub(x2d.mean(-1, true));
    const reciprocal = centred.square().mean(-1, true).add(LAYER_NORM_EPSILON).rsqrt(); // [row, 1]
    const normal = centred.mul(reciprocal);
    (save as tf.GradSaveFunc)([normal, reciprocal, gain1d as tf.Tensor]);
    return {
      value: normal.mul(gain1d as tf.Tensor).add(bias1d as tf.Tensor),
      gradFunc: frugalGradient((dy, [normalSaved, reciprocalSaved, gainSaved]) => {
        const dyNormal = dy.mul(normalSaved) as tf.Tensor2D;
        const averaging = gainSaved.div(gainSaved.size).reshape<tf.Tensor2D>([-1, 1]); // a product with it is mean(gain .)
        const along = tf.matMul(dyNormal, averaging); // [row, 1], mean(g n)
        const level = tf.matMul(dy as tf.Tensor2D, averaging); // [row, 1], mean(g)
        const dx = dy.mul(gainSaved).sub(level).sub(normalSaved.mul(along)).mul(reciprocalSaved);
        return [dx, dyNormal.sum(0), dy.sum(0)];
      }),
    };
  });
  return normalise(x, gain, bias);
}

/** The same in plain ops and automatic gradients: the reference that tests hold `layerNorm` to. */
export function plainLayerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D): tf.Tensor2D {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(LAYER_NORM_EPSILON).rsqrt()).mul(gain).add(bias);
}
