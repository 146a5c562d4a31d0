import * as tf from '@tensorflow/tfjs';

/** A product of matrices. The WebAssembly kernel multiplies transposed ones in scalar loops: there they are turned first. */
export function product(a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, transposeA, transposeB);
  return tf.matMul(transposeA ? a.transpose<tf.Tensor2D>() : a, transposeB ? b.transpose<tf.Tensor2D>() : b);
}
