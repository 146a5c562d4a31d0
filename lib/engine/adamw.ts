import * as tf from '@tensorflow/tfjs';
import type { AdamMoments } from './adam-moments';
import { nativeMoments } from './native-adam';
import { hasNativeKernels } from './native-kernels';
import { plainMoments } from './plain-adam';
import { resourceMoments } from './resource-adam';

/** Settings of AdamW; the defaults are MAE's. */
export interface AdamWOptions {
  /** Decay of the first and second moment; default (.9, .95). */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay; default .05. Vectors (biases, norms) are never decayed, as in timm. */
  readonly weightDecay?: number;
  /** Multiplies a weight's learning rate, by its name; default 1. */
  readonly rateMultipliers?: ReadonlyMap<string, number>;
}

/** The named weights that an optimiser updates. */
export interface WeightSet {
  names(): string[];
  get(name: string): tf.Tensor;
  /** Replaces a weight; `change` releases the old tensor itself. */
  update(name: string, change: (old: tf.Tensor) => tf.Tensor): void;
}

/**
 * AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019), update for update PyTorch's.
 *
 * w <- w - rate decay w; m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2;
 * w <- w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
 *
 * On the `tensorflow` backend one kernel does it in place; elsewhere plain ops.
 */
export class AdamW {
  readonly #weights: WeightSet;
  readonly #moments: AdamMoments;
  readonly #options: Required<AdamWOptions>;
  #count = 0;

  constructor(
    weights: WeightSet,
    { betas = [0.9, 0.95], epsilon = 1e-8, weightDecay = 0.05, rateMultipliers = new Map() }: AdamWOptions = {},
  ) {
    this.#weights = weights;
    this.#options = { betas, epsilon, weightDecay, rateMultipliers };
    const momentsOf =
      tf.getBackend() !== 'tensorflow' ? plainMoments : hasNativeKernels() ? nativeMoments : resourceMoments;
    this.#moments = momentsOf(new Map(weights.names().map((name) => [name, weights.get(name)])));
  }

  /**
   * Updates the weights that have a gradient.
   *
   * @param gradients by the weight's name, in its shape; they are not disposed
   * @param rate learning rate of this step
   * @param options.scale all gradients are multiplied by it first, as clipping does; default 1
   */
  step(gradients: ReadonlyMap<string, tf.Tensor>, rate: number, { scale = 1 }: { scale?: number } = {}): void {
    const { betas, epsilon, weightDecay, rateMultipliers } = this.#options;
    this.#count++;
    const updates = this.#weights.names().flatMap((name) => {
      const weight = this.#weights.get(name);
      const gradient = gradients.get(name);
      const decay = weight.rank < 2 ? 0 : weightDecay;
      const ownRate = rate * (rateMultipliers.get(name) ?? 1);
      return gradient === undefined ? [] : [{ name, weight, gradient, rate: ownRate, decay }];
    });
    const [beta1, beta2] = betas;
    const updated = this.#moments.update(updates, { beta1, beta2, epsilon, count: this.#count, scale });
    for (const [i, { name }] of updates.entries()) this.#weights.update(name, () => updated[i]);
  }

  /** Updates made so far. */
  get count(): number {
    return this.#count;
  }

  /** Copies of all moments, `adam.first.<weight>` and `adam.second.<weight>`. */
  state(): Map<string, tf.Tensor> {
    const state = new Map<string, tf.Tensor>();
    for (const name of this.#weights.names()) {
      const [first, second] = this.#moments.get(name);
      state.set(`adam.first.${name}`, first);
      state.set(`adam.second.${name}`, second);
    }
    return state;
  }

  /** Goes on from a saved state, of which it takes copies; tensors that `get` makes are released weight by weight. */
  restore(state: { get(name: string): tf.Tensor | undefined }, count: number): void {
    this.#count = count;
    for (const name of this.#weights.names()) {
      tf.tidy(() => {
        this.#moments.set(name, state.get(`adam.first.${name}`)!, state.get(`adam.second.${name}`)!);
      });
    }
  }

  dispose(): void {
    this.#moments.dispose();
  }
}
