import * as tf from '@tensorflow/tfjs';
import type { Affine } from './affine';
import { type AttentionOptions, attention } from './attention';
import { frugalGradient } from './frugal-gradient';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { hasNativeKernels, nativeOp } from './native-kernels';
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
 * With the kit's kernels the gradient that goes around the half block is added where that through it arises.
 * `composedAttentionLayer` is the twin in single ops.
 *
 * @param x `[sample * token, dim]`
 * @returns `[sample * token, dim]`
 */
export function attentionLayer(x: tf.Tensor2D, weights: AttentionWeights, options: AttentionOptions): tf.Tensor2D {
  if (!hasNativeKernels()) return composedAttentionLayer(x, weights, options);
  const { samples, heads } = options;
  const bf16 = currentPrecision() === 'bf16';
  const product = { attributes: { flags: { bf16 } } };
  const gradient = { attributes: { flags: { bf16, input_gradient: true } }, outputs: 3, optional: [] };
  const attend = { attributes: { flags: { bf16 }, integers: { samples, heads } } };
  const layer = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [input, gain, shift, weight1, bias1, weight2, bias2] = args as tf.Tensor[];
    const [normal, mean, reciprocal] = nativeOp('LayerNorm', [input, gain, shift], { outputs: 3 });
    const [qkv] = nativeOp('Linear', [normal, weight1, bias1], { ...product, optional: [] });
    const [mixed, shares] = nativeOp('Attention', [qkv], { ...attend, outputs: 2 });
    const [value] = nativeOp('Linear', [mixed, weight2, bias2], { ...product, optional: [input] });
    save([input, gain, mean, reciprocal, normal, weight1, qkv, shares, mixed, weight2]);
    return { value, gradFunc };
  });
  const gradFunc = frugalGradient((dy, saved) => {
    const [input, gain, mean, reciprocal, normal, weight1, qkv, shares, mixed, weight2] = saved;
    const [dmixed, ...dproj] = nativeOp('LinearGradient', [dy, mixed, weight2], gradient);
    const [dqkv] = nativeOp('AttentionGradient', [dmixed, qkv, shares], attend);
    const [dnormal, ...dweight1] = nativeOp('LinearGradient', [dqkv, normal, weight1], gradient);
    const inputs = [dnormal, input, gain, mean, reciprocal];
    return [...nativeOp('LayerNormGradient', inputs, { outputs: 3, optional: [dy] }), ...dweight1, ...dproj];
  });
  const { norm, qkv, proj } = weights;
  return layer(x, norm.weight, norm.bias, qkv.weight, qkv.bias, proj.weight, proj.bias) as tf.Tensor2D;
}

/** The same of single ops, on every backend. */
export function composedAttentionLayer(
  x: tf.Tensor2D,
  { norm, qkv, proj }: AttentionWeights,
  options: AttentionOptions,
): tf.Tensor2D {
  const normal = layerNorm(x, norm.weight, norm.bias); // [row, dim]
  const mixed = attention(linear(normal, qkv.weight, qkv.bias), options); // [row, dim]
  return linear(mixed, proj.weight, proj.bias, { residual: x }); // [row, dim]
}
