import * as tf from '@tensorflow/tfjs';
import type { Encoder, Pooling } from '../model/encoder';
import type { EcgSource } from '../pretrain/ecg-source';
import { LEADS, SAMPLES } from '../signal/leads';
import type { FeatureMatrix } from './feature-matrix';

/**
 * The frozen encoder's embeddings of ECGs (section 3.2, linear probing).
 *
 * @param source the ECGs
 * @param rows which of them, in this order
 * @param options.pooling what stands for an ECG: the mean of its patch tokens (default), or its CLS token
 * @param options.batchSize ECGs at a time; changes memory and speed, not the result
 * @returns `[rows.length, embeddingSize]`
 */
export async function extractFeatures(
  encoder: Encoder,
  { source, rows }: { source: EcgSource; rows: ArrayLike<number> },
  {
    pooling,
    batchSize = 128,
    signal,
    onBatch,
  }: { pooling?: Pooling; batchSize?: number; signal?: AbortSignal; onBatch?: (done: number) => void } = {},
): Promise<FeatureMatrix> {
  const columns = encoder.architecture.embeddingSize;
  const values = new Float32Array(rows.length * columns);
  for (let start = 0; start < rows.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = Array.prototype.slice.call(rows, start, start + batchSize);
    const ecgs = source.read(batch);
    const embeddings = tf.tidy(() =>
      encoder.embed(tf.tensor3d(ecgs, [batch.length, LEADS.length, SAMPLES]), { pooling }),
    );
    values.set(await embeddings.data(), start * columns);
    embeddings.dispose();
    onBatch?.(start + batch.length);
    await new Promise(setImmediate); // lets signals and progress through
  }
  return { values, rows: rows.length, columns };
}
