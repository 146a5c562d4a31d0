import * as tf from '@tensorflow/tfjs';
import { frugalGradient } from './frugal-gradient';
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

/** An operation of the kit's own, such as `AdamW`; see lib/engine/native/kernels.cc for inputs and outputs. */
export function nativeOp(
  name: string,
  inputs: tf.Tensor[],
  options: { attributes?: OpAttributes; outputs?: number } = {},
): tf.Tensor[] {
  return tensorflowOp(`HybridEcg${name}`, inputs, options);
}

/**
 * An operation of the kit's own that comes with its gradient, such as `LayerNorm` with `LayerNormGradient`: the latter
 * takes the gradient of the first output, the inputs and the other outputs.
 *
 * @param options.outputs how many it gives, the intermediate ones too
 * @param options.onIntermediate hears the outputs after the first; they live until it returns
 * @returns the first output
 */
export function nativeLayer(
  name: string,
  inputs: tf.Tensor[],
  {
    onIntermediate = () => {},
    ...options
  }: { attributes?: OpAttributes; outputs: number; onIntermediate?: (tensors: tf.Tensor[]) => void },
): tf.Tensor {
  const layer = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const given = args as tf.Tensor[];
    const [value, ...intermediate] = nativeOp(name, given, options);
    save([...given, ...intermediate]);
    onIntermediate(intermediate);
    const gradient = { ...options, outputs: inputs.length };
    return { value, gradFunc: frugalGradient((dy, saved) => nativeOp(`${name}Gradient`, [dy, ...saved], gradient)) };
  });
  return layer(...inputs);
}
