import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors';

/** Which views are positives of which, and which stand in the denominator. */
export interface Positives {
  /** Number of anchors, and of the views that each is compared with: the side of the matrices. */
  readonly views: number;
  /** `[anchor, view]`: weights of the positives; a row sums to 1, or to 0 where an anchor has none. */
  readonly weights: Float32Array;
  /** `[anchor, view]`: 1 where the view stands in the anchor's denominator. */
  readonly candidates: Uint8Array;
  /** Anchors that have a positive. */
  readonly anchors: number;
}

/**
 * InfoNCE on the unit sphere (Eq. 2 of the paper; SimCLR's NT-Xent).
 *
 * L = mean over anchors i of sum_j w_ij (-log(exp(z_i z_j / t) / sum_k exp(z_i z_k / t))), k over the anchor's
 * candidates, never over itself. An anchor with several positives takes their mean, one with none is left out
 * (fairseq-signals' CMSC, PCLR). Zero when no anchor has a positive.
 *
 * @param embeddings `[view, dim]`, rows of length one
 * @param positives from `samplePositives` (two views of an ECG) or `patientPositives` (another ECG of the patient)
 * @param options.temperature t; default .1 (CLOCS, PCLR, fairseq-signals)
 * @param options.keys `[view, dim]`, what z_j and z_k are taken from where a target network embeds them, with positives
 *   `among: 'keys'`; default the embeddings themselves
 * @returns a scalar, nats
 * @throws ArgumentError when the number of views differs or the temperature is not positive
 */
export function contrastiveLoss(
  embeddings: tf.Tensor2D,
  positives: Positives,
  { temperature = 0.1, keys = embeddings }: { temperature?: number; keys?: tf.Tensor2D } = {},
): tf.Scalar {
  const { views, weights, candidates, anchors } = positives;
  const alike = embeddings.shape[0] === views && keys.shape[0] === views && embeddings.shape[1] === keys.shape[1];
  if (!(alike && temperature > 0 && Number.isFinite(temperature))) {
    throw new ArgumentError('contrastive loss', {
      expected: `${views} embeddings, as many keys and a temperature above 0`,
      actual: `embeddings [${embeddings.shape}], keys [${keys.shape}], temperature ${temperature}`,
    });
  }
  return tf.tidy(() => {
    const excluded = tf.tensor2d(
      Float32Array.from(candidates, (is) => (is ? 0 : -1e9)),
      [views, views],
    );
    const similarity = tf.matMul(embeddings, keys, false, true).div(temperature); // [anchor, view]
    const logDenominator = tf.logSumExp(similarity.add(excluded), 1, true); // [anchor, 1]
    const weight = tf.tensor2d(weights, [views, views]); // [anchor, view]
    const loss = logDenominator.sub(similarity).mul(weight).sum(); // scalar
    return loss.div(Math.max(anchors, 1)) as tf.Scalar;
  });
}

/** What the anchors are compared with. */
export interface PositivesOptions {
  /**
   * `views` (default): all views of the batch are anchors, each compared with the others, 2 n in all. `keys`: the first
   * views are the anchors, the second views, embedded by a target network, what they are compared with, n each.
   */
  readonly among?: 'views' | 'keys';
}

/**
 * Sample level: the positive of a view is the other view of its ECG; all other views of the batch are negatives.
 *
 * @param ecgs ECGs in the batch, n; the views are ordered: the first of each ECG, then the second of each
 * @throws ArgumentError when it is no whole number >= 1
 */
export function samplePositives(ecgs: number, { among = 'views' }: PositivesOptions = {}): Positives {
  if (!(Number.isInteger(ecgs) && ecgs >= 1)) {
    throw new ArgumentError('ECGs of a batch', { expected: 'a whole number >= 1', actual: String(ecgs) });
  }
  if (among === 'keys') {
    const weights = new Float32Array(ecgs * ecgs);
    for (let i = 0; i < ecgs; i++) weights[i * ecgs + i] = 1;
    return { views: ecgs, weights, candidates: new Uint8Array(ecgs * ecgs).fill(1), anchors: ecgs };
  }
  const views = 2 * ecgs;
  const weights = new Float32Array(views * views);
  const candidates = new Uint8Array(views * views).fill(1);
  for (let i = 0; i < views; i++) {
    weights[i * views + ((i + ecgs) % views)] = 1;
    candidates[i * views + i] = 0;
  }
  return { views, weights, candidates, anchors: views };
}

/**
 * Patient level: the positives of a view are all views of the other ECGs of its patient, equally weighted.
 *
 * Negatives are the views of other patients. The other view of the same ECG is neither (the sample level judges it).
 *
 * @param patientIds the patient of each ECG of the batch
 */
export function patientPositives(patientIds: readonly string[], { among = 'views' }: PositivesOptions = {}): Positives {
  const ecgs = patientIds.length;
  const views = among === 'views' ? 2 * ecgs : ecgs;
  const weights = new Float32Array(views * views);
  const candidates = new Uint8Array(views * views);
  let anchors = 0;
  for (let i = 0; i < views; i++) {
    const partners: number[] = [];
    for (let j = 0; j < views; j++) {
      if (i % ecgs === j % ecgs) continue; // itself, and the other view of the same ECG
      candidates[i * views + j] = 1;
      if (patientIds[i % ecgs] === patientIds[j % ecgs]) partners.push(j);
    }
    for (const j of partners) weights[i * views + j] = 1 / partners.length;
    if (partners.length > 0) anchors++;
  }
  return { views, weights, candidates, anchors };
}
