import * as tf from '@tensorflow/tfjs';
import { type OpAttributes, tensorflowOp } from './tensorflow-op';

let loaded = false;

/** Records that TensorFlow knows the kit's own operations (lib/engine/native): the add-on registered them. */
export function nativeKernelsLoaded(): void {
  loaded = true;
}

/** Whether the current backend computes with the kit's own kernels; else the plain twins of TensorFlow.js ops do. */
export function hasNativeKernels(): boolean {
  return loaded && tf.getBackend() === 'tensorflow';
}

/** An operation of the kit's own, such as `Gelu`; see lib/engine/native/kernels.cc for inputs and outputs. */
export function nativeOp(
  name: string,
  inputs: tf.Tensor[],
  options: { attributes?: OpAttributes; outputs?: number } = {},
): tf.Tensor[] {
  return tensorflowOp(`HybridEcg${name}`, inputs, options);
}

/** Stands for an input that an operation goes without. */
export function noTensor(): tf.Tensor {
  return tf.zeros([0]);
}
