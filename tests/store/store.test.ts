import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetRow } from '../../lib/datasets/dataset';
import { SUPERCLASSES } from '../../lib/datasets/superclass';
import { ArgumentError, FormatError, MissingFileError, StaleError, StorageError } from '../../lib/errors';
import { readCsv } from '../../lib/io/csv';
import { standardise } from '../../lib/signal/standardise';
import { describeStore } from '../../lib/store/describe-store';
import { type EcgStore, openStore } from '../../lib/store/open-store';
import { type StoreProgress, writeStore } from '../../lib/store/write-store';
import { peerPython } from '../peer-python';
import { exampleDataset } from './example-dataset';

const SIZE = 12 * 2500;
const python = peerPython('numpy', 'pandas', 'pyarrow');

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'hybrid-ecg-store-'));
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** The bytes of every file of a store, by name. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}

function copyOf(folder: string): string {
  const copy = temporary();
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name));
  return copy;
}

describe('a store of 23 records in shards of 5 rows, every tenth two broken', () => {
  const dataset = exampleDataset(23, 10);
  const kept = dataset.rows.filter((_, i) => i % 10 < 8);
  const folder = temporary();
  let store: EcgStore;
  beforeAll(async () => {
    const { manifest, existed } = await writeStore(folder, dataset, { recordsPerShard: 5 });
    expect(existed).toBe(false);
    store = await openStore(folder);
    expect(store.manifest).toEqual(manifest);
  });
  afterAll(() => store.close());

  it('has the files that it should, and no others', () => {
    expect(readdirSync(folder).sort()).toEqual([
      'index.parquet',
      'manifest.json',
      'rejected.csv',
      ...['0', '1', '2', '3', '4'].map((shard) => `shard-0000${shard}.npy`),
    ]);
  });

  it('has in each shard what was kept of its five rows', () => {
    expect(store.manifest.shards.map(({ records }) => records)).toEqual([5, 3, 5, 3, 3]);
    expect(store.manifest).toMatchObject({ version: 3, type: '<f4', unit: 'mV', recordsPerShard: 5, saturated: 0 });
    expect(store.manifest.standardise).toEqual({ bandPass: null, zScore: false });
  });

  it('keeps ids, folds and labels in the order of the dataset', () => {
    expect(store.length).toBe(19);
    expect(store.recordIds).toEqual(kept.map((row) => row.recordId));
    expect(store.patientIds).toEqual(kept.map((row) => row.patientId));
    expect([...store.stratFold]).toEqual(kept.map((row) => row.stratFold));
    for (const name of SUPERCLASSES) {
      expect([...store.labels[name]]).toEqual(kept.map((row) => Number(row.superclasses!.includes(name))));
    }
  });

  it('reads any rows in any order, into any buffer', () => {
    const whole = kept.map((row) => standardise(dataset.read(row)));
    const rows = fc.array(fc.integer({ min: 0, max: 18 }), { maxLength: 12 });
    fc.assert(
      fc.property(rows, (rows) => {
        const out = new Float32Array((rows.length + 1) * SIZE).fill(7);
        expect(store.read(rows, out)).toBe(out);
        rows.forEach((row, i) => {
          expect(equal(out.subarray(i * SIZE, (i + 1) * SIZE), whole[row])).toBe(true);
        });
        expect(out[rows.length * SIZE]).toBe(7);
      }),
      { numRuns: 20 },
    );
    const all = store.read(Int32Array.from({ length: 19 }, (_, i) => i));
    expect(all).toHaveLength(19 * SIZE);
    expect(all.subarray(18 * SIZE)).toEqual(whole[18]);
  });

  it('opens its files again after close', () => {
    const before = store.read([3]);
    store.close();
    expect(store.read([3])).toEqual(before);
  });

  it.each([-1, 19, 0.5, Number.NaN])('refuses row %s', (row) => {
    expect(() => store.read([0, row])).toThrow(ArgumentError);
  });

  it('refuses a buffer that is too small', () => {
    expect(() => store.read([0, 1], new Float32Array(2 * SIZE - 1))).toThrow(ArgumentError);
  });

  it('lists every rejected record with its reason, wherever the dataset lies', () => {
    const row = (i: number) => {
      const { recordId, patientId, file } = dataset.rows[i];
      return { record_id: recordId, patient_id: patientId, file };
    };
    const cut = (i: number) => `records/${i}.dat: bytes: expected 240, got 7`;
    expect(readCsv(join(folder, 'rejected.csv'))).toEqual([
      { ...row(8), reason: 'unreadable', detail: cut(8) },
      { ...row(9), reason: 'no-signal', detail: 'all leads flat' },
      { ...row(18), reason: 'unreadable', detail: cut(18) },
      { ...row(19), reason: 'no-signal', detail: 'all leads flat' },
    ]);
    expect(store.manifest.rejected).toEqual({ unreadable: 2, 'no-signal': 2 });
  });

  it.each(['ENOSPC', 'EMFILE'])('stops when the system is out of something (%s), and goes on later', async (code) => {
    const own = mkdtempSync(join(tmpdir(), 'store-'));
    const cause = Object.assign(new Error(code), { code });
    const fault = new StorageError('temporary file', { expected: 'room', actual: code, cause });
    const read = (row: DatasetRow) => {
      if (row.file === 'records/13') throw fault;
      return dataset.read(row);
    };
    await expect(writeStore(own, { ...dataset, read }, { recordsPerShard: 8 })).rejects.toBe(fault);
    const { manifest } = await writeStore(own, dataset, { recordsPerShard: 8 });
    expect(manifest.records).toBe(store.manifest.records);
    rmSync(own, { recursive: true });
  });

  it('counts what it holds', () => {
    const description = describeStore(store);
    expect(description).toMatchObject({ dataset: 'example', records: 19, patients: 10 });
    expect(description.rejected).toEqual({ unreadable: 2, 'no-signal': 2 });
    expect(Object.values(description.folds).reduce((sum, n) => sum + n)).toBe(19);
    expect(description.superclasses!.NORM).toBe(kept.filter((row) => row.superclasses!.includes('NORM')).length);
    expect(description.unlabelled).toBe(kept.filter((row) => row.superclasses!.length === 0).length);
  });

  it('gives equal bytes when it is made again elsewhere, and another hash for other data', async () => {
    const again = temporary();
    const { manifest } = await writeStore(again, dataset, { recordsPerShard: 5 });
    expect(contents(again)).toEqual(contents(folder));
    const rows = dataset.rows.map((row, i) => (i === 3 ? { ...row, stratFold: 10 } : row));
    const other = await writeStore(temporary(), { ...dataset, rows }, { recordsPerShard: 5 });
    expect(other.manifest.hash).not.toBe(manifest.hash);
  });

  it('is not made twice, but made again for other options, without old shards', async () => {
    const copy = copyOf(folder);
    expect((await writeStore(copy, dataset, { recordsPerShard: 5 })).existed).toBe(true);
    const larger = await writeStore(copy, dataset, { recordsPerShard: 10 });
    expect(larger).toMatchObject({ existed: false, manifest: { records: 19 } });
    expect(larger.replaced).toBe('made from other rows or options');
    expect(readdirSync(copy).filter((name) => name.endsWith('.npy'))).toHaveLength(3);
    const strict = await writeStore(copy, dataset, { recordsPerShard: 10, quality: { maxAmplitudeMv: 1.5 } });
    expect(strict.existed).toBe(false);
    expect(strict.manifest.rejected['implausible-amplitude']).toBeGreaterThan(0);
  });

  it.skipIf(python === undefined)('opens in NumPy and pandas (skipped without a Python that has them)', () => {
    const code = `
import json, numpy, pandas, sys
index = pandas.read_parquet(sys.argv[1] + "/index.parquet")
shards = [numpy.load(f"{sys.argv[1]}/shard-{k:05d}.npy", mmap_mode="r") for k in range(5)]
rejected = pandas.read_csv(sys.argv[1] + "/rejected.csv")
sums = [float(shards[s][r].astype("f8").sum()) for s, r in zip(index["shard"], index["row"])]
print(json.dumps([list(index.columns), index["record_id"].tolist(), index["mi"].tolist(), [list(s.shape) for s in shards], str(shards[0].dtype), sums, len(rejected)]))
`;
    const found = JSON.parse(execFileSync(python!, ['-c', code, folder], { encoding: 'utf8' }));
    const [columns, ids, mi, shapes, type, sums, rejected] = found;
    expect(columns).toEqual(
      'dataset record_id patient_id shard row fs_hz samples strat_fold norm mi sttc cd hyp'.split(' '),
    );
    expect(ids).toEqual(store.recordIds);
    expect(mi).toEqual([...store.labels.MI]);
    expect(shapes).toEqual([5, 3, 5, 3, 3].map((records) => [records, 12, 2500]));
    expect(type).toBe('float32');
    expect(rejected).toBe(4);
    sums.forEach((sum: number, i: number) => {
      expect(sum).toBeCloseTo(
        store.read([i]).reduce((total, value) => total + value, 0),
        6,
      );
    });
  });

  describe('damaged', () => {
    const damage = async (change: (copy: string) => void, options = {}) => {
      const copy = copyOf(folder);
      change(copy);
      return openStore(copy, options).then(
        () => undefined,
        (error: Error) => error,
      );
    };
    const edit = (name: string, change: (text: string) => string) => (copy: string) => {
      writeFileSync(join(copy, name), change(readFileSync(join(copy, name), 'utf8')));
    };

    it.each<[string, (copy: string) => void, new (...args: never[]) => Error, RegExp]>([
      ['no folder', (copy) => rmSync(copy, { recursive: true }), MissingFileError, /expected manifest.json, got none/],
      ['no manifest', (copy) => rmSync(join(copy, 'manifest.json')), MissingFileError, /not standardised yet/],
      [
        'half a manifest',
        edit('manifest.json', (text) => text.slice(0, text.length / 2)),
        FormatError,
        /expected JSON/,
      ],
      ['an empty manifest', edit('manifest.json', () => ''), FormatError, /expected JSON/],
      ['null for a manifest', edit('manifest.json', () => 'null'), FormatError, /manifest/],
      [
        'another version',
        edit('manifest.json', (text) => text.replace('"version": 3', '"version": 2')),
        StaleError,
        /version of the standardised store: expected 3; npm run data -- standardise \S+ makes the store again, got 2/,
      ],
      [
        'a changed count',
        edit('manifest.json', (text) => text.replace('"records": 19', '"records": 18')),
        FormatError,
        /manifest hash/,
      ],
      [
        'an unknown field',
        edit('manifest.json', (text) => text.replace('{', '{"x": 1,')),
        FormatError,
        /Unrecognized key: "x"/,
      ],
      [
        'a shard missing',
        (copy) => rmSync(join(copy, 'shard-00002.npy')),
        MissingFileError,
        /shard-00002.npy: shard: expected a file/,
      ],
      [
        'a shard cut short',
        (copy) => truncateSync(join(copy, 'shard-00001.npy'), 359_999),
        FormatError,
        /shard-00001.npy: bytes of the shard: expected 360128 \(3 records\), got 359999/,
      ],
      ['no index', (copy) => rmSync(join(copy, 'index.parquet')), MissingFileError, /index.parquet/],
      [
        'a changed index',
        (copy) => truncateSync(join(copy, 'index.parquet'), 500),
        FormatError,
        /index.parquet: SHA-256/,
      ],
      [
        'a changed list of the rejected',
        edit('rejected.csv', (text) => text.replace('unreadable', 'fine')),
        FormatError,
        /rejected.csv: SHA-256/,
      ],
    ])('is refused with %s', async (_, change, type, message) => {
      const error = await damage(change);
      expect(error).toBeInstanceOf(type);
      expect(error!.message).toMatch(message);
    });

    const flip = (copy: string) => {
      const bytes = readFileSync(join(copy, 'shard-00003.npy'));
      bytes[100_000] ^= 1;
      writeFileSync(join(copy, 'shard-00003.npy'), bytes);
    };

    it('by one bit in a shard, is found when the hashes are asked for', async () => {
      expect(await damage(flip)).toBeUndefined();
      expect(await damage(flip, { verifyShards: true })).toBeInstanceOf(FormatError);
      expect(await damage(() => {}, { verifyShards: true })).toBeUndefined();
    });

    it('while it is open, is found on reading', async () => {
      const copy = copyOf(folder);
      const open = await openStore(copy);
      truncateSync(join(copy, 'shard-00000.npy'), 300_000);
      expect(() => open.read([4])).toThrow(FormatError);
      rmSync(join(copy, 'shard-00001.npy'));
      expect(() => open.read([5])).toThrow(MissingFileError);
      open.close();
    });

    it('is made again by writeStore', async () => {
      for (const [change, why] of [
        [(copy: string) => truncateSync(join(copy, 'shard-00001.npy'), 1000), /bytes of the shard: expected 360128/],
        [edit('manifest.json', (text) => text.replace('"version": 3', '"version": 2')), /expected 3; .*, got 2/],
      ] as const) {
        const copy = copyOf(folder);
        change(copy);
        const { existed, replaced } = await writeStore(copy, dataset, { recordsPerShard: 5 });
        expect(existed).toBe(false);
        expect(replaced).toMatch(why);
        expect(contents(copy)).toEqual(contents(folder));
      }
    });
  });
});

describe('writeStore', () => {
  it('stores nothing as well: all records rejected, or none there', async () => {
    for (const records of [2, 0]) {
      const folder = temporary();
      await writeStore(folder, exampleDataset(records, 2));
      const store = await openStore(folder);
      expect(store.length).toBe(0);
      expect(store.read([])).toHaveLength(0);
      expect(readCsv(join(folder, 'rejected.csv'))).toHaveLength(records);
    }
  });

  it('goes on after an abort, at any record, and ends with the same bytes', async () => {
    const dataset = exampleDataset(17, 7);
    const whole = temporary();
    await writeStore(whole, dataset, { recordsPerShard: 3 });
    const folder = temporary();
    for (const stopAt of [1, 5, 12, 17]) {
      const stop = new AbortController();
      const seen: number[] = [];
      const onProgress = ({ done, resumed }: { done: number; resumed: number }) => {
        seen.push(resumed);
        if (done === stopAt) stop.abort();
      };
      const options = { recordsPerShard: 3, onProgress, signal: stop.signal };
      if (stopAt < 17) {
        await expect(writeStore(folder, dataset, options)).rejects.toThrow(/abort/i);
        await expect(openStore(folder)).rejects.toThrow(MissingFileError);
      } else await writeStore(folder, dataset, options);
      expect(seen.every((resumed) => resumed === seen[0])).toBe(true);
      expect(seen[0]).toBe({ 1: 0, 5: 0, 12: 3, 17: 12 }[stopAt]);
    }
    expect(contents(folder)).toEqual(contents(whole));
  });

  it('makes a shard again that does not match its note, or that other rows have made', async () => {
    const dataset = exampleDataset(10);
    const whole = temporary();
    await writeStore(whole, dataset, { recordsPerShard: 4 });
    for (const spoil of [
      (folder: string) => writeFileSync(join(folder, 'shard-00000.npy'), Buffer.alloc(480_128)),
      (folder: string) => truncateSync(join(folder, 'shard-00001.npy'), 99),
      (folder: string) => rmSync(join(folder, 'shard-00000.npy')),
      (folder: string) => writeFileSync(join(folder, 'shard-00001.json'), '{"source":'),
      (folder: string) => {
        const note = join(folder, 'shard-00001.json'); // which says whose ECGs are in the shard
        const text = readFileSync(note, 'utf8');
        expect(text).toContain('"position":[4,5,6,7]');
        writeFileSync(note, text.replace('[4,5,6,7]', '[4,5,7,7]'));
      },
    ]) {
      const folder = temporary();
      const stop = new AbortController();
      const onProgress = ({ done }: { done: number }) => done === 9 && stop.abort();
      const aborted = writeStore(folder, dataset, { recordsPerShard: 4, onProgress, signal: stop.signal });
      await expect(aborted).rejects.toThrow(/abort/i);
      spoil(folder);
      await writeStore(folder, dataset, { recordsPerShard: 4 });
      expect(contents(folder)).toEqual(contents(whole));
    }
    const folder = temporary();
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 9 && stop.abort();
    const other = { ...exampleDataset(10), choices: { rate: 500 } };
    const aborted = writeStore(folder, other, { recordsPerShard: 4, onProgress, signal: stop.signal });
    await expect(aborted).rejects.toThrow(/abort/i);
    await writeStore(folder, dataset, { recordsPerShard: 4 });
    expect(contents(folder)).toEqual(contents(whole));
  });

  it('is made again when it is asked for, as files may have changed: a whole one, and a begun one', async () => {
    const folder = temporary();
    const [before, after] = [exampleDataset(23, 10), exampleDataset(23)];
    const whole = temporary();
    await writeStore(whole, after, { recordsPerShard: 5 });
    const { manifest } = await writeStore(folder, before, { recordsPerShard: 5 });
    expect(await writeStore(folder, after, { recordsPerShard: 5 })).toMatchObject({ manifest, existed: true });
    const anew = await writeStore(folder, after, { recordsPerShard: 5, anew: true });
    expect(anew).toMatchObject({ existed: false, replaced: 'as asked for' });
    expect(contents(folder)).toEqual(contents(whole));

    const begun = temporary();
    const stop = new AbortController();
    const onProgress = ({ done }: StoreProgress) => done === 17 && stop.abort(new Error('enough'));
    const options = { recordsPerShard: 5, signal: stop.signal, onProgress };
    await expect(writeStore(begun, before, options)).rejects.toThrow('enough');
    await writeStore(begun, after, { recordsPerShard: 5, anew: true });
    expect(contents(begun)).toEqual(contents(whole));
  });

  it('leaves a folder as it is that holds what no earlier call for the dataset has written', async () => {
    const dataset = exampleDataset(4);
    const options = { recordsPerShard: 2 };
    const foreign: readonly [string, (folder: string) => unknown, RegExp][] = [
      ['notes', (folder) => writeFileSync(join(folder, 'notes.txt'), 'mine'), /got notes\.txt/],
      ['a shard', (folder) => writeFileSync(join(folder, 'shard-00000.npy'), 'mine'), /got shard-00000\.npy/],
      ['an index', (folder) => writeFileSync(join(folder, 'index.parquet'), 'mine'), /got index\.parquet/],
      ['a manifest', (folder) => writeFileSync(join(folder, 'manifest.json'), '{"name":"app"}'), /got manifest\.json/],
      ['a note', (folder) => writeFileSync(join(folder, 'being-written.json'), '[]'), /got being-written\.json/],
      [
        'a shard beside a store of its own',
        async (folder) => {
          await writeStore(folder, exampleDataset(3), options);
          writeFileSync(join(folder, 'shard-00007.npy'), 'mine');
        },
        /got shard-00007\.npy/,
      ],
      [
        'the store of another dataset',
        (folder) => writeStore(folder, { ...exampleDataset(3), name: 'other' }, options),
        /or replace it with --anew, got the store of other: index\.parquet, manifest\.json, rejected\.csv and 2 more/,
      ],
      [
        'a begun store of another dataset',
        async (folder) => {
          const stop = new AbortController();
          const onProgress = ({ done }: StoreProgress) => done === 3 && stop.abort(new Error('enough'));
          const other = { ...exampleDataset(4), name: 'other' };
          await writeStore(folder, other, { ...options, onProgress, signal: stop.signal }).catch(() => {});
        },
        /got the store of other: shard-00000\.json/,
      ],
    ];
    for (const [what, put, found] of foreign) {
      const folder = temporary();
      await put(folder);
      const before = contents(folder);
      const refused = writeStore(folder, dataset, options);
      await expect(refused, what).rejects.toThrow(ArgumentError);
      await expect(refused, what).rejects.toThrow(found);
      await expect(refused, what).rejects.toThrow(
        /expected an empty one, or the store of example: name another folder/,
      );
      expect(contents(folder), what).toEqual(before);
      const asked = writeStore(folder, dataset, { ...options, anew: true });
      if (!what.endsWith('another dataset')) await expect(asked, what).rejects.toThrow(ArgumentError);
      else expect((await asked).manifest.dataset).toBe('example');
    }
    const file = join(temporary(), 'a-file');
    writeFileSync(file, 'mine');
    await expect(writeStore(file, dataset)).rejects.toThrow(/a-file: folder: expected one that can be made/);
  });

  it('keeps what lies beside a store of its own', async () => {
    const folder = temporary();
    await writeStore(folder, exampleDataset(3));
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, '.hidden'), 'mine');
    expect((await writeStore(folder, exampleDataset(4))).existed).toBe(false);
    expect((await writeStore(folder, exampleDataset(4), { anew: true })).existed).toBe(false);
    expect([readFileSync(join(folder, 'notes.txt'), 'utf8'), readFileSync(join(folder, '.hidden'), 'utf8')]).toEqual([
      'mine',
      'mine',
    ]);
  });

  it('lets a fault of the program through, and another process keep its folder', async () => {
    const broken = { ...exampleDataset(3), read: () => null as never };
    await expect(writeStore(temporary(), broken)).rejects.toThrow(TypeError);
    const folder = temporary();
    writeFileSync(join(folder, 'writing.lock'), JSON.stringify({ pid: 1, host: (await import('node:os')).hostname() }));
    await expect(writeStore(folder, exampleDataset(3))).rejects.toThrow(StorageError);
    expect(statSync(join(folder, 'writing.lock')).size).toBeGreaterThan(0);
  });

  it('stores int16 microvolts, which read as the nearest millivolts', async () => {
    const dataset = exampleDataset(23, 10);
    const loud = {
      ...dataset,
      read: (row: DatasetRow) => {
        const record = dataset.read(row);
        if (row.recordId === '104') record.signal.fill(40, 10, 13); // a spike beyond the range
        return record;
      },
    };
    const [folder, whole] = [temporary(), temporary()];
    const { manifest } = await writeStore(folder, loud, { recordsPerShard: 5, type: 'int16' });
    expect(manifest).toMatchObject({ type: '<i2', unit: 'uV', records: 19 });
    await writeStore(whole, loud, { recordsPerShard: 5 });
    const [small, large] = [await openStore(folder, { verifyShards: true }), await openStore(whole)];
    expect(statSync(join(folder, 'shard-00000.npy')).size).toBe(128 + 5 * SIZE * 2);
    expect(small.recordIds).toEqual(large.recordIds);
    const all = Int32Array.from({ length: 19 }, (_, i) => i);
    let saturated = 0;
    const [uv, mv] = [small.read(all), large.read(all)];
    expect(
      uv.every((value, i) => {
        if (Math.abs(mv[i]) < 32.7675) return Math.abs(value - mv[i]) < 0.000501;
        saturated++;
        return Math.abs(value) === Math.fround(32.767);
      }),
    ).toBe(true);
    expect(saturated).toBeGreaterThan(3);
    expect(manifest.saturated).toBe(saturated);
    expect(small.read([7, 3])).toEqual(Float32Array.from([...small.read([7]), ...small.read([3])]));
  });

  it('stores a band or z-scores where asked to, names them, and takes them for another store', async () => {
    const dataset = exampleDataset(6);
    const folder = temporary();
    const hashes = new Set<string>();
    for (const [options, unit] of [
      [{}, 'mV'],
      [{ bandPass: { lowHz: 0.5, highHz: 40 } }, 'mV'],
      [{ bandPass: { lowHz: 0.5, highHz: 40, order: 2 } }, 'mV'],
      [{ zScore: true }, 'standard deviation'],
      [{ bandPass: { lowHz: 0.5, highHz: 40 }, zScore: true }, 'standard deviation'],
      [{ type: 'int16' }, 'uV'],
    ] as const) {
      const { manifest, existed } = await writeStore(folder, dataset, options);
      expect(existed).toBe(false);
      expect(manifest.unit).toBe(unit);
      const { bandPass, zScore = false } = { bandPass: undefined, zScore: undefined, ...options };
      expect(manifest.standardise).toEqual({ bandPass: bandPass ? { order: 3, ...bandPass } : null, zScore });
      hashes.add(manifest.hash);
      const store = await openStore(folder);
      // scaled copies of one signal have one z-score
      expect(store.length).toBe(6);
      if (unit === 'uV') continue;
      expect(store.read([2])).toEqual(standardise(dataset.read(dataset.rows[2]), options));
    }
    expect(hashes.size).toBe(6);
    expect((await writeStore(folder, dataset, { type: 'int16', bandPass: undefined, quality: {} })).existed).toBe(true);
  });

  it.each([
    [{ zScore: true, type: 'int16' as const }, /z-scores: expected float32, got int16/],
    [{ type: 'float64' as 'float32' }, /expected float32 or int16, got float64/],
    [{ bandPass: { lowHz: 50, highHz: 40 } }, /0 < low < high < 125 Hz/],
  ])('refuses %j', async (options, message) => {
    await expect(writeStore(temporary(), exampleDataset(3), options)).rejects.toThrow(message);
  });

  it.skipIf(python === undefined)('stores int16 that opens in NumPy and pandas (skipped without them)', async () => {
    const folder = temporary();
    await writeStore(folder, exampleDataset(11), { recordsPerShard: 4, type: 'int16' });
    const code = `
import json, numpy, pandas, sys
index = pandas.read_parquet(sys.argv[1] + "/index.parquet")
shards = [numpy.load(f"{sys.argv[1]}/shard-{k:05d}.npy", mmap_mode="r") for k in range(3)]
firsts = [shards[s][r, 4, 100].item() for s, r in zip(index["shard"], index["row"])]
print(json.dumps([[list(s.shape) for s in shards], [str(s.dtype) for s in shards], isinstance(shards[0], numpy.memmap), firsts]))
`;
    const found = JSON.parse(execFileSync(python!, ['-c', code, folder], { encoding: 'utf8' }));
    const store = await openStore(folder);
    const uv = store.recordIds.map((_, i) => Math.round(1000 * store.read([i])[4 * 2500 + 100]));
    expect(found).toEqual([[4, 4, 3].map((records) => [records, 12, 2500]), Array(3).fill('int16'), true, uv]);
  });

  const full = '/dev/full';
  it.skipIf(!existsSync(full))(
    'loses nothing on a full disk, and goes on when there is room (skipped without /dev/full)',
    async () => {
      const dataset = exampleDataset(17, 7);
      const whole = temporary();
      await writeStore(whole, dataset, { recordsPerShard: 5 });
      for (const file of ['shard-00002.npy', 'shard-00002.json', 'index.parquet', 'rejected.csv']) {
        const folder = temporary();
        // what is written under this name first goes to a device that is always full
        symlinkSync(full, join(folder, `${file}.${process.pid}.part`));
        const failed = writeStore(folder, dataset, { recordsPerShard: 5 });
        await expect(failed).rejects.toThrow(StorageError);
        await expect(failed).rejects.toThrow(/no space left \(ENOSPC\)/);
        await expect(openStore(folder)).rejects.toThrow(MissingFileError);
        for (const k of [0, 1]) {
          const [kept, right] = [folder, whole].map((of) => readFileSync(join(of, `shard-0000${k}.npy`)));
          expect(kept.equals(right)).toBe(true);
        }
        let resumed = -1;
        const onProgress = (progress: { resumed: number }) => {
          resumed = progress.resumed;
        };
        await writeStore(folder, dataset, { recordsPerShard: 5, onProgress });
        expect(resumed).toBe(file.startsWith('shard') ? 10 : -1); // nothing was left to do but the index
        expect(contents(folder)).toEqual(contents(whole));
      }
    },
  );

  it('refuses a threshold that its manifest could not hold', async () => {
    const quality = { maxAmplitudeMv: Number.POSITIVE_INFINITY };
    const folder = temporary();
    for (const workers of [1, 2]) {
      await expect(writeStore(folder, exampleDataset(3), { quality, workers })).rejects.toThrow(ArgumentError);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses shards of no records', async () => {
    await expect(writeStore(temporary(), exampleDataset(3), { recordsPerShard: 0 })).rejects.toThrow(ArgumentError);
  });
});
