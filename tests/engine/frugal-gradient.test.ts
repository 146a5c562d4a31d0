import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { frugalGradient } from '../../lib/engine/frugal-gradient';
import { useEngine } from '../../lib/engine/use-engine';
import { BACKENDS_HERE } from '../backends';

it.each(BACKENDS_HERE)(
  'a gradient frees what led to it and dy, but not what a caller brought, on %s',
  async (backend) => {
    await useEngine({ backend });
    const used: tf.Tensor[][] = []; // of each op, the last one first: dy, and what was made on the way
    const freed: boolean[][] = [];
    const triple = tf.customGrad((x) => ({
      value: (x as tf.Tensor).mul(3),
      gradFunc: frugalGradient((dy) => {
        freed.push(...used.map((tensors) => tensors.map(({ isDisposed }) => isDisposed)));
        const half = dy.mul(1.5);
        used.push([dy, half]);
        return [half.mul(2)];
      }),
    }));
    const [x, dy] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 10])];
    const before = tf.memory().numTensors;
    const gradient = tf.grad((t) => triple(triple(t)))(x, dy);
    expect(Array.from(await gradient.data())).toEqual([9, 90]);
    expect(freed).toEqual([[false, true]]); // the first dy is the caller's
    expect(used[1].map(({ isDisposed }) => isDisposed)).toEqual([true, true]);
    expect(Array.from(await dy.data())).toEqual([1, 10]);
    gradient.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);
