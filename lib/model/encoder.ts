import * as tf from '@tensorflow/tfjs';
import { gatherShared, gatherTokens } from '../engine/gather-tokens';
import { linear } from '../engine/linear';
import { ArgumentError } from '../errors';
import { randomStream } from '../random';
import { LEADS, SAMPLES } from '../signal/leads';
import { type Architecture, type ResolvedArchitecture, resolveArchitecture } from './architecture';
import { Parameters, xavierUniform } from './parameters';
import { patchify } from './patchify';
import { sinCosPositions } from './positions';
import { addBlock, blockOutputs, norm } from './transformer-block';

/** What stands for an ECG: the mean of its patch tokens (ST-MEM), or its CLS token (Dosovitskiy et al., 2020). */
export type Pooling = 'mean' | 'cls';

/**
 * A 1-D Vision Transformer on 12-lead ECGs (section 3.2 of the paper; Dosovitskiy et al., 2020).
 *
 * A 1-D convolution with kernel = stride = patch size embeds the patches, a CLS token goes before them, fixed
 * sine-cosine positions are added, pre-norm blocks and a final layer norm follow. The embedding of an ECG is the mean
 * of its patch tokens, or the CLS token where that is asked for.
 */
export class Encoder {
  readonly architecture: ResolvedArchitecture;
  readonly parameters: Parameters;
  readonly #positions: tf.Tensor3D; // [1, 1 + patch, dim], constant

  constructor(architecture: ResolvedArchitecture, parameters: Parameters) {
    const { patches, embeddingSize } = architecture;
    this.architecture = architecture;
    this.parameters = parameters;
    const positions = sinCosPositions(patches, embeddingSize);
    this.#positions = tf.keep(tf.tensor3d(positions, [1, 1 + patches, embeddingSize]));
  }

  /**
   * Tokens of whole ECGs.
   *
   * @param ecgs `[batch, lead = 12, sample = 2500]`, mV
   * @param visible `[batch, kept]`, the patches to encode, in that order; default all
   * @returns `[batch, 1 + kept, dim]`, the CLS token first
   */
  encode(ecgs: tf.Tensor3D, visible?: Int32Array): tf.Tensor3D {
    assertEcgs(ecgs);
    return tf.tidy(() => this.encodePatches(patchify(ecgs, this.architecture.patchSize, this.architecture), visible));
  }

  /**
   * Embeddings of whole ECGs.
   *
   * @param ecgs `[batch, lead = 12, sample = 2500]`, mV
   * @param options.pooling what stands for an ECG; default `mean`, the mean of its patch tokens
   * @param options.visible `[batch, kept]`, the patches to encode; default all
   * @returns `[batch, dim]`
   */
  embed(ecgs: tf.Tensor3D, { pooling, visible }: { pooling?: Pooling; visible?: Int32Array } = {}): tf.Tensor2D {
    return tf.tidy(() => pool(this.encode(ecgs, visible), pooling));
  }

  /**
   * What every layer makes of whole ECGs, for probes that read more than the last (as DINO's linear evaluation): mean
   * and standard deviation of the patch tokens (statistics pooling; Snyder et al., 2018) as they are embedded, after each
   * block but the last, and at the encoder's end; and the CLS token there.
   *
   * @param ecgs `[batch, lead = 12, sample = 2500]`, mV
   * @returns `[batch, (2 * (blockDepth + 1) + 1) * dim]`: the means of all layers, the embedded patches first, their
   *   deviations, the CLS token
   */
  embedStatistics(ecgs: tf.Tensor3D): tf.Tensor2D {
    assertEcgs(ecgs);
    return tf.tidy(() => {
      const patches = patchify(ecgs, this.architecture.patchSize, this.architecture);
      const shape = this.#shapeOfTokens(patches.shape);
      const layers = this.#layers(patches).map((rows) => rows.reshape<tf.Tensor3D>(shape));
      const cls = pool(layers[this.architecture.blockDepth], 'cls');
      return tf.concat([...layers.map(meanOfPatches), ...layers.map(deviationOfPatches), cls], 1);
    });
  }

  /**
   * Tokens of patches, of all or of those that a mask leaves visible.
   *
   * @param patches `[batch, patch, lead * patchSize]`, all of them
   * @param visible `[batch, kept]`, the patches to encode, in that order; default all
   * @returns `[batch, 1 + kept, dim]`, the CLS token first
   */
  encodePatches(patches: tf.Tensor3D, visible?: Int32Array): tf.Tensor3D {
    const last = this.#layers(patches, visible)[this.architecture.blockDepth]; // [row, dim]
    return last.reshape(this.#shapeOfTokens(patches.shape, visible));
  }

  /** [blockDepth + 1] `[batch * (1 + kept), dim]`: the tokens as embedded, after each block, the last one normalised. */
  #layers(patches: tf.Tensor3D, visible?: Int32Array): tf.Tensor2D[] {
    const { embeddingSize: dim, blockDepth, heads, patches: count } = this.architecture;
    const batch = patches.shape[0];
    const seen = visible === undefined ? patches : gatherTokens(patches, visible); // [batch, kept, lead * size]
    const positionOfPatches = this.#positions.reshape<tf.Tensor2D>([1 + count, dim]).slice([1, 0]); // [patch, dim]
    const positions = visible === undefined ? positionOfPatches : gatherShared(positionOfPatches, visible, batch); // constant
    const embedded = this.#embedPatches(seen).add(positions); // [batch, kept, dim]
    const cls = tf.zeros([batch, 1, dim]).add(this.parameters.get('cls_token')); // [batch, 1, dim], at position zero
    const start = tf.concat([cls, embedded], 1) as tf.Tensor3D; // [batch, 1 + kept, dim]
    const outputs = blockOutputs(this.parameters, start, { name: 'blocks', depth: blockDepth, heads }); // [row, dim] each
    outputs[blockDepth] = norm(this.parameters, 'norm', outputs[blockDepth]); // [row, dim]
    return outputs;
  }

  /** `[batch, 1 + kept, dim]` */
  #shapeOfTokens([batch, patches]: [number, number, number], visible?: Int32Array): [number, number, number] {
    const kept = visible === undefined ? patches : visible.length / batch;
    return [batch, 1 + kept, this.architecture.embeddingSize];
  }

  /** The patch embedding: a convolution whose stride is its kernel, hence one product a patch. */
  #embedPatches(patches: tf.Tensor3D): tf.Tensor3D {
    const { embeddingSize: dim, patchValues } = this.architecture;
    const [batch, kept] = patches.shape;
    const kernel = this.parameters.get('patch_embed.proj.weight').reshape<tf.Tensor2D>([dim, patchValues]); // [dim, lead * size]
    const rows = patches.reshape<tf.Tensor2D>([-1, patchValues]); // [row, lead * size]
    const bias = this.parameters.get<tf.Tensor1D>('patch_embed.proj.bias');
    return linear(rows, kernel, bias, { inputGradient: false }).reshape([batch, kept, dim]);
  }

  /** The fixed positions as timm keeps them, `[1, 1 + patch, dim]`. */
  get positions(): tf.Tensor3D {
    return this.#positions;
  }

  dispose(): void {
    this.parameters.dispose();
    this.#positions.dispose();
  }
}

/** The embeddings of ECGs out of their tokens: `[batch, 1 + patch, dim]` to `[batch, dim]`. */
export function pool(tokens: tf.Tensor3D, pooling: Pooling = 'mean'): tf.Tensor2D {
  if (pooling === 'mean') return meanOfPatches(tokens);
  if (pooling !== 'cls') throw new ArgumentError('pooling', { expected: 'mean or cls', actual: String(pooling) });
  const [batch, , dim] = tokens.shape;
  return tokens.slice([0, 0, 0], [batch, 1, dim]).reshape([batch, dim]);
}

/**
 * The mean of the patch tokens, without the CLS token: `[batch, 1 + patch, dim]` to `[batch, dim]`.
 *
 * Its gradient is dy / patches for each patch and zero for the CLS token. TensorFlow.js would multiply it by ones that
 * JavaScript makes in every step; `plainMeanOfPatches` is the twin in plain ops, whose bits are the same.
 */
export function meanOfPatches(tokens: tf.Tensor3D): tf.Tensor2D {
  const [batch, count, dim] = tokens.shape;
  const patches = count - 1;
  const mean = tf.customGrad((x) => ({
    value: plainMeanOfPatches(x as tf.Tensor3D),
    gradFunc: (dy: tf.Tensor) => {
      const share = dy.div(patches).reshape<tf.Tensor3D>([batch, 1, dim]);
      return tf.concat([tf.zerosLike(share), share.tile([1, patches, 1])], 1); // [batch, 1 + patch, dim]
    },
  }));
  return mean(tokens) as tf.Tensor2D;
}

/** The same in plain ops and automatic gradients: what tests hold `meanOfPatches` to. */
export function plainMeanOfPatches(tokens: tf.Tensor3D): tf.Tensor2D {
  const [batch, count, dim] = tokens.shape;
  return tokens.slice([0, 1, 0], [batch, count - 1, dim]).mean(1) as tf.Tensor2D;
}

/** How far the patch tokens scatter about their mean, in each column: `[batch, 1 + patch, dim]` to `[batch, dim]`. */
function deviationOfPatches(tokens: tf.Tensor3D): tf.Tensor2D {
  const [batch, count, dim] = tokens.shape;
  return tf.moments(tokens.slice([0, 1, 0], [batch, count - 1, dim]), 1).variance.sqrt() as tf.Tensor2D;
}

/**
 * An encoder at its random start: Xavier uniform matrices (the convolution as the matrix it is), zero biases, tokens
 * N(0, 0.02), as in MAE.
 *
 * @param architecture patch size, block depth, embedding size
 * @param seed every weight follows from it
 * @throws ArgumentError for an architecture that cannot be
 */
export function createEncoder(architecture: Architecture, { seed }: { seed: number }): Encoder {
  const resolved = resolveArchitecture(architecture);
  const { embeddingSize: dim, patchSize, patchValues, blockDepth, mlpRatio } = resolved;
  const parameters = new Parameters();
  const stream = (name: string) => randomStream(seed, 'weights', name);
  parameters.addToken('cls_token', dim, stream('cls_token'));
  const kernel = xavierUniform(dim, patchValues, stream('patch_embed'));
  parameters.set('patch_embed.proj.weight', tf.tensor3d(kernel, [dim, LEADS.length, patchSize]));
  parameters.set('patch_embed.proj.bias', tf.zeros([dim]));
  for (let i = 0; i < blockDepth; i++) {
    addBlock(parameters, `blocks.${i}`, { dim, mlpRatio, stream: stream(`blocks.${i}`) });
  }
  parameters.addLayerNorm('norm', dim);
  return new Encoder(resolved, parameters);
}

function assertEcgs(ecgs: tf.Tensor3D): void {
  const [, leads, samples] = ecgs.shape;
  if (ecgs.rank !== 3 || leads !== LEADS.length || samples !== SAMPLES) {
    throw new ArgumentError('ECGs', {
      expected: `[batch, ${LEADS.length}, ${SAMPLES}]`,
      actual: `[${ecgs.shape.join(', ')}]`,
    });
  }
}
