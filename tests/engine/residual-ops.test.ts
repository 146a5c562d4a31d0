import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluationBatchNorm, plainBatchNorm, trainingBatchNorm } from '../../lib/engine/batch-norm';
import { conv1d, kernelConv1d, productConv1d } from '../../lib/engine/conv1d';
import { maxPool1d } from '../../lib/engine/max-pool1d';
import { addRelu, relu } from '../../lib/engine/relu';
import { useEngine } from '../../lib/engine/use-engine';
import { windowCount } from '../../lib/engine/windows';
import { BACKENDS_HERE } from '../backends';
import { relativeError } from '../golden-model';
import { expectTwins, normal, valueAndGradients } from './expect-twins';

// Samples, channels in and out, width, stride, padding.
const CONVOLUTIONS: [number, number, number, number, number, number][] = [
  [9, 2, 3, 1, 1, 0],
  [9, 2, 3, 1, 2, 0],
  [10, 2, 3, 1, 2, 0],
  [11, 3, 2, 3, 1, 1],
  [11, 3, 2, 3, 2, 1],
  [12, 3, 2, 3, 2, 1],
  [20, 2, 2, 7, 2, 3],
  [21, 2, 2, 7, 2, 3],
  [10, 1, 1, 4, 3, 2],
  [5, 2, 2, 5, 5, 0],
  [13, 2, 2, 3, 4, 0],
  [1, 2, 2, 3, 1, 1],
];

/** A convolution and its gradients by their definition, in float64. */
function byDefinition(
  [x, weight, dy]: ArrayLike<number>[],
  [batch, samples]: number[],
  [inSize, outSize, width, stride, padding]: number[],
) {
  const windows = windowCount(samples, { width, stride, padding });
  const y = new Float64Array(batch * windows * outSize);
  const dx = new Float64Array(x.length);
  const dWeight = new Float64Array(weight.length);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < windows; t++) {
      for (let k = 0; k < width; k++) {
        const sample = stride * t + k - padding;
        if (sample < 0 || sample >= samples) continue;
        for (let o = 0; o < outSize; o++) {
          for (let i = 0; i < inSize; i++) {
            const [to, from] = [(b * windows + t) * outSize + o, (b * samples + sample) * inSize + i];
            const w = (o * inSize + i) * width + k;
            y[to] += weight[w] * x[from];
            dx[from] += weight[w] * dy[to];
            dWeight[w] += x[from] * dy[to];
          }
        }
      }
    }
  }
  return { y, dx, dWeight };
}

describe.each(BACKENDS_HERE)('on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  it.each(CONVOLUTIONS)(
    'a convolution of %i samples, channels %i to %i, width %i, stride %i, padding %i is what its definition says',
    async (samples, inSize, outSize, width, stride, padding) => {
      const x = normal<tf.Tensor3D>('x', [2, samples, inSize]);
      const weight = normal<tf.Tensor3D>('weight', [outSize, inSize, width]);
      const forms = [conv1d, productConv1d, ...(backend === 'wasm' ? [] : [kernelConv1d])]; // it lacks a gradient's kernel
      for (const form of forms) {
        const convolve = (a: tf.Tensor3D, b: tf.Tensor3D) => form(a, b, { stride, padding });
        const { value, gradients } = await valueAndGradients(convolve, [x, weight]);
        const dy = await normal('dy', convolve(x, weight).shape).data();
        const sizes = [inSize, outSize, width, stride, padding];
        const expected = byDefinition([await x.data(), await weight.data(), dy], [2, samples], sizes);
        expect(relativeError(value, expected.y)).toBeLessThan(1e-5);
        expect(relativeError(gradients[0], expected.dx)).toBeLessThan(1e-5);
        expect(relativeError(gradients[1], expected.dWeight)).toBeLessThan(1e-5);
      }
    },
  );

  it('batch norm by the batch equals its plain twin, and tells mean and unbiased variance', async () => {
    const x = normal<tf.Tensor3D>('x', [3, 7, 5]).mul<tf.Tensor3D>(2).add<tf.Tensor3D>(0.5);
    const inputs = [x, normal('gain', [5]), normal('bias', [5])] as [tf.Tensor3D, tf.Tensor1D, tf.Tensor1D];
    await expectTwins<tf.Tensor>(trainingBatchNorm as never, plainBatchNorm as never, inputs);
    const told: tf.Tensor[] = [];
    trainingBatchNorm(...inputs, {
      onStatistics: ({ mean, variance }) => told.push(tf.keep(mean.clone()), tf.keep(variance.clone())),
    });
    const { mean, variance } = tf.moments(x, [0, 1]);
    expect(relativeError(await told[0].data(), await mean.data())).toBeLessThan(1e-5);
    expect(relativeError(await told[1].data(), await variance.mul(21 / 20).data())).toBeLessThan(1e-5);
    tf.dispose(told);
  });

  it.runIf(backend === 'tensorflow')('the kernel of batch norm sums as in float64, also far from zero', async () => {
    const [rows, channels] = [80_000, 16]; // 64 ECGs behind the first convolution
    const x = normal<tf.Tensor3D>('x', [1, rows, channels]).add<tf.Tensor3D>(10);
    const values = await x.data();
    const mean = new Float64Array(channels);
    values.forEach((value, i) => {
      mean[i % channels] += value / rows;
    });
    const variance = new Float64Array(channels);
    values.forEach((value, i) => {
      variance[i % channels] += (value - mean[i % channels]) ** 2 / (rows - 1);
    });
    const told: Promise<Float32Array>[] = [];
    trainingBatchNorm(x, tf.ones([channels]), tf.zeros([channels]), {
      onStatistics: (of) =>
        told.push(of.mean.data() as Promise<Float32Array>, of.variance.data() as Promise<Float32Array>),
    });
    const [toldMean, toldVariance] = await Promise.all(told);
    expect(relativeError(toldMean, mean)).toBeLessThan(2e-7); // a float32 has 6e-8; TensorFlow's kernels 2e-6 to 4e-6
    expect(relativeError(toldVariance, variance)).toBeLessThan(1e-6); // 3e-6 to 1e-5
  });

  it('batch norm by given statistics equals its plain twin', async () => {
    const statistics = { mean: normal<tf.Tensor1D>('mean', [5]), variance: normal<tf.Tensor1D>('v', [5]).square() };
    const inputs = [normal('x', [3, 7, 5]), normal('gain', [5]), normal('bias', [5])];
    await expectTwins<tf.Tensor>(
      (x, gain, bias) =>
        evaluationBatchNorm(x as tf.Tensor3D, gain as tf.Tensor1D, bias as tf.Tensor1D, statistics as never),
      (x, gain, bias) =>
        plainBatchNorm(x as tf.Tensor3D, gain as tf.Tensor1D, bias as tf.Tensor1D, statistics as never),
      inputs,
    );
  });

  it('ReLU, alone or of a sum, equals TensorFlow.js’s own', async () => {
    await expectTwins(relu, (x) => tf.relu(x), [normal('x', [3, 4, 5])]);
    await expectTwins(addRelu, (a, b) => tf.relu(a.add(b)), [normal('a', [3, 4, 5]), normal('b', [3, 4, 5])]);
  });

  it('a gradient that the caller brought is not freed', async () => {
    const dy = normal('dy', [3, 4]);
    const dx = tf.grad(relu)(normal('x', [3, 4]), dy);
    expect(dy.isDisposed).toBe(false);
    expect(dx.isDisposed).toBe(false);
  });

  it('max pooling takes the largest of each window and sends its gradient there, to the first of equals', async () => {
    const x = tf.tensor3d([3, 1, 2, 2, 5, 0, -4], [1, 7, 1]);
    const pool = (a: tf.Tensor3D) => maxPool1d(a, { width: 3, stride: 2, padding: 1 });
    expect([...(await pool(x).data())]).toEqual([3, 2, 5, 0]);
    const gradient = tf.grad(pool as (a: tf.Tensor) => tf.Tensor)(x, tf.tensor3d([1, 2, 4, 8], [1, 4, 1]));
    expect([...(await gradient.data())]).toEqual([1, 0, 2, 0, 4, 8, 0]);
  });

  it('max pooling pads with minus infinity, also where all values are negative', async () => {
    const x = tf.tensor3d([-3, -1, -2, -7, -5, -6], [1, 3, 2]);
    const pooled = maxPool1d(x, { width: 3, stride: 2, padding: 1 });
    expect([...(await pooled.data())]).toEqual([-2, -1, -2, -6]);
  });
});
