import * as tf from '@tensorflow/tfjs';
import { frugalGradient } from './frugal-gradient';
import { hasNativeKernels, nativeOp } from './native-kernels';
import { currentPrecision } from './precision';

export interface AttentionOptions {
  /** Samples whose tokens the rows are, one after the other. */
  readonly samples: number;
  readonly heads: number;
}

/**
 * Multi-head self-attention of each sample, softmax(q k^T / sqrt(head dim)) v (Vaswani et al., 2017).
 *
 * On the `tensorflow` backend one kernel does each direction, on the rows as they are: no transposed copies.
 * `plainAttention` is the twin in plain ops.
 *
 * @param qkv `[sample * token, 3 * dim]`, queries, keys and values side by side as timm's `attn.qkv` gives them, each
 *   `[head, dim / heads]` within a row
 * @returns `[sample * token, dim]`, the heads side by side
 */
export function attention(qkv: tf.Tensor2D, options: AttentionOptions): tf.Tensor2D {
  if (!hasNativeKernels()) return plainAttention(qkv, options);
  const { samples, heads } = options;
  const attributes = { flags: { bf16: currentPrecision() === 'bf16' }, integers: { samples, heads } };
  const attend = tf.customGrad((rows, save) => {
    const [out, weights] = nativeOp('Attention', [rows as tf.Tensor], { attributes, outputs: 2 });
    (save as tf.GradSaveFunc)([rows as tf.Tensor, weights]);
    return {
      value: out,
      gradFunc: frugalGradient((dy, saved) => nativeOp('AttentionGradient', [dy, ...saved], { attributes })),
    };
  });
  return attend(qkv) as tf.Tensor2D;
}

/** The same in plain ops and automatic gradients: what other backends compute, and what tests hold `attention` to. */
export function plainAttention(qkv: tf.Tensor2D, { samples, heads }: AttentionOptions): tf.Tensor2D {
  const [rows, width] = qkv.shape;
  const dim = width / 3;
  const headDim = dim / heads;
  const parts = qkv.reshape([samples, rows / samples, 3, heads, headDim]).transpose([2, 0, 3, 1, 4]);
  const [query, key, value] = tf.unstack(parts) as tf.Tensor4D[]; // [sample, head, token, headDim] each
  const scores = tf.matMul(query.mul(headDim ** -0.5), key, false, true); // [sample, head, token, token]
  const mixed = tf.matMul(tf.softmax(scores), value); // [sample, head, token, headDim]
  return mixed.transpose([0, 2, 1, 3]).reshape<tf.Tensor2D>([rows, dim]);
}
