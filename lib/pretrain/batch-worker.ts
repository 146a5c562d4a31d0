import { parentPort, workerData } from 'node:worker_threads';
import { sentFault } from '../sent-fault';
import { ShardReader } from '../store/shard-reader';
import { ECG_SIZE, viewsOfStep } from './augmentation';
import { type BatchAnswer, type BatchOrder, type BatchWorkerSettings, buffersOf } from './batch-order';

// The program of the worker thread behind batches-ahead.ts: reads and augments the batches that it is sent.

const { stores, seed, augmentation }: BatchWorkerSettings = workerData;
const readers = stores.map(({ folder, manifest }) => new ShardReader(folder, manifest));

parentPort!.on('message', (order: BatchOrder) => {
  try {
    const { step, ecgs, views: out } = order;
    readEcgs(order);
    if (augmentation !== undefined) viewsOfStep(ecgs, { seed, step, options: augmentation, out });
    parentPort!.postMessage(order satisfies BatchAnswer, buffersOf(order));
  } catch (error) {
    parentPort!.postMessage({ fault: sentFault(error) } satisfies BatchAnswer);
  }
});

/** Reads neighbours of one store in one go. */
function readEcgs({ storeOf, rows, ecgs }: BatchOrder): void {
  for (let start = 0, end = 0; start < rows.length; start = end) {
    while (end < rows.length && storeOf[end] === storeOf[start]) end++;
    readers[storeOf[start]].read(rows.subarray(start, end), ecgs.subarray(start * ECG_SIZE, end * ECG_SIZE));
  }
}
