import { parentPort, workerData } from 'node:worker_threads';
import { KitError } from '../errors';
import { ShardReader } from '../store/shard-reader';
import { viewsOfStep } from './augmentation';
import { type BatchAnswer, type BatchFault, type BatchOrder, type BatchWorkerSettings, buffersOf } from './batch-order';

// The program of the worker thread behind batches-ahead.ts: reads and augments the batches that it is sent.

const { folder, manifest, seed, augmentation }: BatchWorkerSettings = workerData;
const shards = new ShardReader(folder, manifest);

parentPort!.on('message', (order: BatchOrder) => {
  try {
    const { step, rows, ecgs, views: out } = order;
    shards.read(rows, ecgs);
    if (augmentation !== undefined) viewsOfStep(ecgs, { seed, step, options: augmentation, out });
    parentPort!.postMessage(order satisfies BatchAnswer, buffersOf(order));
  } catch (error) {
    parentPort!.postMessage({ fault: faultOf(error) } satisfies BatchAnswer);
  }
});

function faultOf(error: unknown): BatchFault {
  if (!(error instanceof KitError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { tag: undefined, message, expected: '', actual: '', where: {} };
  }
  const { tag, message, expected, actual, where } = error;
  return { tag, message, expected, actual, where };
}
