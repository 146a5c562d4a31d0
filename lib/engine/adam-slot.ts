import type * as tf from '@tensorflow/tfjs';

/** One weight with its moments: applies an update and shows its state. */
export interface AdamSlot {
  /** The new weight after one update; the old one has been released. */
  update(weight: tf.Tensor, gradient: tf.Tensor, coefficients: AdamCoefficients): tf.Tensor;
  /** Copies of the first and second moment. */
  moments(): [tf.Tensor, tf.Tensor];
  setMoments(first: tf.Tensor, second: tf.Tensor): void;
  dispose(): void;
}

export interface AdamCoefficients {
  readonly rate: number;
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1-based number of this update, for the bias correction. */
  readonly count: number;
}
