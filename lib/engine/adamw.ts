import * as tf from '@tensorflow/tfjs';
import type { AdamSlot } from './adam-slot';
import { fusedSlot } from './fused-adam';
import { plainSlot } from './plain-adam';

/** Settings of AdamW; the defaults are MAE's. */
export interface AdamWOptions {
  /** Decay of the first and second moment; default (.9, .95). */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay; default .05. Vectors (biases, norms) are never decayed, as in timm. */
  readonly weightDecay?: number;
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
 * On the `tensorflow` backend one fused kernel a weight does it in place; elsewhere plain ops.
 */
export class AdamW {
  readonly #weights: WeightSet;
  readonly #slots: Map<string, AdamSlot>;
  readonly #options: Required<AdamWOptions>;
  #count = 0;

  constructor(weights: WeightSet, { betas = [0.9, 0.95], epsilon = 1e-8, weightDecay = 0.05 }: AdamWOptions = {}) {
    this.#weights = weights;
    this.#options = { betas, epsilon, weightDecay };
    const slot = tf.getBackend() === 'tensorflow' ? fusedSlot : plainSlot;
    this.#slots = new Map(weights.names().map((name) => [name, slot(weights.get(name))]));
  }

  /**
   * Updates every weight.
   *
   * @param gradients by the weight's name, in its shape; they are not disposed
   * @param rate learning rate of this step
   */
  step(gradients: ReadonlyMap<string, tf.Tensor>, rate: number): void {
    const { betas, epsilon, weightDecay } = this.#options;
    this.#count++;
    for (const [name, slot] of this.#slots) {
      const gradient = gradients.get(name);
      if (gradient === undefined) continue;
      const isVector = this.#weights.get(name).rank < 2;
      const coefficients = {
        rate,
        decay: isVector ? 0 : weightDecay,
        beta1: betas[0],
        beta2: betas[1],
        epsilon,
        count: this.#count,
      };
      this.#weights.update(name, (weight) => slot.update(weight, gradient, coefficients));
    }
  }

  /** Updates made so far. */
  get count(): number {
    return this.#count;
  }

  /** Copies of all moments, `adam.first.<weight>` and `adam.second.<weight>`. */
  state(): Map<string, tf.Tensor> {
    const state = new Map<string, tf.Tensor>();
    for (const [name, slot] of this.#slots) {
      const [first, second] = slot.moments();
      state.set(`adam.first.${name}`, first);
      state.set(`adam.second.${name}`, second);
    }
    return state;
  }

  /** Goes on from a saved state. */
  restore(state: ReadonlyMap<string, tf.Tensor>, count: number): void {
    this.#count = count;
    for (const [name, slot] of this.#slots) {
      slot.setMoments(state.get(`adam.first.${name}`)!, state.get(`adam.second.${name}`)!);
    }
  }

  dispose(): void {
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
  }
}
