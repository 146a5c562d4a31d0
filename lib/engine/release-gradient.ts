import * as tf from '@tensorflow/tfjs';

/**
 * Frees the gradient of an op's output once its `gradFunc` has used it; call it there, outside any `tf.tidy`.
 *
 * TensorFlow.js holds every gradient until the last one is computed, which more than doubles what training needs. Only
 * gradients that backpropagation made itself are freed: one that a caller brought lives in another scope.
 */
export function releaseGradient(dy: tf.Tensor): void {
  if (dy.scopeId === tf.engine().state.activeScope?.id) dy.dispose();
}
