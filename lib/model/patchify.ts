import * as tf from '@tensorflow/tfjs';

/**
 * Cuts ECGs into patches of all leads together.
 *
 * The end is padded with zeros where the length is no multiple of the patch size (2500 in patches of 60: 42 patches,
 * 20 samples of padding). A patch holds its leads one after the other, so that a weight of PyTorch's
 * `Conv1d(12, dim, patchSize, stride=patchSize)`, flattened, multiplies it.
 *
 * @param ecgs `[batch, lead, sample]`, mV
 * @returns `[batch, patch, lead * patchSize]`
 */
export function patchify(ecgs: tf.Tensor3D, patchSize: number): tf.Tensor3D {
  const [batch, leads, samples] = ecgs.shape;
  const patches = Math.ceil(samples / patchSize);
  return tf.tidy(() => {
    const padding = patches * patchSize - samples;
    const padded =
      padding === 0
        ? ecgs
        : ecgs.pad([
            [0, 0],
            [0, 0],
            [0, padding],
          ]); // [batch, lead, patch * size]
    const cut = padded.reshape([batch, leads, patches, patchSize]).transpose([0, 2, 1, 3]); // [batch, patch, lead, size]
    return cut.reshape([batch, patches, leads * patchSize]);
  });
}

/**
 * Puts patches together again: the inverse of `patchify`, its padding cut off.
 *
 * @param patches `[batch, patch, lead * patchSize]`
 * @returns `[batch, lead, samples]`
 */
export function unpatchify(patches: tf.Tensor3D, { leads, samples }: { leads: number; samples: number }): tf.Tensor3D {
  const [batch, count, values] = patches.shape;
  const patchSize = values / leads;
  return tf.tidy(() => {
    const joined = patches.reshape([batch, count, leads, patchSize]).transpose([0, 2, 1, 3]); // [batch, lead, patch, size]
    return joined.reshape([batch, leads, count * patchSize]).slice([0, 0, 0], [batch, leads, samples]) as tf.Tensor3D;
  });
}
