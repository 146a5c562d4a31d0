import * as tf from '@tensorflow/tfjs';
import { addWindowRows, type Sliding, windowRows } from './windows';

/**
 * The largest value of each window, with minus infinity as padding; where several are largest, the first has the
 * gradient, as in PyTorch.
 *
 * Written in plain ops: the WebAssembly backend has no gradient of a pooling, and TensorFlow's is no faster.
 *
 * @param x `[batch, sample, channel]`
 * @returns `[batch, window, channel]`
 */
export function maxPool1d(x: tf.Tensor3D, sliding: Sliding): tf.Tensor3D {
  const pool = tf.customGrad((input, save) => {
    const largest = taps(input as tf.Tensor3D, sliding).reduce((a, b) => a.maximum(b));
    (save as tf.GradSaveFunc)([input as tf.Tensor, largest]);
    return {
      value: largest,
      gradFunc: (dy: tf.Tensor, [inputSaved, largestSaved]: tf.Tensor[]) =>
        tf.tidy(() => {
          let open: tf.Tensor = tf.onesLike(largestSaved); // 1 where no earlier tap was the largest
          const gradients = taps(inputSaved as tf.Tensor3D, sliding).map((tap) => {
            const chosen = tap.equal(largestSaved).cast('float32').mul(open);
            open = open.sub(chosen);
            return chosen.mul<tf.Tensor3D>(dy);
          });
          return addWindowRows(rowsOf(gradients, sliding), inputSaved.shape, sliding);
        }),
    };
  });
  return pool(x) as tf.Tensor3D;
}

/** Tap after tap of all windows, `[batch, window, channel]` each. */
function taps(x: tf.Tensor3D, sliding: Sliding): tf.Tensor3D[] {
  const channels = x.shape[2];
  return windowRows(x, sliding, Number.NEGATIVE_INFINITY).flatMap((row) => {
    const [batch, windows, values] = row.shape;
    const count = values / channels;
    return Array.from({ length: count }, (_, tap) => row.slice([0, 0, tap * channels], [batch, windows, channels]));
  });
}

/** The inverse: taps of one row of the windows side by side. */
function rowsOf(values: tf.Tensor3D[], { stride = 1 }: Sliding): tf.Tensor3D[] {
  const rows: tf.Tensor3D[] = [];
  for (let tap = 0; tap < values.length; tap += stride) rows.push(tf.concat(values.slice(tap, tap + stride), 2));
  return rows;
}
