import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, FormatError, MissingFileError } from '../../lib/errors';
import { randomStream } from '../../lib/random';
import { type EcgStore, openStore } from '../../lib/store/open-store';
import { writeStore } from '../../lib/store/write-store';
import { exampleDataset } from './example-dataset';

const SIZE = 12 * 2500;

describe.each(['float32', 'int16'] as const)('batches of a store of %s', (type) => {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-batches-'));
  let store: EcgStore;
  beforeAll(async () => {
    await writeStore(folder, exampleDataset(40), { recordsPerShard: 6, type });
    store = await openStore(folder);
  });
  const { uniform } = randomStream(2, 'batches');
  const order = Array.from({ length: 9 }, (_, i) =>
    Int32Array.from({ length: i % 4 === 3 ? 0 : 5 }, () => Math.floor(40 * uniform())),
  );

  it.each([1, 2, 20])('are what read gives, in the order asked for, %i ahead', async (ahead) => {
    const seen: ArrayLike<number>[] = [];
    for await (const { rows, ecgs } of store.batches(order, { ahead })) {
      expect(ecgs).toHaveLength(rows.length * SIZE);
      expect(Buffer.compare(Buffer.from(ecgs.buffer), Buffer.from(store.read(rows).buffer))).toBe(0);
      seen.push(rows);
    }
    expect(seen).toEqual(order);
  });

  it('are read while the caller works, and asked for one by one', async () => {
    let asked = 0;
    function* counted() {
      for (const rows of order) {
        asked++;
        yield rows;
      }
    }
    const batches = store.batches(counted());
    await batches.next();
    expect(asked).toBe(2);
    await batches.next();
    expect(asked).toBe(3);
    await batches.return();
    await setTimeout(10);
    expect(asked).toBe(3);
  });

  it('may be of more shards than files may be open', async () => {
    const many = mkdtempSync(join(tmpdir(), 'hybrid-ecg-many-'));
    await writeStore(many, exampleDataset(300), { recordsPerShard: 2, type });
    const wide = await openStore(many);
    const rows = Int32Array.from({ length: 150 }, (_, i) => 2 * i);
    for await (const { ecgs } of wide.batches([rows, rows.toReversed(), rows], { ahead: 2 })) {
      expect(ecgs).toHaveLength(150 * SIZE);
    }
    wide.close();
  });

  it('refuse what read refuses, when the batch at fault comes', async () => {
    const batches = store.batches([[1], [40], [2]]);
    expect((await batches.next()).value?.rows).toEqual([1]);
    await expect(batches.next()).rejects.toThrow(ArgumentError);
    await expect(store.batches([[1]], { ahead: 0 }).next()).rejects.toThrow(ArgumentError);
  });

  it('tell of files that have changed', async () => {
    const other = mkdtempSync(join(tmpdir(), 'hybrid-ecg-changed-'));
    await writeStore(other, exampleDataset(40), { recordsPerShard: 6, type });
    const open = await openStore(other);
    open.read([0]);
    truncateSync(join(other, 'shard-00000.npy'), 200);
    rmSync(join(other, 'shard-00001.npy'));
    await expect(open.batches([[3]]).next()).rejects.toThrow(FormatError);
    await expect(open.batches([[6]]).next()).rejects.toThrow(MissingFileError);
    open.close();
  });
});
