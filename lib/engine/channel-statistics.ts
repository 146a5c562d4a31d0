import type * as tf from '@tensorflow/tfjs';

/** Mean and variance of each channel, `[channel]`. */
export interface ChannelStatistics {
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/** Added to a variance before its root is taken; PyTorch's default for batch normalisation. */
export const BATCH_NORM_EPSILON = 1e-5;
