import * as tf from '@tensorflow/tfjs';
import type { AdamMoments, AdamStep, WeightUpdate } from './adam-moments';

/** The update in plain ops, for every backend: the reference that tests hold the fused kernels to. */
export function plainMoments(weights: ReadonlyMap<string, tf.Tensor>): AdamMoments {
  const moments = new Map<string, [tf.Tensor, tf.Tensor]>();
  const replace = (name: string, first: tf.Tensor, second: tf.Tensor) => {
    tf.dispose(moments.get(name) ?? []);
    moments.set(name, [tf.keep(first), tf.keep(second)]);
  };
  for (const [name, weight] of weights) replace(name, tf.zerosLike(weight), tf.zerosLike(weight));

  function updateOne({ name, weight, gradient, rate, decay }: WeightUpdate, step: AdamStep): tf.Tensor {
    const { beta1, beta2, epsilon, count, scale } = step;
    return tf.tidy(() => {
      const [oldFirst, oldSecond] = moments.get(name)!;
      const scaled = gradient.mul(scale);
      const first = oldFirst.mul(beta1).add(scaled.mul(1 - beta1));
      const second = oldSecond.mul(beta2).add(scaled.square().mul(1 - beta2));
      replace(name, first, second);
      const deviation = second
        .div(1 - beta2 ** count)
        .sqrt()
        .add(epsilon);
      const updated = weight.mul(1 - rate * decay).sub(
        first
          .div(1 - beta1 ** count)
          .div(deviation)
          .mul(rate),
      );
      weight.dispose();
      return updated;
    });
  }

  return {
    update: (updates, step) => updates.map((update) => updateOne(update, step)),
    get: (name) => moments.get(name)!.map((moment) => moment.clone()) as [tf.Tensor, tf.Tensor],
    set: (name, first, second) => replace(name, first.clone(), second.clone()),
    dispose: () => tf.dispose([...moments.values()]),
  };
}
