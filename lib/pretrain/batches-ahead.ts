import { Worker } from 'node:worker_threads';
import { compiledProgram } from '../io/compiled-program';
import { receivedFault } from '../sent-fault';
import { ECG_SIZE } from './augmentation';
import type { BatchFeed, BatchFeedOptions, FedBatch } from './batch-feed';
import { type BatchAnswer, type BatchOrder, type BatchWorkerSettings, buffersOf } from './batch-order';
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
  const worker = new Worker(compiledProgram(__dirname, 'batch-worker.js', 'pretrain'), { workerData, execArgv: [] });
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
      if ('fault' in answer) throw receivedFault(answer.fault);
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
