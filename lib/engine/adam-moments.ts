import type * as tf from '@tensorflow/tfjs';

/** The first and second moments of a set of weights, and the kernel that updates both; one a backend. */
export interface AdamMoments {
  /** The new weights, in order; the old ones have been released, or are the new ones, written in place. */
  update(updates: readonly WeightUpdate[], step: AdamStep): tf.Tensor[];
  /** Copies of a weight's first and second moment. */
  get(name: string): [tf.Tensor, tf.Tensor];
  /** Takes copies. */
  set(name: string, first: tf.Tensor, second: tf.Tensor): void;
  dispose(): void;
}

/** One weight's part in an update. */
export interface WeightUpdate {
  readonly name: string;
  readonly weight: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** Learning rate. */
  readonly rate: number;
  /** Decoupled weight decay. */
  readonly decay: number;
}

/** What all weights share in an update. */
export interface AdamStep {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1-based number of this update, for the bias correction. */
  readonly count: number;
  /** All gradients are multiplied by it first. */
  readonly scale: number;
}
