import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { randomStream } from '../../lib/random';
import { relativeError } from '../golden-model';

/** Standard normal values; equal names give equal ones. */
export function normal<T extends tf.Tensor>(name: string, shape: number[]): T {
  const stream = randomStream(0, 'twins', name);
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length: size }, () => stream.normal());
  return tf.tensor(values, shape) as T;
}

/** Values of a function of tensors, and the gradients of their sum weighted by random numbers. */
export async function valueAndGradients<T extends tf.Tensor>(f: (...x: T[]) => tf.Tensor, inputs: T[]) {
  const value = f(...inputs);
  const dy = normal('dy', value.shape);
  const { grads } = tf.valueAndGrads((...x: tf.Tensor[]) =>
    f(...(x as T[]))
      .mul(dy)
      .sum<tf.Scalar>(),
  )(inputs);
  return { value: await value.data(), gradients: await Promise.all(grads.map((gradient) => gradient.data())) };
}

/** Values and gradients of two functions of the same tensors agree. */
export async function expectTwins<T extends tf.Tensor>(
  ours: (...x: T[]) => tf.Tensor,
  twin: (...x: T[]) => tf.Tensor,
  inputs: T[],
): Promise<void> {
  const [a, b] = [await valueAndGradients(ours, inputs), await valueAndGradients(twin, inputs)];
  expect(relativeError(a.value, b.value)).toBeLessThan(1e-5);
  a.gradients.forEach((gradient, i) => {
    expect(relativeError(gradient, b.gradients[i]), `gradient of input ${i}`).toBeLessThan(1e-5);
  });
}
