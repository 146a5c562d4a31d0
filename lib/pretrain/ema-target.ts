import * as tf from '@tensorflow/tfjs';
import { ArgumentError, FormatError } from '../errors';
import { Encoder, type Pooling, pool } from '../model/encoder';
import { Parameters } from '../model/parameters';
import { project } from '../model/projector';

/** The momentum copy that embeds the second views. */
export interface EmaTargetOptions {
  /** d, the share of its weights that a step leaves, in [0, 1]; CMAE and BYOL start at .996. */
  readonly decay: number;
}

const PREFIX = 'target.';

/**
 * A target network: encoder and projector whose weights are an exponential moving average of the trained ones
 * (CMAE, Huang et al., 2022; BYOL, MoCo).
 *
 * w_t <- d w_t + (1 - d) w after every step, d constant (CMAE raises it to 1 over the training). It starts as a copy.
 * No gradient flows into it.
 */
export class EmaTarget {
  readonly #encoder: Encoder;
  readonly #decay: number;

  /**
   * @param online encoder and projector as they start
   * @param options.names the weights to follow
   * @throws ArgumentError when the decay is not in [0, 1]
   */
  constructor(online: Encoder, { decay, names }: EmaTargetOptions & { names: readonly string[] }) {
    assertDecay(decay);
    const copies = new Parameters();
    for (const name of names) copies.set(name, ownCopy(online.parameters.get(name)));
    this.#encoder = new Encoder(online.architecture, copies);
    this.#decay = decay;
  }

  /**
   * Projections of views, the keys of the contrastive loss.
   *
   * @param patches `[view, patch, lead * patchSize]`
   * @param options.visible `[view, kept]`, the patches to encode; default all
   * @returns `[view, 128]`, rows of length one
   */
  project(patches: tf.Tensor3D, { pooling, visible }: { pooling?: Pooling; visible?: Int32Array }): tf.Tensor2D {
    return tf.tidy(() => {
      const embeddings = pool(this.#encoder.encodePatches(patches, visible), pooling); // [view, dim]
      return project(this.#encoder.parameters, embeddings); // [view, 128]
    });
  }

  /** Moves the weights towards the trained ones: w_t <- d w_t + (1 - d) w. */
  follow(online: Parameters): void {
    const { parameters } = this.#encoder;
    for (const name of parameters.names()) {
      parameters.update(name, (old) => {
        const moved = tf.tidy(() => old.mul(this.#decay).add(online.get(name).mul(1 - this.#decay)));
        old.dispose();
        return moved;
      });
    }
  }

  /** Copies of its weights, `target.<weight>`; the caller disposes them. */
  state(): Map<string, tf.Tensor> {
    const { parameters } = this.#encoder;
    return new Map(parameters.names().map((name) => [PREFIX + name, ownCopy(parameters.get(name))]));
  }

  /** Goes on from a saved state, of which it takes copies. @throws FormatError when a weight is missing or misshapen */
  restore(state: ReadonlyMap<string, tf.Tensor>): void {
    const { parameters } = this.#encoder;
    for (const name of parameters.names()) {
      const { shape } = parameters.get(name);
      const found = state.get(PREFIX + name);
      if (found === undefined || found.shape.join() !== shape.join()) {
        throw new FormatError('EMA target', {
          expected: `shape [${shape}]`,
          actual: found === undefined ? 'nothing' : `shape [${found.shape}]`,
          where: { key: PREFIX + name },
        });
      }
    }
    for (const name of parameters.names()) parameters.set(name, ownCopy(state.get(PREFIX + name)!));
  }

  dispose(): void {
    this.#encoder.dispose();
  }
}

/** @throws ArgumentError when the decay is not in [0, 1] */
export function assertDecay(decay: number): void {
  if (decay >= 0 && decay <= 1) return;
  throw new ArgumentError('EMA target', { expected: 'a decay in [0, 1]', actual: String(decay) });
}

/** A copy in memory of its own: a trained weight lies in a variable that is updated in place. */
function ownCopy(tensor: tf.Tensor): tf.Tensor {
  return tensor.add(0);
}
