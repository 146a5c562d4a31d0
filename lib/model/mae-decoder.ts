import * as tf from '@tensorflow/tfjs';
import { gatherShared, gatherTokens, permuteTokens } from '../engine/gather-tokens';
import { randomStream } from '../random';
import { resolveArchitecture } from './architecture';
import type { Encoder } from './encoder';
import type { Parameters } from './parameters';
import { sinCosPositions } from './positions';
import { type Masking, shuffledRange } from './random-masking';
import { addBlock, blocks, dense, norm } from './transformer-block';

/** The decoder's shape; the same at every encoder size (ST-MEM: 256 wide, 4 deep, 4 heads). */
export interface DecoderArchitecture {
  readonly embeddingSize: number;
  readonly blockDepth: number;
  readonly headDim: number;
}

export const DEFAULT_DECODER: DecoderArchitecture = { embeddingSize: 256, blockDepth: 4, headDim: 64 };

/**
 * The masked autoencoder's decoder (He et al., 2022): the visible tokens and a learnt mask token in every masked place,
 * with positions, through transformer blocks to the samples of the masked patches.
 *
 * A transformer does not see the order of its tokens but by their positions. So the tokens stay in the shuffled order,
 * visible first, and the masked ones are the last: only those go through the final map. `reconstruct` un-shuffles.
 */
export class MaeDecoder {
  readonly architecture: DecoderArchitecture;
  readonly parameters: Parameters;
  readonly #positions: tf.Tensor2D; // [1 + patch, dim], constant

  constructor(architecture: DecoderArchitecture, parameters: Parameters, patches: number) {
    this.architecture = architecture;
    this.parameters = parameters;
    const dim = architecture.embeddingSize;
    this.#positions = tf.keep(tf.tensor2d(sinCosPositions(patches, dim), [1 + patches, dim]));
  }

  /**
   * Predicts the masked patches from the tokens of the visible ones.
   *
   * @param tokens `[batch, 1 + kept, encoder dim]`, the CLS token first, patches in the order of `idsShuffle`
   * @returns `[batch, masked, lead * patchSize]`, in the order of `idsShuffle`
   */
  decodeMasked(tokens: tf.Tensor3D, masking: Masking): tf.Tensor3D {
    return this.#decode(tokens, masking, masking.kept);
  }

  /**
   * Predicts all patches, the visible ones too, from the tokens of the visible ones.
   *
   * @param tokens `[batch, 1 + kept, encoder dim]`, the CLS token first, patches in the order of `idsShuffle`
   * @returns `[batch, patch, lead * patchSize]`, in the order of `idsShuffle`
   */
  decodeAll(tokens: tf.Tensor3D, masking: Masking): tf.Tensor3D {
    return this.#decode(tokens, masking, 0);
  }

  /** The patches from place `first` of `idsShuffle` on. */
  #decode(tokens: tf.Tensor3D, masking: Masking, first: number): tf.Tensor3D {
    const { embeddingSize: dim, blockDepth, headDim } = this.architecture;
    const { batch, patches, kept } = masking;
    const rows = tokens.reshape<tf.Tensor2D>([-1, tokens.shape[2]]); // [row, encoder dim]
    const visible = dense(this.parameters, 'decoder_embed', rows).reshape([batch, 1 + kept, dim]); // [batch, 1 + kept, dim]
    const positions = this.#positions.slice([1, 0]); // [patch, dim], constant
    const positionsOf = (from: number, to: number) => gatherShared(positions, shuffledRange(masking, from, to), batch);
    const cls = visible.slice([0, 0, 0], [batch, 1, dim]); // [batch, 1, dim], at position zero
    const seen = visible.slice([0, 1, 0], [batch, kept, dim]).add(positionsOf(0, kept)); // [batch, kept, dim]
    const hidden = positionsOf(kept, patches).add(this.parameters.get('mask_token')); // [batch, masked, dim]
    const start = tf.concat([cls, seen, hidden], 1) as tf.Tensor3D; // [batch, 1 + patch, dim]
    const shape = { name: 'decoder_blocks', depth: blockDepth, heads: dim / headDim };
    const x = blocks(this.parameters, start, shape); // [batch, 1 + patch, dim]
    const last = x.slice([0, 1 + first, 0], [batch, patches - first, dim]).reshape<tf.Tensor2D>([-1, dim]); // [row, dim]
    const predicted = dense(this.parameters, 'decoder_pred', norm(this.parameters, 'decoder_norm', last));
    return predicted.reshape([batch, patches - first, -1]); // [batch, patch - first, lead * patchSize]
  }

  /**
   * All patches in their order: the visible ones as they came, the masked ones as predicted.
   *
   * @param patches `[batch, patch, lead * patchSize]`
   * @param predicted `[batch, masked, lead * patchSize]`, from `decodeMasked`
   * @returns `[batch, patch, lead * patchSize]`
   */
  static unshuffle(patches: tf.Tensor3D, predicted: tf.Tensor3D, masking: Masking): tf.Tensor3D {
    const visible = gatherTokens(patches, shuffledRange(masking, 0, masking.kept)); // [batch, kept, lead * size]
    const shuffled = tf.concat([visible, predicted], 1) as tf.Tensor3D; // [batch, patch, lead * size]
    return permuteTokens(shuffled, masking.idsRestore, masking.idsShuffle); // [batch, patch, lead * size]
  }

  dispose(): void {
    this.#positions.dispose();
  }
}

/**
 * Adds a decoder's weights, under MAE's names, to those of an encoder.
 *
 * @throws ArgumentError for an architecture that cannot be
 */
export function createMaeDecoder(
  encoder: Encoder,
  { architecture = DEFAULT_DECODER, seed }: { architecture?: DecoderArchitecture; seed: number },
): MaeDecoder {
  const { parameters } = encoder;
  const { embeddingSize, patchValues, patches, mlpRatio } = encoder.architecture;
  resolveArchitecture({ ...encoder.architecture, ...architecture }, { of: 'decoder' });
  const dim = architecture.embeddingSize;
  const stream = (name: string) => randomStream(seed, 'weights', name);
  parameters.addLinear('decoder_embed', dim, embeddingSize, stream('decoder_embed'));
  parameters.addToken('mask_token', dim, stream('mask_token'));
  for (let i = 0; i < architecture.blockDepth; i++) {
    addBlock(parameters, `decoder_blocks.${i}`, { dim, mlpRatio, stream: stream(`decoder_blocks.${i}`) });
  }
  parameters.addLayerNorm('decoder_norm', dim);
  parameters.addLinear('decoder_pred', patchValues, dim, stream('decoder_pred'));
  return new MaeDecoder(architecture, parameters, patches);
}
