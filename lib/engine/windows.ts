import * as tf from '@tensorflow/tfjs';

/** How a 1-D convolution or pooling slides over a sequence. */
export interface Sliding {
  /** Samples of a window. */
  readonly width: number;
  /** Samples from one window to the next; default 1. */
  readonly stride?: number;
  /** Samples put on each side; default 0. */
  readonly padding?: number;
}

/** Windows of a sequence: `floor((samples + 2 padding - width) / stride) + 1` of them, as PyTorch counts. */
export function windowCount(samples: number, { width, stride = 1, padding = 0 }: Sliding): number {
  return Math.floor((samples + 2 * padding - width) / stride) + 1;
}

/**
 * The samples of every window, tap by tap: tap k of window t is sample `stride t + k - padding`.
 *
 * The padded sequence is read as rows of `stride` samples. Then all windows' taps that lie in the same row of theirs are
 * one plain slice, whatever the stride.
 *
 * @param x `[batch, sample, channel]`
 * @param fill value of the padding; default 0
 * @returns one tensor a row of a window, `[batch, window, taps in it * channel]`
 */
export function windowRows(x: tf.Tensor3D, sliding: Sliding, fill = 0): tf.Tensor3D[] {
  const { stride, padding, rows, taps, windows } = layout(x.shape, sliding);
  const [batch, samples, channels] = x.shape;
  const used = Math.min(samples, rows * stride - padding); // samples after the last window's are never read
  const padded = padSamples(firstSamples(x, used), [padding, rows * stride - padding - used], fill);
  const grid = padded.reshape<tf.Tensor3D>([batch, rows, stride * channels]); // [batch, row, sample of it * channel]
  return taps.map((count, row) => grid.slice([0, row, 0], [batch, windows, count * channels]));
}

/**
 * Adds the values of windows back to the samples they came from: the gradient of `windowRows`.
 *
 * @param values one tensor a row of a window, as `windowRows` gives them
 * @param shape `[batch, sample, channel]` of the sequence
 */
export function addWindowRows(values: readonly tf.Tensor3D[], shape: readonly number[], sliding: Sliding): tf.Tensor3D {
  const { stride, padding, rows, taps } = layout(shape, sliding);
  const [batch, samples, channels] = shape;
  const moved = values.map((value, row) => {
    const unused = (stride - taps[row]) * channels;
    const sides: [number, number][] = [
      [0, 0],
      [row, taps.length - 1 - row],
      [0, unused],
    ];
    return unused === 0 && taps.length === 1 ? value : value.pad(sides);
  }); // [batch, row, sample of it * channel] each
  const padded = tf.addN(moved).reshape<tf.Tensor3D>([batch, rows * stride, channels]);
  const used = Math.min(samples, rows * stride - padding);
  const kept = padding === 0 ? firstSamples(padded, used) : padded.slice([0, padding, 0], [batch, used, channels]);
  return padSamples(kept, [0, samples - used]);
}

function firstSamples(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [batch, samples, channels] = x.shape;
  return count === samples ? x : x.slice([0, 0, 0], [batch, count, channels]);
}

function padSamples(x: tf.Tensor3D, [before, after]: [number, number], fill = 0): tf.Tensor3D {
  const sides: [number, number][] = [
    [0, 0],
    [before, after],
    [0, 0],
  ];
  return before + after === 0 ? x : x.pad(sides, fill);
}

function layout([, samples]: readonly number[], sliding: Sliding) {
  const { width, stride = 1, padding = 0 } = sliding;
  const windows = windowCount(samples, sliding);
  const rowsOfWindow = Math.ceil(width / stride);
  const taps = Array.from({ length: rowsOfWindow }, (_, row) => Math.min(stride, width - row * stride));
  return { stride, padding, windows, taps, rows: windows - 1 + rowsOfWindow };
}
