import * as tf from '@tensorflow/tfjs';
import { hasNativeKernels, nativeOp } from './native-kernels';

/**
 * The sum of the squares of all elements of some tensors, whose root is their global norm.
 *
 * On the `tensorflow` backend one kernel takes them all; no gradient is defined.
 *
 * @param tensors any shapes, at least one tensor
 * @returns a scalar
 */
export function sumOfSquares(tensors: readonly tf.Tensor[]): tf.Scalar {
  if (!hasNativeKernels()) return plainSumOfSquares(tensors);
  const attributes = { integers: { n: tensors.length } };
  return nativeOp('SumOfSquares', [...tensors], { attributes })[0] as tf.Scalar;
}

/** The same in plain ops: what other backends compute, and what tests hold `sumOfSquares` to. */
export function plainSumOfSquares(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => tf.addN(tensors.map((tensor) => tensor.square().sum())) as tf.Scalar);
}
