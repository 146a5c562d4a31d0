import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../lib/datasets/dataset';
import type { EcgRecord } from '../../lib/datasets/ecg-record';
import { readCsv } from '../../lib/io/csv';
import { describeStore } from '../../lib/store/describe-store';
import { openStore } from '../../lib/store/open-store';
import { type WriteStoreOptions, writeStore } from '../../lib/store/write-store';
import { exampleRecord } from '../signal/example-record';
import { exampleDataset } from './example-dataset';

/** Stores four ECGs, the second of them changed; the counts, and why what was rejected was. */
async function storedWith(change: (ecg: EcgRecord) => EcgRecord, options: WriteStoreOptions = {}) {
  const plain = exampleDataset(4);
  const read: Dataset['read'] = (row) => (row.recordId === '101' ? change(plain.read(row)) : plain.read(row));
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-losses-'));
  await writeStore(folder, { ...plain, read }, options);
  const store = await openStore(folder);
  store.close();
  const rejected = readCsv(join(folder, 'rejected.csv'), { columns: ['record_id', 'reason', 'detail'] });
  return {
    ...describeStore(store),
    rejectedRows: rejected.map((row) => [row.record_id, row.reason, row.detail]),
    store,
  };
}

/** The same record with other samples in some leads. */
function changed(ecg: EcgRecord, leads: readonly number[], value: (mv: number, sample: number) => number): EcgRecord {
  const signal = Float32Array.from(ecg.signal, (mv, i) =>
    leads.includes(Math.floor(i / ecg.samples)) ? value(mv, i % ecg.samples) : mv,
  );
  return { ...ecg, signal };
}

const ALL = [...Array(12).keys()];

describe('an ECG that its store would destroy is rejected:', () => {
  it('as int16, with all leads or one of them 100 mV off', async () => {
    for (const leads of [ALL, [6]]) {
      const { records, rejected, rejectedRows, saturated } = await storedWith(
        (ecg) => changed(ecg, leads, (mv) => mv + 100),
        { type: 'int16' },
      );
      expect([records, rejected, saturated]).toEqual([3, { 'not-representable': 1 }, 0]);
      expect(rejectedRows).toEqual([
        ['101', 'not-representable', expect.stringMatching(/beyond the \+-32.767 mV of int16: /)],
      ]);
      expect(rejectedRows[0][2]).toMatch(/V1 2500 of 2500 samples, to 1\d\d\.\d mV/);
    }
    expect((await storedWith((ecg) => changed(ecg, ALL, (mv) => mv + 100))).records).toBe(4); // float32 holds it
  });

  it('as int16, with the peaks of a lead beyond its end', async () => {
    const { rejectedRows } = await storedWith((ecg) => changed(ecg, [6], (mv) => mv + 32.28), { type: 'int16' });
    expect(rejectedRows).toEqual([
      ['101', 'not-representable', expect.stringMatching(/int16: V1 \d{2,3} of 2500 samples, to 3\d\.\d\d mV/)],
    ]);
    expect((await storedWith((ecg) => changed(ecg, [6], (mv) => mv + 25), { type: 'int16' })).saturated).toBe(0);
  });

  it('as int16, with amplitudes below a microvolt where the thresholds let them through', async () => {
    const tiny = (ecg: EcgRecord) => changed(ecg, ALL, (mv) => mv / 3000);
    const quality = { minAmplitudeMv: 0 };
    const { rejectedRows } = await storedWith(tiny, { type: 'int16', quality });
    expect(rejectedRows).toEqual([
      ['101', 'not-representable', 'flat as whole microvolts: I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6'],
    ]);
    expect((await storedWith(tiny, { quality })).records).toBe(4);
  });

  it('with a lead that float32 does not hold once it is resampled', async () => {
    const { rejectedRows } = await storedWith((ecg) => changed(ecg, [2], (_, i) => (i % 20 < 10 ? 3.4e38 : -3.4e38)));
    expect(rejectedRows).toEqual([['101', 'not-representable', 'beyond what float32 holds once standardised: III']]);
  });

  it('in z-scores, where one lead is of another magnitude', async () => {
    const spoilt = (ecg: EcgRecord) => changed(ecg, [11], (mv) => 1e9 + mv);
    const { rejectedRows } = await storedWith(spoilt, { zScore: true });
    expect(rejectedRows).toEqual([['101', 'not-representable', expect.stringMatching(/^flat as z-scores: I, II, /)]]);
    expect((await storedWith(spoilt)).records).toBe(4);
    const flat = await storedWith((ecg) => changed(ecg, [11], () => 0), { zScore: true }); // as before it was
    expect(flat.records).toBe(4);
  });

  it('of whose 30 s the middle ten are flat', async () => {
    const long = (ecg: EcgRecord) => {
      const thirty = exampleRecord({ ...ecg, signal: undefined, samples: 3000 } as unknown as EcgRecord);
      const { signal } = exampleRecord({ fsHz: 100, samples: 3000 });
      return { ...thirty, signal: signal.map((mv, i) => (i % 3000 > 800 && i % 3000 < 2200 ? 0.2 : mv)) };
    };
    for (const options of [{}, { zScore: true }, { type: 'int16' }] as const) {
      const { rejectedRows } = await storedWith(long, options);
      expect(rejectedRows).toEqual([
        ['101', 'no-signal', expect.stringMatching(/^flat in the 10 s that are kept: I, /)],
      ]);
    }
  });
});

it('what a store takes away from the ECGs that it keeps is counted', async () => {
  const spike = await storedWith((ecg) => changed(ecg, [0], (mv, i) => (i === 500 ? 90 : mv)), { type: 'int16' });
  expect(spike.records).toBe(4);
  expect(spike.saturated).toBeGreaterThan(0);
  expect(spike.saturated).toBe(spike.store.manifest.saturated);

  const holes = await storedWith((ecg) => changed(ecg, [3, 4], (mv, i) => (i < 7 ? Number.NaN : mv)), {
    quality: { maxInvalidFraction: 0.01 },
  });
  expect([holes.records, holes.bridged, spike.bridged]).toEqual([4, 14, 0]);

  const short = await storedWith(() => exampleRecord({ fsHz: 100, samples: 700 }));
  expect([short.padded, short.cropped]).toEqual([1, 0]);
  const long = await storedWith(() => exampleRecord({ fsHz: 256.41, samples: 4000 }));
  expect([long.padded, long.cropped]).toEqual([0, 1]);
  expect([spike.padded, spike.cropped, spike.foldless]).toEqual([0, 0, 0]);
});
