import type * as tf from '@tensorflow/tfjs';
import type { Affine } from './affine';
import { gelu } from './gelu';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { hasNativeKernels, nativeLayer } from './native-kernels';
import { currentPrecision } from './precision';

/** Weights of the second half of a transformer block; `fc1` is `[hidden, dim]`, `fc2` `[dim, hidden]`. */
export interface MlpWeights {
  readonly norm: Affine<tf.Tensor1D>;
  readonly fc1: Affine;
  readonly fc2: Affine;
}

/**
 * The second half of a pre-norm transformer block, y = x + fc2(gelu(fc1(norm(x)))) (Dosovitskiy et al., 2020).
 *
 * On the `tensorflow` backend one kernel does each direction, with GELU part of the products before and after it.
 * `composedMlpLayer` is the twin in single ops.
 *
 * @param x `[row, dim]`
 * @returns `[row, dim]`
 */
export function mlpLayer(x: tf.Tensor2D, weights: MlpWeights): tf.Tensor2D {
  if (!hasNativeKernels()) return composedMlpLayer(x, weights);
  const { norm, fc1, fc2 } = weights;
  const inputs = [x, norm.weight, norm.bias, fc1.weight, fc1.bias, fc2.weight, fc2.bias];
  const attributes = { flags: { bf16: currentPrecision() === 'bf16' } };
  return nativeLayer('MlpLayer', inputs, { attributes, outputs: 6 }) as tf.Tensor2D;
}

/** The same of single ops: what other backends compute, and what tests hold `mlpLayer` to. */
export function composedMlpLayer(x: tf.Tensor2D, { norm, fc1, fc2 }: MlpWeights): tf.Tensor2D {
  const normal = layerNorm(x, norm.weight, norm.bias); // [row, dim]
  const hidden = gelu(linear(normal, fc1.weight, fc1.bias)); // [row, hidden]
  return x.add(linear(hidden, fc2.weight, fc2.bias)); // [row, dim]
}
