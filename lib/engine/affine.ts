import type * as tf from '@tensorflow/tfjs';

/** The two weights of a linear layer (`[out, in]`, `[out]`) or of a layer norm (`[dim]`, `[dim]`). */
export interface Affine<W extends tf.Tensor = tf.Tensor2D> {
  readonly weight: W;
  readonly bias: tf.Tensor1D;
}
