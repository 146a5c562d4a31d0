import * as tf from '@tensorflow/tfjs';

/**
 * Mends kernels of TensorFlow.js 4.22's backend `webgpu` that fail or err on any GPU.
 *
 * @param buffers tensors that one program may read
 */
export function mendWebgpuKernels({ buffers }: { buffers: number }): void {
  replaceKernel('AddN', (addN) => addInParts(addN, buffers));
  for (const name of ['BatchMatMul', '_FusedMatMul'] as const) replaceKernel(name, withoutSplitting);
}

function replaceKernel(name: string, mended: (kernel: tf.KernelFunc) => tf.KernelFunc): void {
  const { kernelFunc, ...kernel } = tf.getKernel(name, 'webgpu');
  tf.unregisterKernel(name, 'webgpu');
  tf.registerKernel({ ...kernel, kernelFunc: mended(kernelFunc) });
}

/** `AddN` binds every term at once, and a GPU takes a few: more are added in parts. */
function addInParts(addN: tf.KernelFunc, most: number): tf.KernelFunc {
  return (args) => {
    let terms = args.inputs as unknown as tf.TensorInfo[];
    const parts: tf.TensorInfo[] = [];
    const sum = (some: tf.TensorInfo[]) => addN({ ...args, inputs: some as never }) as tf.TensorInfo;
    while (terms.length > most) {
      const part = sum(terms.slice(0, most));
      parts.push(part);
      terms = [part, ...terms.slice(most)];
    }
    const result = sum(terms);
    for (const { dataId } of parts) (args.backend as tf.KernelBackend).disposeData(dataId);
    return result;
  };
}

const PROGRAM = 'WEBGPU_MATMUL_PROGRAM_TYPE';
const PACKED = 3;
/** Inner sides from which on the backend splits a product. */
const SPLITS_FROM = 2000;

/**
 * Small products of long rows are split into stretches that are added up atomically, in any order, and the program for it
 * reads a transposed second factor as if it were not (MatMulSplitKProgram): the program for large products does them.
 */
function withoutSplitting(multiply: tf.KernelFunc): tf.KernelFunc {
  return (args) => {
    const { shape } = args.inputs.a as tf.TensorInfo;
    const inner = (args.attrs as { transposeA?: boolean }).transposeA ? shape.at(-2) : shape.at(-1);
    if ((inner ?? 0) < SPLITS_FROM) return multiply(args);
    const before = tf.env().getNumber(PROGRAM);
    tf.env().set(PROGRAM, PACKED);
    try {
      return multiply(args);
    } finally {
      tf.env().set(PROGRAM, before);
    }
  };
}
