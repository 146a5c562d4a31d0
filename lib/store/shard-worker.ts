import type { Dataset } from '../datasets/dataset';
import { datasetFormat } from '../datasets/registry';
import { FormatError } from '../errors';
import { lockFolder } from '../io/folder-lock';
import { sentFault } from '../sent-fault';
import { ShardMaker } from './shard-maker';
import { sourceHash } from './store-plan';
import type { DatasetOpener, WorkerAnswer, WorkerOrder, WorkerSettings } from './worker-messages';

// The program of a worker process behind worker-pool.ts: makes the shards that it is sent.

/** Records between two messages. */
const EVERY = 16;

let maker: ShardMaker | undefined;
let unlock = () => {};

process.on('message', (order: WorkerOrder) => {
  handle(order).catch((error) => {
    unlock();
    answer({ fault: sentFault(error) });
  });
});
process.on('disconnect', async () => {
  await maker?.flush().catch(() => {}); // what has been computed is not lost
  unlock();
  process.exit(0); // stopped, or the process that sent the shards is gone
});
// a terminal sends these to all its processes; the one that sends the shards says when to stop
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function handle(order: WorkerOrder): Promise<void> {
  if ('settings' in order) {
    maker = await start(order.settings);
    answer({ ready: true });
    return;
  }
  const { shard } = order;
  let counts = { done: 0, rejected: 0 };
  await maker!.make(shard, {
    onRecord(done, rejected) {
      counts = { done, rejected };
      if (done % EVERY === 0) answer({ shard, ...counts });
    },
  });
  answer({ shard, ...counts });
  answer({ computed: shard });
  await maker!.flush();
  answer({ made: shard });
}

async function start({ folder, opener, plan, lock }: WorkerSettings): Promise<ShardMaker> {
  unlock = lockFolder(folder, { file: lock });
  const dataset = await openDataset(opener);
  const source = sourceHash(dataset, plan);
  if (source !== plan.source) {
    const actual = `other rows or choices from ${opener.name}(${opener.arguments.map((it) => JSON.stringify(it)).join(', ')})`;
    throw new FormatError('dataset in the worker process', { expected: 'the same as in its parent', actual });
  }
  return new ShardMaker(folder, dataset, plan);
}

async function openDataset({ module, name, arguments: given }: DatasetOpener): Promise<Dataset> {
  if (module === undefined) return datasetFormat(name).open(given[0] as string, given[1] as object | undefined);
  const exported = require(module) as Record<string, (...given: unknown[]) => Dataset | Promise<Dataset>>;
  return exported[name](...given);
}

function answer(message: WorkerAnswer): void {
  // its parent may be gone, which `disconnect` tells
  if (process.connected) process.send!(message, undefined, undefined, () => {});
}
