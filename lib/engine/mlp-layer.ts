import * as tf from '@tensorflow/tfjs';
import type { Affine } from './affine';
import { frugalGradient } from './frugal-gradient';
import { gelu } from './gelu';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { hasNativeKernels, nativeOp } from './native-kernels';
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
 * With the kit's kernels GELU is part of the products before and after it, in both directions, and the gradient that
 * goes around the half block is added where that through it arises. `composedMlpLayer` is the twin in single ops.
 *
 * @param x `[row, dim]`
 * @returns `[row, dim]`
 */
export function mlpLayer(x: tf.Tensor2D, weights: MlpWeights): tf.Tensor2D {
  if (!hasNativeKernels()) return composedMlpLayer(x, weights);
  const bf16 = currentPrecision() === 'bf16';
  const product = { attributes: { flags: { bf16 } } };
  const gradient = { attributes: { flags: { bf16, input_gradient: true } }, outputs: 3 };
  const layer = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [input, gain, shift, weight1, bias1, weight2, bias2] = args as tf.Tensor[];
    const [normal, mean, reciprocal] = nativeOp('LayerNorm', [input, gain, shift], { outputs: 3 });
    const [hidden, before] = nativeOp('LinearGelu', [normal, weight1, bias1], { ...product, outputs: 2 });
    const [value] = nativeOp('Linear', [hidden, weight2, bias2], { ...product, optional: [input] });
    save([input, gain, mean, reciprocal, normal, weight1, before, hidden, weight2]);
    return { value, gradFunc };
  });
  const gradFunc = frugalGradient((dy, saved) => {
    const [input, gain, mean, reciprocal, normal, weight1, before, hidden, weight2] = saved;
    const [dbefore, ...dfc2] = nativeOp('LinearGradient', [dy, hidden, weight2], { ...gradient, optional: [before] });
    const [dnormal, ...dfc1] = nativeOp('LinearGradient', [dbefore, normal, weight1], { ...gradient, optional: [] });
    const inputs = [dnormal, input, gain, mean, reciprocal];
    return [...nativeOp('LayerNormGradient', inputs, { outputs: 3, optional: [dy] }), ...dfc1, ...dfc2];
  });
  const { norm, fc1, fc2 } = weights;
  return layer(x, norm.weight, norm.bias, fc1.weight, fc1.bias, fc2.weight, fc2.bias) as tf.Tensor2D;
}

/** The same of single ops, on every backend. */
export function composedMlpLayer(x: tf.Tensor2D, { norm, fc1, fc2 }: MlpWeights): tf.Tensor2D {
  const normal = layerNorm(x, norm.weight, norm.bias); // [row, dim]
  const hidden = gelu(linear(normal, fc1.weight, fc1.bias)); // [row, hidden]
  return linear(hidden, fc2.weight, fc2.bias, { residual: x }); // [row, dim]
}
