import type * as tf from '@tensorflow/tfjs';
import { randomStream } from '../random';
import type { Encoder } from './encoder';
import type { Parameters } from './parameters';
import { dense } from './transformer-block';

/** Width of the space in which views are contrasted (SimCLR). */
export const PROJECTION_SIZE = 128;

/** Adds the projector's weights to those of an encoder: D -> D -> 128. It is discarded after pretraining. */
export function addProjector(encoder: Encoder, { seed }: { seed: number }): void {
  const { embeddingSize: dim } = encoder.architecture;
  encoder.parameters.addLinear('projector.0', dim, dim, randomStream(seed, 'weights', 'projector.0'));
  encoder.parameters.addLinear('projector.2', PROJECTION_SIZE, dim, randomStream(seed, 'weights', 'projector.2'));
}

/**
 * Projects embeddings onto the unit sphere on which InfoNCE compares them (SimCLR: linear, ReLU, linear, L2 norm).
 *
 * @param embeddings `[batch, dim]`
 * @returns `[batch, 128]`, rows of length one
 */
export function project(parameters: Parameters, embeddings: tf.Tensor2D): tf.Tensor2D {
  const hidden = dense(parameters, 'projector.0', embeddings).relu<tf.Tensor2D>(); // [batch, dim]
  const projected = dense(parameters, 'projector.2', hidden); // [batch, 128]
  const length = projected.square().sum(1, true).add(1e-12).sqrt(); // [batch, 1]
  return projected.div(length); // [batch, 128]
}
