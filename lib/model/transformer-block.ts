import * as tf from '@tensorflow/tfjs';
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
  shape: { batch: number; heads: number },
): tf.Tensor2D {
  const normal = norm(parameters, `${name}.norm1`, x); // [row, dim]
  const attended = x.add<tf.Tensor2D>(attention(parameters, `${name}.attn`, normal, shape)); // [row, dim]
  return attended.add(mlp(parameters, `${name}.mlp`, norm(parameters, `${name}.norm2`, attended))); // [row, dim]
}

/** Layer normalisation by the weights of that name: `[row, dim]` to `[row, dim]`. */
export function norm(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return layerNorm(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}

/** An affine map by the weights of that name: `[row, in]` to `[row, out]`. */
export function dense(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return linear(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}

/** Multi-head self-attention, softmax(q k^T / sqrt(head dim)) v; the qkv weight is timm's `[3 * dim, dim]`. */
function attention(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  { batch, heads }: { batch: number; heads: number },
): tf.Tensor2D {
  const [rows, dim] = x.shape;
  const headDim = dim / heads;
  const qkv = dense(parameters, `${name}.qkv`, x) // [row, 3 * dim]
    .reshape([batch, rows / batch, 3, heads, headDim])
    .transpose([2, 0, 3, 1, 4]); // [3, batch, head, token, headDim]
  const [query, key, value] = tf.unstack(qkv) as tf.Tensor4D[]; // [batch, head, token, headDim] each
  const scores = tf.matMul(query.mul(headDim ** -0.5), key, false, true); // [batch, head, token, token]
  const mixed = tf.matMul(tf.softmax(scores), value); // [batch, head, token, headDim]
  const joined = mixed.transpose([0, 2, 1, 3]).reshape<tf.Tensor2D>([rows, dim]); // [row, dim]
  return dense(parameters, `${name}.proj`, joined); // [row, dim]
}

function mlp(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const hidden = gelu(dense(parameters, `${name}.fc1`, x)); // [row, mlpRatio * dim]
  return dense(parameters, `${name}.fc2`, hidden); // [row, dim]
}
