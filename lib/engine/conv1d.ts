import * as tf from '@tensorflow/tfjs';
import { product } from './product';
import { releaseGradient } from './release-gradient';
import { addWindowRows, type Sliding, windowCount, windowRows } from './windows';

/** Stride and padding of a convolution. */
export type ConvOptions = Omit<Sliding, 'width'>;

/**
 * A 1-D convolution without bias, y[b, t, o] = sum over i, k of weight[o, i, k] x[b, stride t + k - padding, i].
 *
 * Channels come last, so that a kernel one sample wide is one matrix product. Wider kernels go through TensorFlow's own
 * convolution where that is (a third faster, forward and backward), elsewhere through products too.
 *
 * @param x `[batch, sample, in]`
 * @param weight `[out, in, width]`, PyTorch's layout
 * @param options.stride default 1
 * @param options.padding zeros on each side; default 0
 * @returns `[batch, window, out]`, `floor((sample + 2 padding - width) / stride) + 1` windows
 */
export function conv1d(x: tf.Tensor3D, weight: tf.Tensor3D, options: ConvOptions = {}): tf.Tensor3D {
  const byKernel = tf.getBackend() === 'tensorflow' && weight.shape[2] > 1;
  return byKernel ? kernelConv1d(x, weight, options) : productConv1d(x, weight, options);
}

/** The same by matrix products alone, in both directions: the windows are laid side by side in a matrix (im2col). */
export function productConv1d(x: tf.Tensor3D, weight: tf.Tensor3D, options: ConvOptions = {}): tf.Tensor3D {
  const [batch, samples, inSize] = x.shape;
  const [outSize, , width] = weight.shape;
  const sliding = { ...options, width };
  const windows = windowCount(samples, sliding);
  const matrixOf = (kernel: tf.Tensor) => kernel.transpose([0, 2, 1]).reshape<tf.Tensor2D>([outSize, width * inSize]); // [out, width * in]
  const convolve = tf.customGrad((input, kernel, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor, kernel as tf.Tensor]);
    const rows = product(unfold(input as tf.Tensor3D, sliding), matrixOf(kernel as tf.Tensor), false, true);
    return {
      value: rows.reshape([batch, windows, outSize]),
      gradFunc: (dy: tf.Tensor, [inputSaved, kernelSaved]: tf.Tensor[]) => {
        const gradients = tf.tidy(() => {
          const dRows = dy.reshape<tf.Tensor2D>([batch * windows, outSize]);
          const dMatrix = tf.tidy(() => product(dRows, unfold(inputSaved as tf.Tensor3D, sliding), true, false));
          const dKernel = dMatrix.reshape([outSize, width, inSize]).transpose([0, 2, 1]); // [out, in, width]
          const dWindows = product(dRows, matrixOf(kernelSaved), false, false); // [row, width * in]
          return [fold(dWindows, inputSaved.shape, sliding), dKernel];
        });
        releaseGradient(dy);
        return gradients;
      },
    };
  });
  return convolve(x, weight) as tf.Tensor3D;
}

/** The same by TensorFlow.js's convolution and its gradients, which the WebAssembly backend lacks. */
export function kernelConv1d(x: tf.Tensor3D, weight: tf.Tensor3D, options: ConvOptions = {}): tf.Tensor3D {
  const { stride = 1, padding = 0 } = options;
  const [batch, samples, inSize] = x.shape;
  const [outSize, , width] = weight.shape;
  const windows = windowCount(samples, { width, stride, padding });
  const missing = Math.max((windows - 1) * stride + width - samples, 0); // on both sides together
  const same = Math.floor(missing / 2) === padding && Math.ceil(samples / stride) === windows;
  const filter = weight.transpose([2, 1, 0]).reshape<tf.Tensor4D>([1, width, inSize, outSize]);
  const image = x.reshape<tf.Tensor4D>([batch, 1, samples, inSize]); // one sample high
  const sides = [
    [0, 0],
    [0, 0],
    [padding, Math.max(missing - padding, 0)],
    [0, 0],
  ] as [number, number][];
  const padded = same ? image : image.pad<tf.Tensor4D>(sides);
  const y = tf.conv2d(padded, filter, [1, stride], same ? 'same' : 'valid'); // [batch, 1, window, out]
  return y.reshape([batch, windows, outSize]);
}

/** Windows side by side, `[batch * window, width * channel]`. */
function unfold(x: tf.Tensor3D, sliding: Sliding): tf.Tensor2D {
  const { width, stride = 1, padding = 0 } = sliding;
  const channels = x.shape[2];
  if (width === 1 && stride === 1 && padding === 0) return x.reshape([-1, channels]);
  return tf.tidy(() => {
    const columns = width * channels;
    return tf.concat(windowRows(x, sliding), 2).reshape([-1, columns]) as tf.Tensor2D;
  });
}

/** The gradient of `unfold`. */
function fold(rows: tf.Tensor2D, shape: number[], sliding: Sliding): tf.Tensor3D {
  const { width, stride = 1, padding = 0 } = sliding;
  const [batch, samples, channels] = shape;
  if (width === 1 && stride === 1 && padding === 0) return rows.reshape([batch, samples, channels]);
  return tf.tidy(() => {
    const windows = windowCount(samples, sliding);
    const grid = rows.reshape<tf.Tensor3D>([batch, windows, width * channels]);
    const parts: tf.Tensor3D[] = [];
    for (let tap = 0; tap < width; tap += stride) {
      const taps = Math.min(stride, width - tap);
      parts.push(grid.slice([0, 0, tap * channels], [batch, windows, taps * channels]));
    }
    return addWindowRows(parts, shape, sliding);
  });
}
