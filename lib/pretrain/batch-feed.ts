import { type AugmentationOptions, ECG_SIZE, viewsOfStep } from './augmentation';
import { batchesAhead } from './batches-ahead';
import type { EcgSource } from './ecg-source';
import type { EcgBatch } from './objective';
import { type PlannedBatch, plannedBatches } from './patient-batches';

/** A step's batch with its ECGs, and its views where the method takes them. */
export type FedBatch = EcgBatch & PlannedBatch;

/** The batches of a training, one after the other, in buffers that are used again: memory does not grow. */
export interface BatchFeed {
  /** The next batch; the arrays of the one before it are overwritten and must not be read any more. */
  next(): Promise<FedBatch>;
  close(): Promise<void>;
}

/** What decides the batches of a training, besides its ECGs. */
export interface BatchFeedOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** 0-based step to begin with. */
  readonly first: number;
  /** Steps of the whole training; no batch is asked for beyond. */
  readonly steps: number;
  /** How views are drawn; undefined for a method that takes none. */
  readonly augmentation: AugmentationOptions | undefined;
}

/**
 * Opens the feed of a training. ECGs of stores are read and augmented by a worker thread while the step before trains;
 * others when they are asked for. Both ways give the same batches.
 *
 * @throws MissingFileError when the worker's compiled program is missing
 */
export function openBatchFeed(source: EcgSource, options: BatchFeedOptions): BatchFeed {
  const plan = plannedBatches(source.patientIds, options);
  if (source.stores !== undefined) return batchesAhead(plan, source.patientIds, source.stores, options);
  const { batchSize, seed, augmentation } = options;
  const ecgBuffer = new Float32Array(batchSize * ECG_SIZE);
  const out = augmentation === undefined ? undefined : new Float32Array(2 * batchSize * ECG_SIZE);
  return {
    async next() {
      const batch = plan.next().value!;
      const { step, rows } = batch;
      const ecgs = source.read(rows, ecgBuffer);
      const views =
        augmentation === undefined ? undefined : viewsOfStep(ecgs, { seed, step, options: augmentation, out });
      return { ...batch, ecgs, views, patientIds: Array.from(rows, (row) => source.patientIds[row]) };
    },
    async close() {},
  };
}
