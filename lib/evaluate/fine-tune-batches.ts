import { type AugmentationOptions, augment, ECG_SIZE } from '../pretrain/augmentation';
import type { BatchFeed } from '../pretrain/batch-feed';
import { batchesAhead } from '../pretrain/batches-ahead';
import type { EcgSource } from '../pretrain/ecg-source';
import type { PlannedBatch } from '../pretrain/patient-batches';
import { randomStream } from '../random';

/** A step's batch. */
export interface LabelledBatch {
  readonly epoch: number;
  /** Rows of the source. */
  readonly rows: Int32Array;
  /** `[batch, lead, sample]`, mV, augmented where that is asked for; overwritten by the next batch. */
  readonly ecgs: Float32Array;
}

/** What decides the batches of a fine-tuning, besides its ECGs. */
export interface LabelledBatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** 0-based step to begin with. */
  readonly first: number;
  /** Steps of the whole training. */
  readonly steps: number;
  /** How an ECG is changed each time it is seen; default: not at all. */
  readonly augmentation?: AugmentationOptions;
}

/**
 * Opens the batches of a fine-tuning: the ECGs in a new random order each epoch. ECGs of a store are read by a worker
 * thread while the step before trains; others when they are asked for.
 *
 * @throws MissingFileError when the worker's compiled program is missing
 */
export function openLabelledBatches(
  source: EcgSource,
  { augmentation, ...options }: LabelledBatchOptions,
): { next(): Promise<LabelledBatch>; close(): Promise<void> } {
  const { batchSize, seed } = options;
  const plan = shuffledBatches(source.recordIds.length, options);
  const feed: BatchFeed =
    source.stores === undefined
      ? readWhenAsked(plan, source, batchSize)
      : batchesAhead(plan, source.patientIds, source.stores, { ...options, augmentation: undefined });
  const views = augmentation === undefined ? undefined : new Float32Array(batchSize * ECG_SIZE);
  return {
    async next() {
      const { step, epoch, rows, ecgs } = await feed.next();
      if (views === undefined) return { epoch, rows, ecgs };
      const stream = randomStream(seed, 'views', step);
      for (let start = 0; start < ecgs.length; start += ECG_SIZE) {
        const end = start + ECG_SIZE;
        augment(ecgs.subarray(start, end), views.subarray(start, end), { stream, options: augmentation });
      }
      return { epoch, rows, ecgs: views };
    },
    close: () => feed.close(),
  };
}

/**
 * The batches of a training from a step on: each epoch a new random order, cut into whole batches. What does not fill a
 * last batch is left out of that epoch, for batch norms do not bear small ones.
 */
function* shuffledBatches(
  ecgs: number,
  { batchSize, seed, first, steps }: Omit<LabelledBatchOptions, 'augmentation'>,
): Generator<PlannedBatch, undefined> {
  const perEpoch = Math.floor(ecgs / batchSize);
  const rowNumbers = Int32Array.from({ length: ecgs }, (_, row) => row);
  for (let step = first; step < steps; ) {
    const epoch = Math.floor(step / perEpoch);
    const order = Int32Array.from(randomStream(seed, 'fine-tuning', 'order', epoch).shuffled(rowNumbers));
    for (let i = step % perEpoch; i < perEpoch && step < steps; i++, step++) {
      yield { step, epoch, rows: order.slice(i * batchSize, (i + 1) * batchSize) };
    }
  }
}

function readWhenAsked(plan: Iterator<PlannedBatch, undefined>, source: EcgSource, batchSize: number): BatchFeed {
  const buffer = new Float32Array(batchSize * ECG_SIZE);
  return {
    async next() {
      const batch = plan.next().value!;
      const patientIds = Array.from(batch.rows, (row) => source.patientIds[row]);
      return { ...batch, ecgs: source.read(batch.rows, buffer), patientIds };
    },
    async close() {},
  };
}
