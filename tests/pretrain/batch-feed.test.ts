import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../lib/errors';
import { DEFAULT_AUGMENTATION, twoViews } from '../../lib/pretrain/augmentation';
import { type BatchFeed, type BatchFeedOptions, type FedBatch, openBatchFeed } from '../../lib/pretrain/batch-feed';
import { joinedSource } from '../../lib/pretrain/ecg-source';
import { plannedBatches } from '../../lib/pretrain/patient-batches';
import { randomStream } from '../../lib/random';
import { exampleStore } from './example-training';

const options: BatchFeedOptions = { batchSize: 8, seed: 3, first: 1, steps: 7, augmentation: DEFAULT_AUGMENTATION };

const hash = (array: Float32Array | undefined) =>
  array &&
  createHash('sha256')
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest('hex');

/** All batches, their arrays as hashes: a feed uses its buffers again. */
async function drain(feed: BatchFeed, { first, steps }: BatchFeedOptions) {
  const batches: (Omit<FedBatch, 'ecgs' | 'views'> & { ecgs?: string; views?: string })[] = [];
  try {
    for (let step = first; step < steps; step++) {
      const { ecgs, views, ...batch } = await feed.next();
      batches.push({ ...batch, ecgs: hash(ecgs), views: hash(views) });
    }
    return batches;
  } finally {
    await feed.close();
  }
}

describe('the batches of a training', () => {
  it.each([DEFAULT_AUGMENTATION, { ...DEFAULT_AUGMENTATION, scale: [0.5, 2] as const, noise: 0.005 }, undefined])(
    'are the same read ahead by a worker and in this thread: augmentation %o',
    async (augmentation) => {
      const { source, store, rows } = await exampleStore(25); // 3 batches an epoch, one ECG left out
      const ahead = await drain(openBatchFeed(source, { ...options, augmentation }), options);
      const here = await drain(openBatchFeed({ ...source, stores: undefined }, { ...options, augmentation }), options);
      expect(ahead).toEqual(here);
      expect(ahead.map(({ step, epoch }) => [step, epoch])).toEqual([
        [1, 0],
        [2, 0],
        [3, 1],
        [4, 1],
        [5, 1],
        [6, 2],
      ]);
      for (const { step, ecgs, views, patientIds, rows: chosen } of ahead) {
        const inStore = Array.from(chosen, (row) => rows[row]);
        const read = store.read(inStore);
        expect(ecgs).toBe(hash(read));
        expect(patientIds).toEqual(inStore.map((row) => store.patientIds[row]));
        const stream = randomStream(options.seed, 'views', step);
        expect(views).toBe(augmentation && hash(twoViews(read, { stream, options: augmentation })));
      }
    },
  );

  it('mix the ECGs of several datasets, each read from its own store', async () => {
    const [first, second] = [await exampleStore(9), await exampleStore(16)];
    const source = joinedSource(
      new Map([
        ['ptb-xl', first.source],
        ['code-15', second.source],
      ]),
    );
    const ahead = await drain(openBatchFeed(source, options), options);
    expect(ahead).toEqual(await drain(openBatchFeed({ ...source, stores: undefined }, options), options));
    let mixed = 0;
    for (const { ecgs, patientIds, rows } of ahead) {
      const places = Array.from(rows, (row) => (row < 9 ? { ...first, row } : { ...second, row: row - 9 }));
      mixed += new Set(places.map(({ store }) => store)).size - 1;
      const read = places.flatMap(({ store, rows, row }) => Array.from(store.read([rows[row]])));
      expect(ecgs).toBe(hash(Float32Array.from(read)));
      expect(patientIds).toEqual(
        places.map(({ store, rows, row }) => {
          return `${store === first.store ? 'ptb-xl' : 'code-15'}/${store.patientIds[rows[row]]}`;
        }),
      );
    }
    expect(mixed).toBeGreaterThan(2);
  });

  it('come in two sets of buffers that change hands, in no more', async () => {
    const { source } = await exampleStore(16);
    const feed = openBatchFeed(source, { ...options, steps: 9 });
    const first = await feed.next();
    expect(first.ecgs.length).toBe(8 * 12 * 2500);
    await feed.next();
    expect(first.ecgs.length).toBe(0); // handed over to the worker
    expect(first.views!.length).toBe(0);
    await feed.close();
    const here = openBatchFeed({ ...source, stores: undefined }, options);
    const { ecgs, views } = await here.next();
    const next = await here.next();
    expect(next.ecgs).toBe(ecgs);
    expect(next.views).toBe(views);
  });

  it('fail with the error that reading them has, its file named', async () => {
    const { source, store } = await exampleStore(16);
    const file = join(store.folder, 'shard-00001.npy');
    truncateSync(file, readFileSync(file).length - 100_000);
    const failed = drain(openBatchFeed(source, options), options);
    await expect(failed).rejects.toMatchObject({
      tag: 'FormatError',
      message: expect.stringMatching(/shard-00001\.npy: bytes: expected 840128 .*, got 740128$/),
    });
    await expect(failed).rejects.toBeInstanceOf(FormatError);
    writeFileSync(file, 'no array');
    await expect(drain(openBatchFeed(source, options), options)).rejects.toBeInstanceOf(FormatError);
  });

  it('go on from any step as if they had begun at the first', () => {
    const ids = Array.from({ length: 30 }, (_, row) => `patient ${row >> 1}`);
    const all = [...plannedBatches(ids, { batchSize: 8, seed: 0, first: 0, steps: 10 })];
    expect(all.map(({ step }) => step)).toEqual(Array.from({ length: 10 }, (_, step) => step));
    for (const first of [0, 1, 2, 3, 7, 10]) {
      expect([...plannedBatches(ids, { batchSize: 8, seed: 0, first, steps: 10 })]).toEqual(all.slice(first));
    }
  });
});
