import * as tf from '@tensorflow/tfjs';
import { gatherTokens } from '../engine/gather-tokens';
import { meanAbsoluteError } from '../engine/mean-absolute-error';
import { ArgumentError } from '../errors';
import { type Masking, shuffledRange } from '../model/random-masking';
import { LEADS, SAMPLES } from '../signal/leads';

/** Added to a patch's standard deviation, mV: a flat patch is not blown up to noise. */
const TARGET_EPSILON = 0.02;

export interface ReconstructionOptions {
  /**
   * What is predicted: `raw`, the samples in mV, as Eq. 1 says (default); or `normalised`, each lead of each patch
   * with mean 0 and deviation 1, as MAE's `norm_pix_loss`.
   */
  readonly targets?: 'raw' | 'normalised';
  /** Which patches are judged: `masked` alone, as in MAE (default), or `all`, the visible ones too. */
  readonly reconstructed?: 'masked' | 'all';
}

/**
 * The generative loss: the mean absolute error on the masked patches (Eq. 1 of the paper; MAE's masked mean), or on all.
 *
 * L = mean over these patches and their samples of |x - y|. Eq. 1 writes a sum (`reduction` of the objective); the mean
 * differs by a constant factor and does not depend on patch size and batch. Samples that only pad the last patch do not count.
 *
 * @param predicted `[batch, masked, lead * patchSize]` from `decodeMasked`, or for all `[batch, patch, lead * patchSize]`
 *   from `decodeAll`; in the order of `masking.idsShuffle`
 * @param patches `[batch, patch, lead * patchSize]`, mV, the original
 * @returns a scalar, mV for raw targets
 * @throws ArgumentError when shapes and masking do not fit
 */
export function reconstructionLoss(
  predicted: tf.Tensor3D,
  patches: tf.Tensor3D,
  { masking, targets = 'raw', reconstructed = 'masked' }: ReconstructionOptions & { masking: Masking },
): tf.Scalar {
  const [batch, count, values] = patches.shape;
  const ids = judgedPatches(masking, reconstructed);
  const due = [batch, ids.length / masking.batch, values];
  const fits = batch === masking.batch && count === masking.patches && values % LEADS.length === 0;
  if (!fits || predicted.shape.some((extent, axis) => extent !== due[axis])) {
    throw new ArgumentError('reconstruction loss', {
      expected: `patches [${masking.batch}, ${masking.patches}, leads x size], predictions [${due}]`,
      actual: `[${patches.shape}] and [${predicted.shape}]`,
    });
  }
  return tf.tidy(() => {
    const patchSize = values / LEADS.length;
    const original = gatherTokens(patches, ids); // [batch, masked, lead * size]
    const target = targets === 'raw' ? original : normalisePatches(original, patchSize); // [batch, masked, lead * size]
    if (masking.patches * patchSize <= SAMPLES) return meanAbsoluteError(predicted, target);
    const real = realSamples(ids, masking, patchSize).expandDims(2); // [batch, masked, 1, size], 0 on padding
    const perLead = [masking.batch, ids.length / masking.batch, LEADS.length, patchSize];
    return meanAbsoluteError(predicted.reshape(perLead), target.reshape(perLead), real);
  });
}

/**
 * How many samples of a lead the loss is a mean over: its weight beside other parts of the same batch.
 *
 * The losses of the parts of a batch, each times its share of these samples, add up to the loss of the batch.
 */
export function judgedSamples(
  masking: Masking,
  { patchSize, reconstructed = 'masked' }: { patchSize: number } & Pick<ReconstructionOptions, 'reconstructed'>,
): number {
  const ids = judgedPatches(masking, reconstructed);
  const lastOnes = ids.reduce((count, patch) => count + (patch === masking.patches - 1 ? 1 : 0), 0);
  return ids.length * patchSize - lastOnes * Math.max(0, masking.patches * patchSize - SAMPLES);
}

function judgedPatches(masking: Masking, reconstructed: 'masked' | 'all'): Int32Array {
  return shuffledRange(masking, reconstructed === 'masked' ? masking.kept : 0, masking.patches);
}

/**
 * Each lead of each patch with mean 0 and deviation 1: (x - mean) / (deviation + 0.02 mV). Samples that pad the last patch
 * count here, though not in the loss: what is judged of that patch has another mean and deviation.
 *
 * @param patches `[batch, patch, lead * patchSize]`
 */
export function normalisePatches(patches: tf.Tensor3D, patchSize: number): tf.Tensor3D {
  return tf.tidy(() => {
    const { perLead, mean, scale } = patchStatistics(patches, patchSize);
    return perLead.sub(mean).div(scale).reshape(patches.shape); // [batch, patch, lead * size]
  });
}

/**
 * Puts predictions of normalised patches back on the millivolt scale of the patches they stand for.
 *
 * @param predicted `[batch, masked, lead * patchSize]`, in the order of `masking.idsShuffle`
 * @param patches `[batch, patch, lead * patchSize]`, mV, the original
 */
export function denormalisePatches(
  predicted: tf.Tensor3D,
  patches: tf.Tensor3D,
  { masking }: { masking: Masking },
): tf.Tensor3D {
  return tf.tidy(() => {
    const patchSize = patches.shape[2] / LEADS.length;
    const hidden = gatherTokens(patches, shuffledRange(masking, masking.kept, masking.patches)); // [batch, masked, lead * size]
    const { mean, scale } = patchStatistics(hidden, patchSize);
    const perLead = predicted.reshape([masking.batch, -1, LEADS.length, patchSize]); // [batch, masked, lead, size]
    return perLead.mul(scale).add(mean).reshape(predicted.shape); // [batch, masked, lead * size]
  });
}

function patchStatistics(patches: tf.Tensor3D, patchSize: number) {
  const [batch, count] = patches.shape;
  const perLead = patches.reshape([batch, count, LEADS.length, patchSize]); // [batch, patch, lead, size]
  const mean = perLead.mean(-1, true); // [batch, patch, lead, 1]
  const scale = perLead.sub(mean).square().mean(-1, true).sqrt().add(TARGET_EPSILON); // [batch, patch, lead, 1]
  return { perLead, mean, scale };
}

function realSamples(ids: Int32Array, { batch, patches }: Masking, patchSize: number): tf.Tensor3D {
  const real = new Float32Array(ids.length * patchSize).fill(1);
  const realOfLast = SAMPLES - (patches - 1) * patchSize;
  ids.forEach((patch, i) => {
    if (patch === patches - 1) real.fill(0, i * patchSize + realOfLast, (i + 1) * patchSize);
  });
  return tf.tensor3d(real, [batch, ids.length / batch, patchSize]);
}
