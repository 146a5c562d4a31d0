import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors';
import { type Architecture, countPatches } from './architecture';

/**
 * Cuts ECGs into patches of all leads together.
 *
 * Where the length is no multiple of the patch size, the end is padded with zeros (2500 in patches of 60: 42 patches,
 * 20 samples of padding) or, with one patch less, left out. A patch holds its leads one after the other, so that a
 * weight of PyTorch's `Conv1d(12, dim, patchSize, stride=patchSize)`, flattened, multiplies it.
 *
 * @param ecgs `[batch, lead, sample]`, mV
 * @param options.remainder what becomes of the samples after the last whole patch; default `pad`
 * @returns `[batch, patch, lead * patchSize]`
 * @throws ArgumentError when the patch size is no whole number >= 1, or leaves no patch of the samples
 */
export function patchify(
  ecgs: tf.Tensor3D,
  patchSize: number,
  { remainder = 'pad' }: Pick<Architecture, 'remainder'> = {},
): tf.Tensor3D {
  const [batch, leads, samples] = ecgs.shape;
  const patches = countPatches(samples, { patchSize, remainder });
  if (!(Number.isInteger(patchSize) && patchSize >= 1 && patches >= 1)) {
    const expected = `a whole number that gives at least one patch of ${samples} samples`;
    throw new ArgumentError('patch size', { expected, actual: String(patchSize) });
  }
  return tf.tidy(() => {
    const fitted = fitLength(ecgs, patches * patchSize - samples); // [batch, lead, patch * size]
    const cut = fitted.reshape([batch, leads, patches, patchSize]).transpose([0, 2, 1, 3]); // [batch, patch, lead, size]
    return cut.reshape([batch, patches, leads * patchSize]);
  });
}

function fitLength(ecgs: tf.Tensor3D, padding: number): tf.Tensor3D {
  if (padding < 0) return ecgs.slice([0, 0, 0], [-1, -1, ecgs.shape[2] + padding]);
  if (padding === 0) return ecgs;
  return ecgs.pad([
    [0, 0],
    [0, 0],
    [0, padding],
  ]);
}

/**
 * Puts patches together again: the inverse of `patchify`, its padding cut off.
 *
 * @param patches `[batch, patch, lead * patchSize]`
 * @returns `[batch, lead, samples]`
 * @throws ArgumentError when a patch does not divide into so many leads, or the patches hold fewer samples
 */
export function unpatchify(patches: tf.Tensor3D, { leads, samples }: { leads: number; samples: number }): tf.Tensor3D {
  const [batch, count, values] = patches.shape;
  const patchSize = values / leads;
  if (!(Number.isInteger(patchSize) && Number.isInteger(samples) && samples >= 1 && samples <= count * patchSize)) {
    const actual = `${count} patches of ${values} values`;
    throw new ArgumentError('patches', { expected: `those of ${leads} leads, ${samples} samples`, actual });
  }
  return tf.tidy(() => {
    const joined = patches.reshape([batch, count, leads, patchSize]).transpose([0, 2, 1, 3]); // [batch, lead, patch, size]
    return joined.reshape([batch, leads, count * patchSize]).slice([0, 0, 0], [batch, leads, samples]) as tf.Tensor3D;
  });
}
