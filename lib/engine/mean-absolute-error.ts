import * as tf from '@tensorflow/tfjs';

/**
 * A weighted mean absolute error, sum(w |x - y|) / sum(w), whose gradient is w sign(x - y) / sum(w).
 *
 * @param predicted x, any shape
 * @param target y, the same shape; no gradient is taken
 * @param weight w, a shape that broadcasts to it; default 1 everywhere
 * @returns a scalar
 */
export function meanAbsoluteError(
  predicted: tf.Tensor,
  target: tf.Tensor,
  weight: tf.Tensor = tf.scalar(1),
): tf.Scalar {
  const repeats = predicted.size / weight.size; // how often each weight is used
  const error = tf.customGrad((input, save) => {
    const difference = (input as tf.Tensor).sub(target);
    const scaled = weight.div(weight.sum().mul(repeats));
    (save as tf.GradSaveFunc)([difference, scaled]);
    return {
      value: difference.abs().mul(scaled).sum(),
      gradFunc: (dy: tf.Tensor, [differenceSaved, scaledSaved]: tf.Tensor[]) =>
        differenceSaved.sign().mul(scaledSaved.mul(dy)),
    };
  });
  return error(predicted) as tf.Scalar;
}
