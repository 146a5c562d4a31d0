import type * as tf from '@tensorflow/tfjs';
import { attention } from '../engine/attention';
import { gelu } from '../engine/gelu';
import { layerNorm } from '../engine/layer-norm';
import { linear } from '../engine/linear';
import type { RandomStream } from '../random';
import type { Parameters } from './parameters';

/** Adds the weights of one block under timm's names. */
export function addBlock(
  parameters: Parameters,
  name: string,
  { dim, mlpRatio, stream }: { dim: number; mlpRatio: number; stream: RandomStream },
): void {
  parameters.addLayerNorm(`${name}.norm1`, dim);
  parameters.addLinear(`${name}.attn.qkv`, 3 * dim, dim, stream);
  parameters.addLinear(`${name}.attn.proj`, dim, dim, stream);
  parameters.addLayerNorm(`${name}.norm2`, dim);
  parameters.addLinear(`${name}.mlp.fc1`, mlpRatio * dim, dim, stream);
  parameters.addLinear(`${name}.mlp.fc2`, dim, mlpRatio * dim, stream);
}

/**
 * Pre-norm transformer blocks, each x + attention(norm1(x)), then x + mlp(norm2(x)) (Dosovitskiy et al., 2020).
 *
 * Between the blocks the tokens of all samples are the rows of one matrix.
 *
 * @param tokens `[batch, token, dim]`
 * @param options.name the blocks are `name.0`, `name.1`, ...
 * @returns `[batch, token, dim]`
 */
export function blocks(
  parameters: Parameters,
  tokens: tf.Tensor3D,
  { name, depth, heads }: { name: string; depth: number; heads: number },
): tf.Tensor3D {
  const [batch, , dim] = tokens.shape;
  let x = tokens.reshape<tf.Tensor2D>([-1, dim]); // [row, dim], a row a token of a sample
  for (let i = 0; i < depth; i++) x = block(parameters, `${name}.${i}`, x, { batch, heads });
  return x.reshape([batch, -1, dim]); // [batch, token, dim]
}

function block(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  { batch, heads }: { batch: number; heads: number },
): tf.Tensor2D {
  const qkv = dense(parameters, `${name}.attn.qkv`, norm(parameters, `${name}.norm1`, x)); // [row, 3 * dim]
  const mixed = attention(qkv, { samples: batch, heads }); // [row, dim]
  const attended = dense(parameters, `${name}.attn.proj`, mixed, { residual: x }); // [row, dim]
  const normal = norm(parameters, `${name}.norm2`, attended); // [row, dim]
  const hidden = gelu(dense(parameters, `${name}.mlp.fc1`, normal)); // [row, mlpRatio * dim]
  return dense(parameters, `${name}.mlp.fc2`, hidden, { residual: attended }); // [row, dim]
}

/** Layer normalisation by the weights of that name: `[row, dim]` to `[row, dim]`. */
export function norm(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return layerNorm(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}

/** An affine map by the weights of that name, plus a residual: `[row, in]` to `[row, out]`. */
export function dense(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  options: { residual?: tf.Tensor2D } = {},
): tf.Tensor2D {
  return linear(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`), options);
}
