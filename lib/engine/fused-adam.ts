import * as tf from '@tensorflow/tfjs';
import type { AdamSlot } from './adam-slot';

/** What is used of the TensorFlow binding's backend; tfjs-node publishes no types for it. */
interface TensorFlowBackend {
  readonly binding: { [constant: string]: number };
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(op: string, attributes: OpAttribute[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}

interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** TensorFlow's own name for a variable that no other handle can reach (`ResourceHandle::ANONYMOUS_NAME`). */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/**
 * A weight as TensorFlow resource variables, updated in place by `ResourceApplyAdam`.
 *
 * That kernel takes one pass over weight, moments and gradient where plain ops take a dozen. A weight read from its
 * variable shares its memory, so it is released before the update; otherwise TensorFlow would copy it first.
 */
export function fusedSlot(initial: tf.Tensor): AdamSlot {
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const { binding } = backend;
  const float = (name: string): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT });
  const flag = (name: string): OpAttribute => ({ name, type: binding.TF_ATTR_BOOL, value: false });
  const variable = (value: tf.Tensor): tf.Tensor => {
    const shape = { name: 'shape', type: binding.TF_ATTR_SHAPE, value: initial.shape };
    const name = { name: 'shared_name', type: binding.TF_ATTR_STRING, value: ANONYMOUS };
    const handle = tf.keep(backend.executeSingleOutput('VarHandleOp', [float('dtype'), shape, name], []));
    assign(handle, value);
    return handle;
  };
  const assign = (handle: tf.Tensor, value: tf.Tensor) => {
    const copy = value.add(0); // the variable takes the tensor's memory as its own
    backend.executeMultipleOutputs('AssignVariableOp', [float('dtype')], [handle, copy], 0);
    copy.dispose();
  };
  const read = (handle: tf.Tensor) => backend.executeSingleOutput('ReadVariableOp', [float('dtype')], [handle]);

  const weightVariable = variable(initial);
  const first = tf.tidy(() => variable(tf.zerosLike(initial)));
  const second = tf.tidy(() => variable(tf.zerosLike(initial)));
  let current = initial.dataId; // of the tensor that was last read from the variable
  return {
    update(old, gradient, { rate, decay, beta1, beta2, epsilon, count }) {
      return tf.tidy(() => {
        if (old.dataId !== current) assign(weightVariable, old); // someone loaded other weights
        if (decay > 0) {
          const inputs = [weightVariable, tf.scalar(rate * decay), old];
          backend.executeMultipleOutputs('ResourceApplyGradientDescent', [float('T'), flag('use_locking')], inputs, 0);
        }
        old.dispose();
        // TensorFlow adds its epsilon before the bias correction of v, PyTorch after it.
        const epsilonHat = epsilon * Math.sqrt(1 - beta2 ** count);
        const scalars = [beta1 ** count, beta2 ** count, rate, beta1, beta2, epsilonHat].map((x) => tf.scalar(x));
        const attributes = [float('T'), flag('use_locking'), flag('use_nesterov')];
        const inputs = [weightVariable, first, second, ...scalars, gradient];
        backend.executeMultipleOutputs('ResourceApplyAdam', attributes, inputs, 0);
        const updated = read(weightVariable);
        current = updated.dataId;
        return updated;
      });
    },
    moments: () => [first, second].map((handle) => tf.tidy(() => read(handle).add(0))) as [tf.Tensor, tf.Tensor],
    setMoments(newFirst, newSecond) {
      assign(first, newFirst);
      assign(second, newSecond);
    },
    dispose() {
      for (const handle of [weightVariable, first, second]) {
        backend.executeMultipleOutputs('DestroyResourceOp', [flag('ignore_lookup_error')], [handle], 0);
        handle.dispose();
      }
    },
  };
}
