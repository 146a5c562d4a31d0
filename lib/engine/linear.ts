import * as tf from '@tensorflow/tfjs';
import { frugalGradient } from './frugal-gradient';
import { hasNativeKernels, nativeLayer } from './native-kernels';
import { currentPrecision } from './precision';
import { product } from './product';

/**
 * An affine map of rows, y = x W^T + b; W in PyTorch's layout.
 *
 * Its gradients are plain 2-D products and a column sum: no broadcast product, no transposed copy. On the `tensorflow`
 * backend one kernel does each direction; `plainLinear` is the twin in plain ops.
 *
 * @param x `[row, in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @param options.inputGradient false where x is constant: its gradient is not computed (and is wrong if it is asked for)
 * @returns `[row, out]`
 */
export function linear(
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
  { inputGradient = true }: { inputGradient?: boolean } = {},
): tf.Tensor2D {
  if (!hasNativeKernels()) return plainLinear(x, weight, bias);
  const attributes = { flags: { bf16: currentPrecision() === 'bf16', input_gradient: inputGradient } };
  return nativeLayer('Linear', [x, weight, bias], { attributes, outputs: 1 }) as tf.Tensor2D;
}

/** The affine map in plain ops: what other backends compute, and what tests hold `linear` to. */
export function plainLinear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const affine = tf.customGrad((rows, weight2d, bias1d, save) => {
    (save as tf.GradSaveFunc)([rows as tf.Tensor, weight2d as tf.Tensor]);
    return {
      value: product(rows as tf.Tensor2D, weight2d as tf.Tensor2D, false, true).add(bias1d as tf.Tensor1D),
      gradFunc: frugalGradient((dy, saved) => {
        const [rowsSaved, weightSaved] = saved as [tf.Tensor2D, tf.Tensor2D];
        const dy2d = dy as tf.Tensor2D;
        return [
          product(dy2d, weightSaved, false, false), // [row, in]
          product(dy2d, rowsSaved, true, false), // [out, in]
          dy2d.sum(0), // [out]
        ];
      }),
    };
  });
  return affine(x, weight, bias) as tf.Tensor2D;
}
