import * as tf from '@tensorflow/tfjs';
import { hasNativeKernels, nativeOp } from './native-kernels';

/**
 * A weighted mean absolute error, sum(w |x - y|) / sum(w), whose gradient is w sign(x - y) / sum(w).
 *
 * On the `tensorflow` backend one kernel does each direction, in one pass.
 *
 * @param predicted x, `[..., repeat, size]`
 * @param target y, the same shape; no gradient is taken
 * @param weight w, `[..., 1, size]`, for each repeat the same; default 1 everywhere
 * @returns a scalar
 */
export function meanAbsoluteError(
  predicted: tf.Tensor,
  target: tf.Tensor,
  weight: tf.Tensor = tf.scalar(1),
): tf.Scalar {
  const repeats = predicted.size / weight.size; // how often each weight is used
  const native = hasNativeKernels();
  const error = tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    const scaled = weight.div(weight.sum().mul(repeats));
    (save as tf.GradSaveFunc)([x, target, scaled]);
    return {
      value: native ? nativeOp('AbsoluteError', [x, target, scaled])[0] : plainSum(x, target, scaled),
      gradFunc: (dy: tf.Tensor, [xSaved, targetSaved, scaledSaved]: tf.Tensor[]) => {
        const slope = scaledSaved.mul(dy);
        return native
          ? nativeOp('AbsoluteErrorGradient', [xSaved, targetSaved, slope])[0]
          : xSaved.sub(targetSaved).sign().mul(slope);
      },
    };
  });
  return error(predicted) as tf.Scalar;
}

function plainSum(x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return x.sub(y).abs().mul(weight).sum();
}
