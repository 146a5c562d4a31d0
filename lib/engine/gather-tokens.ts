import * as tf from '@tensorflow/tfjs';

/**
 * Reorders the tokens of each sample: `out[b, i] = x[b, ids[b, i]]`, where `ids` is a permutation of all tokens.
 *
 * The gradient of a permutation is its inverse, again a gather: nothing is scattered, which the WebAssembly backend
 * cannot do and TensorFlow does slowly.
 *
 * @param x `[batch, token, dim]`
 * @param ids `[batch, token]`, in each row every token once
 * @param inverse `[batch, token]`, the inverse permutation, `inverse[b, ids[b, i]] = i`
 */
export function permuteTokens(x: tf.Tensor3D, ids: Int32Array, inverse: Int32Array): tf.Tensor3D {
  const permute = tf.customGrad((input) => ({
    value: gatherTokens(input as tf.Tensor3D, ids),
    gradFunc: (dy: tf.Tensor) => gatherTokens(dy as tf.Tensor3D, inverse),
  }));
  return permute(x) as tf.Tensor3D;
}

/**
 * Takes the listed rows of what all samples share: `out[b, i] = rows[ids[b, i]]`. For constants: no gradient is defined.
 *
 * @param rows `[token, dim]`
 * @param ids `[batch, kept]`
 * @returns `[batch, kept, dim]`
 */
export function gatherShared(rows: tf.Tensor2D, ids: Int32Array, batch: number): tf.Tensor3D {
  return tf.gather(rows, tf.tensor1d(ids, 'int32')).reshape([batch, ids.length / batch, rows.shape[1]]);
}

/**
 * Takes the listed tokens of each sample: `out[b, i] = x[b, ids[b, i]]`. For constants: no gradient is defined.
 *
 * @param x `[batch, token, dim]`
 * @param ids `[batch, kept]`
 * @returns `[batch, kept, dim]`
 */
export function gatherTokens(x: tf.Tensor3D, ids: Int32Array): tf.Tensor3D {
  const [batch, tokens, dim] = x.shape;
  const kept = ids.length / batch;
  const flat = ids.map((id, i) => Math.floor(i / kept) * tokens + id); // a row of [batch * token, dim]
  const rows = tf.gather(x.reshape<tf.Tensor2D>([batch * tokens, dim]), tf.tensor1d(flat, 'int32'));
  return rows.reshape([batch, kept, dim]);
}
