import * as tf from '@tensorflow/tfjs';

/** What is used of the TensorFlow binding's backend; tfjs-node publishes no types for it. */
interface TensorFlowBackend {
  readonly binding: { [constant: string]: number };
  executeMultipleOutputs(op: string, attributes: object[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}

/** Attributes of a TensorFlow op by their kind; `types` are set to float32. */
export interface OpAttributes {
  readonly types?: readonly string[];
  readonly integers?: Readonly<Record<string, number>>;
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly strings?: Readonly<Record<string, string>>;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** The binding's constants for the kinds of attributes that hold a value. */
const TYPES = {
  integers: 'TF_ATTR_INT',
  flags: 'TF_ATTR_BOOL',
  strings: 'TF_ATTR_STRING',
  shapes: 'TF_ATTR_SHAPE',
} as const satisfies { readonly [kind in keyof OpAttributes]: string };
const KINDS = Object.keys(TYPES) as (keyof typeof TYPES)[];

/**
 * Runs one of TensorFlow's own ops that TensorFlow.js does not offer; on the `tensorflow` backend alone.
 *
 * No gradient is recorded: call it inside `tf.customGrad`.
 *
 * @param op its name in TensorFlow, such as `ReluGrad`
 * @param inputs in TensorFlow's order
 * @param options.outputs how many tensors it gives; default 1
 */
export function tensorflowOp(
  op: string,
  inputs: tf.Tensor[],
  { attributes = {}, outputs = 1 }: { attributes?: OpAttributes; outputs?: number } = {},
): tf.Tensor[] {
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const { binding } = backend;
  const list: object[] = [];
  for (const name of attributes.types ?? []) list.push({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT });
  for (const kind of KINDS) {
    const values = attributes[kind];
    for (const name in values) list.push({ name, type: binding[TYPES[kind]], value: values[name] });
  }
  return backend.executeMultipleOutputs(op, list, inputs, outputs);
}
