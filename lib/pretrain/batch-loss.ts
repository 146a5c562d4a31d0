import type * as tf from '@tensorflow/tfjs';
import type { LossTerms } from './hybrid-loss';
import type { GradientOptions } from './loss-gradient';

export type TermName = keyof LossTerms;

/**
 * The loss of a batch in parts, so that its gradient can be taken with a few ECGs in memory at a time.
 *
 * The reconstruction is a sum over ECGs. The contrastive terms are not: each compares all rows of the batch, so they
 * are a function of all projections, and the projections of the weights row by row.
 */
export interface LossParts {
  /** Terms with a weight above 0. */
  readonly terms: readonly TermName[];
  /** ECGs in the batch. */
  readonly ecgs: number;
  /** Rows of all projections: two an ECG, or one with a target network. */
  readonly anchors: number;
  /** The names of the weights that a term depends on. */
  weightsOf(term: TermName): readonly string[];
  /** What the ECGs `from` up to `to` add to the reconstruction loss of the batch. */
  reconstruct(from: number, to: number): tf.Scalar;
  /** `[to - from, 128]`: rows of all projections. */
  project(from: number, to: number): tf.Tensor2D;
  /** `[to - from, 128]`: rows of the keys, where a target network gives them; constants. */
  readonly projectKeys?: (from: number, to: number) => tf.Tensor2D;
  /** The contrastive ones of the terms asked for, of all projections and keys. */
  contrast(projections: tf.Tensor2D, terms: readonly TermName[], keys?: tf.Tensor2D): LossTerms;
}

/** The loss of one batch, its mask and views drawn: called, it gives its terms on the whole batch. */
export interface BatchLoss {
  (): LossTerms;
  readonly parts: LossParts;
  readonly gradientOptions: GradientOptions;
  /** To be called after each update of the weights: moves the target network, where there is one. */
  updated(): void;
}

/** The contrastive ones among terms. */
export function contrastiveAmong(terms: readonly TermName[]): TermName[] {
  return terms.filter((term) => term !== 'reconstruction');
}

/** The terms asked for, of the whole batch. */
export function wholeTerms(parts: LossParts, terms: readonly TermName[], keys?: tf.Tensor2D): LossTerms {
  const contrastive = contrastiveAmong(terms);
  return {
    ...(terms.includes('reconstruction') ? { reconstruction: parts.reconstruct(0, parts.ecgs) } : {}),
    ...(contrastive.length > 0 ? parts.contrast(parts.project(0, parts.anchors), contrastive, keys) : {}),
  };
}
