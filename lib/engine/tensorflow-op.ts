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
  readonly floats?: Readonly<Record<string, number>>;
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly strings?: Readonly<Record<string, string>>;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Runs one of TensorFlow's own ops that TensorFlow.js does not offer; on the `tensorflow` backend alone.
 *
 * No gradient is recorded: call it inside `tf.customGrad`.
 *
 * @param op its name in TensorFlow, such as `FusedBatchNormV3`
 * @param inputs in TensorFlow's order
 * @param options.outputs how many tensors it gives; default 1
 */
export function tensorflowOp(
  op: string,
  inputs: tf.Tensor[],
  { attributes = {}, outputs = 1 }: { attributes?: OpAttributes; outputs?: number } = {},
): tf.Tensor[] {
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const { TF_ATTR_TYPE, TF_FLOAT, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_STRING, TF_ATTR_SHAPE } =
    backend.binding;
  const { types = [], integers = {}, floats = {}, flags = {}, strings = {}, shapes = {} } = attributes;
  const named = (values: Readonly<Record<string, unknown>>, type: number) =>
    Object.entries(values).map(([name, value]) => ({ name, type, value }));
  const list = [
    ...types.map((name) => ({ name, type: TF_ATTR_TYPE, value: TF_FLOAT })),
    ...named(integers, TF_ATTR_INT),
    ...named(floats, TF_ATTR_FLOAT),
    ...named(flags, TF_ATTR_BOOL),
    ...named(strings, TF_ATTR_STRING),
    ...named(shapes, TF_ATTR_SHAPE),
  ];
  return backend.executeMultipleOutputs(op, list, inputs, outputs);
}
