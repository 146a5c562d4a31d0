import * as tf from '@tensorflow/tfjs';
import type { AdamSlot } from './adam-slot';

/** The update in plain ops, for every backend: the reference that tests hold the fused kernel to. */
export function plainSlot(weight: tf.Tensor): AdamSlot {
  let first = tf.keep(tf.zerosLike(weight));
  let second = tf.keep(tf.zerosLike(weight));
  const replace = (newFirst: tf.Tensor, newSecond: tf.Tensor) => {
    first.dispose();
    second.dispose();
    first = tf.keep(newFirst);
    second = tf.keep(newSecond);
  };
  return {
    update(old, gradient, { rate, decay, beta1, beta2, epsilon, count }) {
      return tf.tidy(() => {
        const newFirst = first.mul(beta1).add(gradient.mul(1 - beta1));
        const newSecond = second.mul(beta2).add(gradient.square().mul(1 - beta2));
        replace(newFirst, newSecond);
        const direction = first.div(1 - beta1 ** count).div(
          second
            .div(1 - beta2 ** count)
            .sqrt()
            .add(epsilon),
        );
        const updated = old.mul(1 - rate * decay).sub(direction.mul(rate));
        old.dispose();
        return updated;
      });
    },
    moments: () => [first.clone(), second.clone()],
    setMoments: (newFirst, newSecond) => replace(newFirst.clone(), newSecond.clone()),
    dispose() {
      first.dispose();
      second.dispose();
    },
  };
}
