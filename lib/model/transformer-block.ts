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
 * A pre-norm transformer block: x + attention(norm1(x)), then x + mlp(norm2(x)) (Dosovitskiy et al., 2020).
 *
 * @param x `[batch, token, dim]`
 */
export function block(parameters: Parameters, name: string, x: tf.Tensor3D, heads: number): tf.Tensor3D {
  const attended = x.add(attention(parameters, `${name}.attn`, norm(parameters, `${name}.norm1`, x), heads)); // [batch, token, dim]
  return attended.add(mlp(parameters, `${name}.mlp`, norm(parameters, `${name}.norm2`, attended))); // [batch, token, dim]
}

/** Layer normalisation by the weights of that name. */
export function norm(parameters: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  return layerNorm(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}

/** An affine map by the weights of that name. */
export function dense(parameters: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  return linear(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}

/** Multi-head self-attention, softmax(q k^T / sqrt(head dim)) v; the qkv weight is timm's `[3 * dim, dim]`. */
function attention(parameters: Parameters, name: string, x: tf.Tensor, heads: number): tf.Tensor {
  const [batch, tokens, dim] = x.shape as [number, number, number];
  const headDim = dim / heads;
  const qkv = dense(parameters, `${name}.qkv`, x) // [batch, token, 3 * dim]
    .reshape([batch, tokens, 3, heads, headDim])
    .transpose([2, 0, 3, 1, 4]); // [3, batch, head, token, headDim]
  const [query, key, value] = tf.unstack(qkv) as tf.Tensor4D[]; // [batch, head, token, headDim] each
  const scores = tf.matMul(query.mul(headDim ** -0.5), key, false, true); // [batch, head, token, token]
  const mixed = tf.matMul(tf.softmax(scores), value); // [batch, head, token, headDim]
  const joined = mixed.transpose([0, 2, 1, 3]).reshape([batch, tokens, dim]); // [batch, token, dim]
  return dense(parameters, `${name}.proj`, joined); // [batch, token, dim]
}

function mlp(parameters: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const hidden = gelu(dense(parameters, `${name}.fc1`, x)); // [batch, token, mlpRatio * dim]
  return dense(parameters, `${name}.fc2`, hidden); // [batch, token, dim]
}
