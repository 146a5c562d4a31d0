import * as tf from '@tensorflow/tfjs';
import type { Encoder } from '../model/encoder';
import type { EcgSource } from '../pretrain/ecg-source';
import { LEADS, SAMPLES } from '../signal/leads';
import type { FeatureMatrix } from './feature-matrix';
import type { Readout } from './readout';

/**
 * The frozen encoder's embeddings of ECGs (section 3.2, linear probing).
 *
 * @param source the ECGs
 * @param rows which of them, in this order
 * @param options.pooling what is read of an ECG; default `mean`
 * @param options.batchSize ECGs at a time; changes memory and speed, and the result by rounding only
 * @returns `[rows.length, embeddingSize]`, of `statistics` `(2 * (blockDepth + 1) + 1) * embeddingSize` columns
 */
export async function extractFeatures(
  encoder: Encoder,
  { source, rows }: { source: EcgSource; rows: ArrayLike<number> },
  {
    pooling,
    batchSize = 128,
    signal,
    onBatch,
  }: { pooling?: Readout; batchSize?: number; signal?: AbortSignal; onBatch?: (done: number) => void } = {},
): Promise<FeatureMatrix> {
  const { embeddingSize, blockDepth } = encoder.architecture;
  const columns = pooling === 'statistics' ? (2 * (blockDepth + 1) + 1) * embeddingSize : embeddingSize;
  const values = new Float32Array(rows.length * columns);
  for (let start = 0; start < rows.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = Array.prototype.slice.call(rows, start, start + batchSize);
    const ecgs = source.read(batch);
    const embeddings = tf.tidy(() => {
      const signal = tf.tensor3d(ecgs, [batch.length, LEADS.length, SAMPLES]);
      return pooling === 'statistics' ? encoder.embedStatistics(signal) : encoder.embed(signal, { pooling });
    });
    values.set(await embeddings.data(), start * columns);
    embeddings.dispose();
    onBatch?.(start + batch.length);
    await new Promise(setImmediate); // lets signals and progress through
  }
  return { values, rows: rows.length, columns };
}
