import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../lib/datasets/dataset';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { readCsv } from '../../lib/io/csv';
import { contentHash } from '../../lib/store/content-hash';
import { findDuplicates } from '../../lib/store/find-duplicates';
import { openStore } from '../../lib/store/open-store';
import { writeStore } from '../../lib/store/write-store';
import { realData } from '../real-data';
import { exampleDataset } from './example-dataset';

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'hybrid-ecg-duplicates-'));
}

/** A dataset in which record i shows the signal of `like[i]`, under its own name. */
function alike(like: readonly number[]): Dataset {
  const dataset = exampleDataset(like.length);
  return {
    ...dataset,
    read: (row) => {
      const { recordId, patientId, file } = row;
      return { ...dataset.read(dataset.rows[like[dataset.rows.indexOf(row)]]), recordId, patientId, file };
    },
  };
}

describe('contentHash', () => {
  it('tells values apart wherever they differ, by whatever bit', () => {
    const words = Int32Array.from({ length: 1003 }, (_, i) => Math.imul(i, 0x9e3779b1));
    const hashes = new Set([contentHash(words)]);
    expect(contentHash(words.slice())).toBe(contentHash(words));
    for (let i = 0; i < words.length; i++) {
      for (const bit of [0, 15, 31]) {
        const other = words.slice();
        other[i] ^= 1 << bit;
        hashes.add(contentHash(other));
      }
    }
    expect(hashes.size).toBe(1 + 3 * words.length);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('findDuplicates', () => {
  it('finds every later record that equals one before, also where hashes of others are equal', () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 80 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 7 }), (values, hashes) => {
        const found = findDuplicates({
          length: values.length,
          hashes: Uint32Array.from(values.flatMap((value) => [value % hashes, 4_294_967_295 - (value % hashes)])),
          same: (a, b) => values[a] === values[b],
        });
        const expected = values.flatMap((value, i) => (values.indexOf(value) < i ? [[i, values.indexOf(value)]] : []));
        expect([...found]).toEqual(expected);
      }),
    );
  });
});

describe('a store of a dataset with duplicates', () => {
  // in shards of 4 rows: twice in one shard, across shards, a shard of nothing else, three times
  const like = [0, 1, 1, 3, 4, 0, 6, 7, 3, 4, 1, 1, 12, 7];
  const first = [0, 1, 3, 4, 6, 7, 12];

  it.each([1, 3, 4, 20])('keeps the first of each, in shards of %i rows', async (recordsPerShard) => {
    const dataset = alike(like);
    const folder = temporary();
    const { manifest } = await writeStore(folder, dataset, { recordsPerShard });
    expect(manifest.rejected).toEqual({ duplicate: 7 });
    expect(manifest.records).toBe(7);
    const store = await openStore(folder, { verifyShards: true });
    expect(store.recordIds).toEqual(first.map((i) => String(100 + i)));
    const whole = temporary();
    await writeStore(whole, { ...dataset, rows: first.map((i) => dataset.rows[i]) });
    const all = Int32Array.from(first, (_, i) => i);
    expect(store.read(all)).toEqual((await openStore(whole)).read(all));
    expect(
      readCsv(join(folder, 'rejected.csv')).map(({ record_id, reason, detail }) => [record_id, reason, detail]),
    ).toEqual(
      [
        ['102', '101'],
        ['105', '100'],
        ['108', '103'],
        ['109', '104'],
        ['110', '101'],
        ['111', '101'],
        ['113', '107'],
      ].map(([later, same]) => [later, 'duplicate', `the same signal as record ${same}`]),
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.npy'))).toHaveLength(manifest.shards.length);
  });

  it('keeps them all where the settings say so', async () => {
    const { manifest } = await writeStore(temporary(), alike(like), { quality: { rejectDuplicates: false } });
    expect(manifest).toMatchObject({ records: 14, rejected: {}, quality: { rejectDuplicates: false } });
  });

  it('goes on after a stop while duplicates are taken out, with the same bytes', async () => {
    const dataset = alike(like);
    const whole = temporary();
    await writeStore(whole, dataset, { recordsPerShard: 4 });
    const folder = temporary();
    // a row that cannot be told fails the call after the shards, when the index is made
    const rows = dataset.rows.map((row) => ({ ...row }));
    const last = rows[12].recordId;
    let asked = 0;
    Object.defineProperty(rows[12], 'recordId', {
      enumerable: true,
      get() {
        if (asked++ > 0) throw new Error('stopped here');
        return last;
      },
    });
    const stopped = {
      ...dataset,
      rows,
      read: (row: (typeof rows)[0]) => dataset.read(dataset.rows[rows.indexOf(row)]),
    };
    await expect(writeStore(folder, stopped, { recordsPerShard: 4 })).rejects.toThrow('stopped here');
    expect(readdirSync(folder)).not.toContain('manifest.json');
    await writeStore(folder, dataset, { recordsPerShard: 4 });
    const bytes = (of: string) =>
      readdirSync(of).map((name) => [name, readFileSync(join(of, name)).toString('base64')]);
    expect(bytes(folder)).toEqual(bytes(whole));
  });

  const folder = realData('ptb-xl-500hz-500');
  it.skipIf(folder === undefined)(
    'finds records that PTB-XL 1.0.3 has taken out (skipped without real ECGs)',
    async () => {
      const to = temporary();
      // the set's table still has them; the publisher's of today has not
      const { manifest } = await writeStore(to, openPtbXl(folder!));
      expect(manifest.rejected).toEqual({ duplicate: 5 });
      const found = readCsv(join(to, 'rejected.csv')).map(({ record_id, detail }) => [
        record_id,
        detail.split(' ').at(-1),
      ]);
      expect(found).toEqual([
        ['138', '137'],
        ['144', '143'],
        ['457', '456'],
        ['460', '459'],
        ['463', '145'],
      ]);
    },
  );
});
