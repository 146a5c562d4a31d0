import type * as tf from '@tensorflow/tfjs';
import type { Affine } from './affine';
import { type AttentionOptions, attention } from './attention';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { hasNativeKernels, nativeLayer } from './native-kernels';
import { currentPrecision } from './precision';

/** Weights of the first half of a transformer block; `qkv` is `[3 * dim, dim]` as timm's, `proj` `[dim, dim]`. */
export interface AttentionWeights {
  readonly norm: Affine<tf.Tensor1D>;
  readonly qkv: Affine;
  readonly proj: Affine;
}

/**
 * The first half of a pre-norm transformer block, y = x + proj(attention(qkv(norm(x)))) (Dosovitskiy et al., 2020).
 *
 * On the `tensorflow` backend one kernel does each direction: attention reads and writes the rows as they are, without
 * transposed copies. `composedAttentionLayer` is the twin in single ops.
 *
 * @param x `[sample * token, dim]`
 * @returns `[sample * token, dim]`
 */
export function attentionLayer(x: tf.Tensor2D, weights: AttentionWeights, options: AttentionOptions): tf.Tensor2D {
  if (!hasNativeKernels()) return composedAttentionLayer(x, weights, options);
  const { samples, heads } = options;
  const { norm, qkv, proj } = weights;
  const inputs = [x, norm.weight, norm.bias, qkv.weight, qkv.bias, proj.weight, proj.bias];
  const attributes = { flags: { bf16: currentPrecision() === 'bf16' }, integers: { samples, heads } };
  return nativeLayer('AttentionLayer', inputs, { attributes, outputs: 7 }) as tf.Tensor2D;
}

/** The same of single ops: what other backends compute, and what tests hold `attentionLayer` to. */
export function composedAttentionLayer(
  x: tf.Tensor2D,
  { norm, qkv, proj }: AttentionWeights,
  options: AttentionOptions,
): tf.Tensor2D {
  const normal = layerNorm(x, norm.weight, norm.bias); // [row, dim]
  const mixed = attention(linear(normal, qkv.weight, qkv.bias), options); // [row, dim]
  return x.add(linear(mixed, proj.weight, proj.bias)); // [row, dim]
}
