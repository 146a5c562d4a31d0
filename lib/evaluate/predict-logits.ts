import * as tf from '@tensorflow/tfjs';
import type { Task } from '../metrics/tasks';
import type { EcgSource } from '../pretrain/ecg-source';
import { namedByBatchSize } from '../pretrain/out-of-memory';
import { LEADS, SAMPLES } from '../signal/leads';
import type { Classifier } from './classifier';

/**
 * What a classifier says of ECGs, one logit a task; it computes as a trained network does, by running statistics.
 *
 * @param ecgs the ECGs: a source, and which of its rows, in this order; default all
 * @param options.batchSize ECGs at a time; changes memory and speed, and the result by rounding only; default 128
 * @param options.signal stops between two batches
 * @param options.onBatch told how many ECGs are done
 * @throws OutOfMemoryError when the backend is refused memory
 * @returns `[row]` a task
 */
export async function predictLogits<Name extends string = Task>(
  classifier: Classifier<Name>,
  { source, rows }: { source: EcgSource; rows?: ArrayLike<number> },
  {
    batchSize = 128,
    signal,
    onBatch,
  }: { batchSize?: number; signal?: AbortSignal; onBatch?: (done: number) => void } = {},
): Promise<Record<Name, Float64Array>> {
  const { tasks } = classifier;
  const chosen = rows ?? source.recordIds.map((_, row) => row);
  const logits = tasks.map(() => new Float64Array(chosen.length));
  const buffer = new Float32Array(Math.min(batchSize, chosen.length) * LEADS.length * SAMPLES);
  for (let start = 0; start < chosen.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch: number[] = Array.prototype.slice.call(chosen, start, start + batchSize);
    const out = buffer.subarray(0, batch.length * LEADS.length * SAMPLES);
    const ecgs = source.read(batch, out);
    const values = await logitsOf(classifier, ecgs).catch((error) => {
      throw namedByBatchSize(error, { what: 'prediction', batchSize: batch.length });
    });
    for (let i = 0; i < values.length; i++) logits[i % tasks.length][start + Math.floor(i / tasks.length)] = values[i];
    onBatch?.(start + batch.length);
    await new Promise(setImmediate); // lets signals and progress through
  }
  return Object.fromEntries(tasks.map((task, i) => [task, logits[i]])) as Record<Name, Float64Array>;
}

/** `[batch, task]` of ECGs `[batch, lead, sample]`. */
async function logitsOf(classifier: Classifier<string>, ecgs: Float32Array): Promise<Float32Array> {
  const batch = ecgs.length / (LEADS.length * SAMPLES);
  const tensor = tf.tidy(() => classifier.logits(tf.tensor3d(ecgs, [batch, LEADS.length, SAMPLES])));
  try {
    return await tensor.data<'float32'>();
  } finally {
    tensor.dispose();
  }
}
