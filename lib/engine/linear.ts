import * as tf from '@tensorflow/tfjs';

/**
 * An affine map of rows, y = x W^T + b, in PyTorch's weight layout.
 *
 * Its gradients are three plain 2-D products and a column sum: no broadcast product, no transposed copy.
 *
 * @param x `[row, in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @returns `[row, out]`
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const affine = tf.customGrad((rows, weight2d, bias1d, save) => {
    (save as tf.GradSaveFunc)([rows as tf.Tensor, weight2d as tf.Tensor]);
    return {
      value: product(rows as tf.Tensor2D, weight2d as tf.Tensor2D, false, true).add(bias1d as tf.Tensor1D),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [rowsSaved, weightSaved] = saved as [tf.Tensor2D, tf.Tensor2D];
        const dy2d = dy as tf.Tensor2D;
        return [
          product(dy2d, weightSaved, false, false), // [row, in]
          product(dy2d, rowsSaved, true, false), // [out, in]
          dy2d.sum(0), // [out]
        ];
      },
    };
  });
  return affine(x, weight, bias) as tf.Tensor2D;
}

/** The WebAssembly kernel multiplies transposed operands in scalar loops: there the transposes are made first. */
function product(a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, transposeA, transposeB);
  return tf.matMul(transposeA ? a.transpose<tf.Tensor2D>() : a, transposeB ? b.transpose<tf.Tensor2D>() : b);
}
