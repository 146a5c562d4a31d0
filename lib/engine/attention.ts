import * as tf from '@tensorflow/tfjs';

export interface AttentionOptions {
  /** Samples whose tokens the rows are, one after the other. */
  readonly samples: number;
  readonly heads: number;
}

/**
 * Multi-head self-attention of each sample, softmax(q k^T / sqrt(head dim)) v (Vaswani et al., 2017), in plain ops.
 *
 * @param qkv `[sample * token, 3 * dim]`, queries, keys and values side by side as timm's `attn.qkv` gives them, each
 *   `[head, dim / heads]` within a row
 * @returns `[sample * token, dim]`, the heads side by side
 */
export function attention(qkv: tf.Tensor2D, { samples, heads }: AttentionOptions): tf.Tensor2D {
  const [rows, width] = qkv.shape;
  const dim = width / 3;
  const headDim = dim / heads;
  const parts = qkv.reshape([samples, rows / samples, 3, heads, headDim]).transpose([2, 0, 3, 1, 4]);
  const [query, key, value] = tf.unstack(parts) as tf.Tensor4D[]; // [sample, head, token, headDim] each
  const scores = tf.matMul(query.mul(headDim ** -0.5), key, false, true); // [sample, head, token, token]
  const mixed = tf.matMul(tf.softmax(scores), value); // [sample, head, token, headDim]
  return mixed.transpose([0, 2, 1, 3]).reshape<tf.Tensor2D>([rows, dim]);
}
