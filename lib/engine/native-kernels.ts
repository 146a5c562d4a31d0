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

/**
 * An operation of the kit's own, such as `Gelu`; see lib/engine/native/kernels.cc for inputs and outputs.
 *
 * @param options.optional of an operation whose last input may be left out: that input, or nothing
 */
export function nativeOp(
  name: string,
  inputs: tf.Tensor[],
  { attributes = {}, outputs, optional }: { attributes?: OpAttributes; outputs?: number; optional?: tf.Tensor[] } = {},
): tf.Tensor[] {
  const op = `HybridEcg${name}`;
  if (optional === undefined) return tensorflowOp(op, inputs, { attributes, outputs });
  const integers = { ...attributes.integers, given: optional.length };
  return tensorflowOp(op, [...inputs, ...optional], { attributes: { ...attributes, integers }, outputs });
}
