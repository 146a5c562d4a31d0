import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { KitError, MissingFileError } from '../errors';
import { ECG_SIZE } from './augmentation';
import type { BatchFeed, BatchFeedOptions, FedBatch } from './batch-feed';
import { type BatchAnswer, type BatchFault, type BatchOrder, type BatchWorkerSettings, buffersOf } from './batch-order';
import type { StoreRows } from './ecg-source';
import type { PlannedBatch } from './patient-batches';

/**
 * Batches that a worker thread reads and augments while the one before is trained on.
 *
 * Two sets of buffers change hands: the worker fills one while the training reads the other.
 */
export function batchesAhead(
  plan: Iterator<PlannedBatch, undefined>,
  patientIds: readonly string[],
  stores: readonly StoreRows[],
  { batchSize, seed, augmentation }: BatchFeedOptions,
): BatchFeed {
  const places = stores.map(({ folder, manifest }) => ({ folder, manifest }));
  const workerData: BatchWorkerSettings = { stores: places, seed, augmentation };
  const worker = new Worker(workerFile(), { workerData, execArgv: [] });
  const ordered: PlannedBatch[] = [];
  const answers: BatchAnswer[] = [];
  let failure: Error | undefined;
  let wake = () => {};
  worker.on('message', (answer: BatchAnswer) => {
    answers.push(answer);
    wake();
  });
  const answered = () =>
    new Promise<void>((resume) => {
      wake = resume;
    });
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the worker that reads the batches ended with exit code ${code}`)));

  const order = (buffers: Pick<BatchOrder, 'ecgs' | 'views'>) => {
    const batch = plan.next().value;
    if (batch === undefined) return; // the training ends before
    const { step, rows } = batch;
    const wanted: BatchOrder = { ...buffers, step, ...inStores(rows, stores) };
    worker.postMessage(wanted, buffersOf(wanted));
    ordered.push(batch);
  };
  for (let i = 0; i < 2; i++) {
    const views = augmentation === undefined ? undefined : new Float32Array(2 * batchSize * ECG_SIZE);
    order({ ecgs: new Float32Array(batchSize * ECG_SIZE), views });
  }
  let used: FedBatch | undefined;
  return {
    async next() {
      if (used !== undefined) order({ ecgs: used.ecgs, views: used.views });
      while (answers.length === 0 && failure === undefined) await answered();
      const answer = answers.shift();
      if (answer === undefined) throw failure;
      if ('fault' in answer) throw errorOf(answer.fault);
      const batch = ordered.shift()!;
      const { ecgs, views } = answer;
      used = { ...batch, ecgs, views, patientIds: Array.from(batch.rows, (row) => patientIds[row]) };
      return used;
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** The stores and the rows in them of rows of a source. */
function inStores(rows: Int32Array, stores: readonly StoreRows[]): Pick<BatchOrder, 'storeOf' | 'rows'> {
  const storeOf = new Int32Array(rows.length);
  const inStore = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    let [store, left] = [0, row];
    while (left >= stores[store].rows.length) left -= stores[store++].rows.length;
    storeOf[i] = store;
    inStore[i] = stores[store].rows[left];
  });
  return { storeOf, rows: inStore };
}

/** The worker's program beside this file; beside the TypeScript sources, which tests run on, that of the last build. */
function workerFile(): string {
  const places = [join(__dirname, 'batch-worker.js'), join(__dirname, '../dist/pretrain/batch-worker.js')];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    const actual = 'none: `npm run build` makes it';
    throw new MissingFileError('compiled worker', { expected: 'a program', actual, where: { file: places[0] } });
  }
  return found;
}

function errorOf({ tag, message, expected, actual, where }: BatchFault): Error {
  if (tag === undefined) return new Error(message);
  return Object.assign(new KitError(tag, message, { expected, actual, where }), { message });
}
