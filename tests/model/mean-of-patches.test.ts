import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { meanOfPatches, plainMeanOfPatches } from '../../lib/model/encoder';
import { randomStream } from '../../lib/random';
import { BACKENDS_HERE } from '../backends';

function normal(name: string, shape: number[]): tf.Tensor {
  const stream = randomStream(0, 'mean-of-patches', name);
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    shape,
  );
}

it.each(BACKENDS_HERE)(
  'the mean of the patches has the bits of its plain twin, and so its gradient, on %s',
  async (backend) => {
    await useEngine({ backend });
    const [x, dy] = [normal('x', [3, 8, 10]), normal('dy', [3, 10])];
    const bits = async (mean: typeof meanOfPatches) => {
      const loss = (tokens: tf.Tensor) =>
        mean(tokens as tf.Tensor3D)
          .mul(dy)
          .sum();
      return [await mean(x as tf.Tensor3D).data(), await tf.grad(loss)(x).data()];
    };
    expect(await bits(meanOfPatches)).toEqual(await bits(plainMeanOfPatches));
  },
);
