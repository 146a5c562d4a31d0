import * as tf from '@tensorflow/tfjs';
import { releaseGradient } from './release-gradient';
import { tensorflowOp } from './tensorflow-op';

/**
 * The rectified linear unit, y = max(x, 0), dx = dy where y > 0.
 *
 * Its gradient is TensorFlow's own op where that is (TensorFlow.js's own takes twenty times as long there), and it is
 * taken from y alone, so that x need not be kept.
 */
export function relu<T extends tf.Tensor>(x: T): T {
  const rectify = tf.customGrad((input, save) => {
    const value = (input as tf.Tensor).relu();
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy: tf.Tensor, [valueSaved]: tf.Tensor[]) => reluGradient(dy, valueSaved) };
  });
  return rectify(x) as T;
}

/** The rectified sum that ends a residual block, y = max(a + b, 0), in the same shape. */
export function addRelu<T extends tf.Tensor>(a: T, b: T): T {
  const rectify = tf.customGrad((left, right, save) => {
    const value = (left as tf.Tensor).add(right as tf.Tensor).relu();
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [valueSaved]: tf.Tensor[]) => {
        const dSum = reluGradient(dy, valueSaved);
        return [dSum, dSum.clone()];
      },
    };
  });
  return rectify(a, b) as T;
}

function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const dx = tf.tidy(() =>
    tf.getBackend() === 'tensorflow'
      ? tensorflowOp('ReluGrad', [dy, y], { attributes: { types: ['T'] } })[0]
      : dy.mul(y.step()),
  );
  releaseGradient(dy);
  return dx;
}
