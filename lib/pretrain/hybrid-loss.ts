import type * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors';

/** The three terms of Eq. 3; a term that a method does not use is absent. */
export interface LossTerms {
  readonly reconstruction?: tf.Scalar;
  readonly patient?: tf.Scalar;
  readonly sample?: tf.Scalar;
}

/** Weights of the three terms; the paper's are 1 : 1 : 1 (section 5.3). */
export interface LossWeights {
  readonly reconstruction: number;
  readonly patient: number;
  readonly sample: number;
}

export const EQUAL_WEIGHTS: LossWeights = { reconstruction: 1, patient: 1, sample: 1 };

/**
 * The hybrid loss, the weighted sum of its terms (Eq. 3 of the paper):
 * L = w_r L_recon + w_p L_cont_patient + w_s L_cont_sample.
 *
 * With the contrastive terms alone it is the CL objective, with the reconstruction alone GL's.
 *
 * @throws ArgumentError when there is no term, or a weight is not finite
 */
export function hybridLoss(terms: LossTerms, weights: LossWeights = EQUAL_WEIGHTS): tf.Scalar {
  const weighted = (['reconstruction', 'patient', 'sample'] as const).flatMap((name) => {
    const term = terms[name];
    if (term !== undefined && !Number.isFinite(weights[name])) {
      const details = { expected: 'a finite number', actual: String(weights[name]), where: { key: name } };
      throw new ArgumentError('weight of a loss', details);
    }
    return term === undefined ? [] : [term.mul(weights[name])];
  });
  if (weighted.length === 0) throw new ArgumentError('hybrid loss', { expected: 'at least one term', actual: 'none' });
  return weighted.reduce((sum, term) => sum.add(term)) as tf.Scalar;
}
