import * as tf from '@tensorflow/tfjs';

/**
 * Reads the values of tensors, so that `dataSync` then has them on the backend `webgpu` too, which cannot wait for a GPU.
 *
 * On the other backends it does nothing: there `dataSync` needs no help.
 */
export async function readValues(tensors: Iterable<tf.Tensor>): Promise<void> {
  if (tf.getBackend() === 'webgpu') await Promise.all(Array.from(tensors, (tensor) => tensor.data()));
}
