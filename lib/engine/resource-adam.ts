import * as tf from '@tensorflow/tfjs';
import type { AdamMoments, AdamStep, WeightUpdate } from './adam-moments';
import { tensorflowOp } from './tensorflow-op';

/** TensorFlow's own name for a variable that no other handle can reach (`ResourceHandle::ANONYMOUS_NAME`). */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/**
 * Weights as TensorFlow resource variables, each updated in place by TensorFlow's own `ResourceApplyAdam`: on a GPU, or
 * where the kit's kernels could not be compiled.
 */
export function resourceMoments(weights: ReadonlyMap<string, tf.Tensor>): AdamMoments {
  const slots = new Map([...weights].map(([name, weight]) => [name, resourceSlot(weight)]));
  return {
    update: (updates, step) => updates.map((update) => slots.get(update.name)!.update(update, step)),
    get: (name) => slots.get(name)!.moments(),
    set: (name, first, second) => slots.get(name)!.setMoments(first, second),
    dispose() {
      for (const slot of slots.values()) slot.dispose();
    },
  };
}

// A weight read from its variable shares its memory: it is released before the update, else TensorFlow would copy it.
function resourceSlot(initial: tf.Tensor) {
  const variable = (value: tf.Tensor): tf.Tensor => {
    const shape = { shape: initial.shape };
    const attributes = { types: ['dtype'], shapes: shape, strings: { shared_name: ANONYMOUS } };
    const handle = tf.keep(tensorflowOp('VarHandleOp', [], { attributes })[0]);
    assign(handle, value);
    return handle;
  };
  const assign = (handle: tf.Tensor, value: tf.Tensor) => {
    const copy = value.add(0); // the variable takes the tensor's memory as its own
    tensorflowOp('AssignVariableOp', [handle, copy], { attributes: { types: ['dtype'] }, outputs: 0 });
    copy.dispose();
  };
  const read = (handle: tf.Tensor) => tensorflowOp('ReadVariableOp', [handle], { attributes: { types: ['dtype'] } })[0];

  const weightVariable = variable(initial);
  const first = tf.tidy(() => variable(tf.zerosLike(initial)));
  const second = tf.tidy(() => variable(tf.zerosLike(initial)));
  let current = initial.dataId; // of the tensor that was last read from the variable
  return {
    update({ weight, gradient, rate, decay }: WeightUpdate, { beta1, beta2, epsilon, count, scale }: AdamStep) {
      return tf.tidy(() => {
        if (weight.dataId !== current) assign(weightVariable, weight); // someone loaded other weights
        if (decay > 0) {
          const inputs = [weightVariable, tf.scalar(rate * decay), weight];
          const attributes = { types: ['T'], flags: { use_locking: false } };
          tensorflowOp('ResourceApplyGradientDescent', inputs, { attributes, outputs: 0 });
        }
        weight.dispose();
        // TensorFlow adds its epsilon before the bias correction of v, PyTorch after it.
        const epsilonHat = epsilon * Math.sqrt(1 - beta2 ** count);
        const scalars = [beta1 ** count, beta2 ** count, rate, beta1, beta2, epsilonHat].map((x) => tf.scalar(x));
        const inputs = [weightVariable, first, second, ...scalars, gradient.mul(scale)];
        const attributes = { types: ['T'], flags: { use_locking: false, use_nesterov: false } };
        tensorflowOp('ResourceApplyAdam', inputs, { attributes, outputs: 0 });
        const updated = read(weightVariable);
        current = updated.dataId;
        return updated;
      });
    },
    moments: () => [first, second].map((handle) => tf.tidy(() => read(handle).add(0))) as [tf.Tensor, tf.Tensor],
    setMoments(newFirst: tf.Tensor, newSecond: tf.Tensor) {
      assign(first, newFirst);
      assign(second, newSecond);
    },
    dispose() {
      for (const handle of [weightVariable, first, second]) {
        const attributes = { flags: { ignore_lookup_error: false } };
        tensorflowOp('DestroyResourceOp', [handle], { attributes, outputs: 0 });
        handle.dispose();
      }
    },
  };
}
