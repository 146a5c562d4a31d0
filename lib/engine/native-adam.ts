import * as tf from '@tensorflow/tfjs';
import type { AdamMoments } from './adam-moments';
import { nativeOp } from './native-kernels';

/**
 * All weights updated by one call of the kit's own kernel, in one pass over weights, gradients and moments.
 *
 * The kernel writes into the weights' own memory: whoever wants to keep old values takes a copy (`clone` shares memory).
 */
export function nativeMoments(weights: ReadonlyMap<string, tf.Tensor>): AdamMoments {
  const zeros = () => new Map([...weights].map(([name, weight]) => [name, tf.keep(tf.zerosLike(weight))]));
  const first = zeros();
  const second = zeros();
  const replace = (moments: Map<string, tf.Tensor>, name: string, value: tf.Tensor) => {
    moments.get(name)!.dispose();
    moments.set(name, tf.keep(value.add(0)));
  };
  return {
    update(updates, { beta1, beta2, epsilon, count, scale }) {
      tf.tidy(() => {
        const rates = updates.flatMap(({ rate, decay }) => [rate, decay]);
        const step = [beta1, beta2, 1 / (1 - beta1 ** count), 1 / (1 - beta2 ** count), epsilon, scale];
        const inputs = [
          ...updates.map(({ weight }) => weight),
          ...updates.map(({ gradient }) => gradient),
          ...updates.map(({ name }) => first.get(name)!),
          ...updates.map(({ name }) => second.get(name)!),
          tf.tensor2d(rates, [updates.length, 2]),
          tf.tensor1d(step),
        ];
        nativeOp('AdamW', inputs, { attributes: { integers: { n: updates.length } }, outputs: 0 });
      });
      return updates.map(({ weight }) => weight);
    },
    get: (name) => [first.get(name)!.add(0), second.get(name)!.add(0)],
    set(name, newFirst, newSecond) {
      replace(first, name, newFirst);
      replace(second, name, newSecond);
    },
    dispose: () => tf.dispose([...first.values(), ...second.values()]),
  };
}
