import * as tf from '@tensorflow/tfjs';
import type { Encoder } from '../model/encoder';
import type { EcgSource } from '../pretrain/ecg-source';
import { namedByBatchSize } from '../pretrain/out-of-memory';
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
 * @throws OutOfMemoryError when the backend is refused memory
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
    const embedded = await embeddingsOf(encoder, ecgs, pooling).catch((error) => {
      throw namedByBatchSize(error, { what: 'features', batchSize: batch.length });
    });
    values.set(embedded, start * columns);
    onBatch?.(start + batch.length);
    await new Promise(setImmediate); // lets signals and progress through
  }
  return { values, rows: rows.length, columns };
}

/** `[batch, column]` of ECGs `[batch, lead, sample]`. */
async function embeddingsOf(encoder: Encoder, ecgs: Float32Array, pooling?: Readout): Promise<Float32Array> {
  const batch = ecgs.length / (LEADS.length * SAMPLES);
  const embeddings = tf.tidy(() => {
    const signal = tf.tensor3d(ecgs, [batch, LEADS.length, SAMPLES]);
    return pooling === 'statistics' ? encoder.embedStatistics(signal) : encoder.embed(signal, { pooling });
  });
  try {
    return await embeddings.data<'float32'>();
  } finally {
    embeddings.dispose();
  }
}
