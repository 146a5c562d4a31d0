import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, useEngine } from '../../lib/engine/use-engine';
import { NO_WEBGPU } from '../backends';
import { relativeError } from '../golden-model';

const reason = NO_WEBGPU === undefined ? '' : ` (skipped: ${NO_WEBGPU})`;

// What TensorFlow.js 4.22 gets wrong on any GPU, and lib/engine/webgpu-kernels.ts mends.
describe.skipIf(reason !== '')(`on WebGPU${reason}`, () => {
  let tf: Engine['tf'];
  beforeAll(async () => {
    ({ tf } = await useEngine({ backend: 'webgpu' }));
  });

  it('more tensors are added than a GPU takes at once', async () => {
    const before = tf.memory();
    const terms = Array.from({ length: 100 }, (_, i) => tf.fill([3], i));
    const sum = tf.addN(terms);
    expect([...(await sum.data())]).toEqual([4950, 4950, 4950]);
    tf.dispose([sum, ...terms]);
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('small products of long rows are right, transposed %s and %s', async (transposeA, transposeB) => {
    const [rows, columns, inner] = [12, 32, 3000];
    const a = tf.randomUniform(transposeA ? [inner, rows] : [rows, inner], -1, 1, 'float32', 1);
    const b = tf.randomUniform(transposeB ? [columns, inner] : [inner, columns], -1, 1, 'float32', 2);
    const [left, right] = [await a.data(), await b.data()];
    const expected = Float64Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        sum +=
          left[transposeA ? k * rows + row : row * inner + k] *
          right[transposeB ? column * inner + k : k * columns + column];
      }
      return sum;
    });
    const product = await tf.matMul(a, b, transposeA, transposeB).data();
    expect(relativeError(product, expected)).toBeLessThan(1e-5);
    const again = await tf.matMul(a, b, transposeA, transposeB).data();
    expect(again).toEqual(product); // bit for bit
  });
});
