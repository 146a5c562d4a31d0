import * as tf from '@tensorflow/tfjs';

/**
 * An affine map of the last axis, y = x W^T + b, in PyTorch's weight layout.
 *
 * Its gradients are three plain 2-D products and a column sum: no broadcast product, no transposed copy.
 *
 * @param x `[..., in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @returns `[..., out]`
 */
export function linear(x: tf.Tensor, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor {
  const [outSize, inSize] = weight.shape;
  const affine = tf.customGrad((x2d, weight2d, bias1d, save) => {
    (save as tf.GradSaveFunc)([x2d as tf.Tensor, weight2d as tf.Tensor]);
    const value = product(x2d as tf.Tensor2D, weight2d as tf.Tensor2D, false, true).add(bias1d as tf.Tensor1D);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [xSaved, weightSaved] = saved as [tf.Tensor2D, tf.Tensor2D];
        const dy2d = dy as tf.Tensor2D;
        return [
          product(dy2d, weightSaved, false, false), // [row, in]
          product(dy2d, xSaved, true, false), // [out, in]
          dy2d.sum(0), // [out]
        ];
      },
    };
  });
  const y = affine(x.reshape([-1, inSize]), weight, bias); // [row, out]
  return y.reshape([...x.shape.slice(0, -1), outSize]);
}

/** The WebAssembly kernel multiplies transposed operands in scalar loops: there the transposes are made first. */
function product(a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, transposeA, transposeB);
  return tf.matMul(transposeA ? a.transpose<tf.Tensor2D>() : a, transposeB ? b.transpose<tf.Tensor2D>() : b);
}
