import type * as tf from '@tensorflow/tfjs';
import type { Affine } from '../engine/affine';
import { attentionLayer } from '../engine/attention-layer';
import { layerNorm } from '../engine/layer-norm';
import { linear } from '../engine/linear';
import { mlpLayer } from '../engine/mlp-layer';
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
  return blockOutputs(parameters, tokens, { name, depth, heads })[depth].reshape(tokens.shape); // [batch, token, dim]
}

/**
 * The tokens before the first block and after each, for readers that look at more than the last.
 *
 * @returns [depth + 1] `[row, dim]`, a row a token of a sample
 */
export function blockOutputs(
  parameters: Parameters,
  tokens: tf.Tensor3D,
  { name, depth, heads }: { name: string; depth: number; heads: number },
): tf.Tensor2D[] {
  const [batch, , dim] = tokens.shape;
  const outputs = [tokens.reshape<tf.Tensor2D>([-1, dim])]; // [row, dim]
  for (let i = 0; i < depth; i++) outputs.push(block(parameters, `${name}.${i}`, outputs[i], { batch, heads }));
  return outputs;
}

function block(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  { batch, heads }: { batch: number; heads: number },
): tf.Tensor2D {
  const weights = <W extends tf.Tensor = tf.Tensor2D>(part: string) => affine<W>(parameters, `${name}.${part}`);
  const attentionWeights = {
    norm: weights<tf.Tensor1D>('norm1'),
    qkv: weights('attn.qkv'),
    proj: weights('attn.proj'),
  };
  const mlpWeights = { norm: weights<tf.Tensor1D>('norm2'), fc1: weights('mlp.fc1'), fc2: weights('mlp.fc2') };
  const attended = attentionLayer(x, attentionWeights, { samples: batch, heads }); // [row, dim]
  return mlpLayer(attended, mlpWeights); // [row, dim]
}

function affine<W extends tf.Tensor>(parameters: Parameters, name: string): Affine<W> {
  return { weight: parameters.get<W>(`${name}.weight`), bias: parameters.get<tf.Tensor1D>(`${name}.bias`) };
}

/** Layer normalisation by the weights of that name: `[row, dim]` to `[row, dim]`. */
export function norm(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return layerNorm(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}

/** A linear layer by the weights of that name: `[row, in]` to `[row, out]`. */
export function dense(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return linear(x, parameters.get(`${name}.weight`), parameters.get(`${name}.bias`));
}
