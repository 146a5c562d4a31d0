import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { ArgumentError, FormatError } from '../../lib/errors';
import { readNpy } from '../../lib/io/npy';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { resamplePoly } from '../../lib/signal/resample-poly';
import { standardise, standardiser } from '../../lib/signal/standardise';
import { peerPython } from '../peer-python';
import { realData } from '../real-data';
import { exampleRecord } from './example-record';

const lead = (ecg: Float32Array, i: number) => ecg.subarray(i * SAMPLES, (i + 1) * SAMPLES);

describe('standardise', () => {
  it('leaves a standard record as it is', () => {
    const record = exampleRecord();
    expect(standardise(record)).toEqual(record.signal);
  });

  it('takes leads by name, in any order and case, and leaves out others', () => {
    const order = ['V6', 'avr', 'II', 'X', 'aVF', 'AVL', 'v1', ' i ', 'III', 'V2', 'V5', 'V4', 'V3'];
    const source = exampleRecord({ leads: order });
    const ecg = standardise(source);
    LEADS.forEach((name, i) => {
      const at = order.findIndex((other) => other.trim().toLowerCase() === name.toLowerCase());
      expect(lead(ecg, i)).toEqual(source.signal.subarray(at * SAMPLES, (at + 1) * SAMPLES));
    });
  });

  it.each([
    [100, 5, 2],
    [500, 1, 2],
    [400, 5, 8],
    [256, 125, 128],
  ])('resamples %i Hz', (fsHz, up, down) => {
    const record = exampleRecord({ fsHz });
    const ecg = standardise(record);
    LEADS.forEach((_, i) => {
      const own = record.signal.subarray(i * record.samples, (i + 1) * record.samples);
      expect(lead(ecg, i)).toEqual(resamplePoly(own, { up, down }));
    });
  });

  it('crops a long record about its centre', () => {
    const record = exampleRecord({ samples: 2507 });
    expect([...lead(standardise(record), 4)]).toEqual([...record.signal.subarray(4 * 2507 + 3, 4 * 2507 + 2503)]);
  });

  it('pads a short record with zeros on both sides', () => {
    const record = exampleRecord({ samples: 1701 });
    const ecg = lead(standardise(record), 4);
    expect([...ecg.subarray(399, 399 + 1701)]).toEqual([...record.signal.subarray(4 * 1701, 5 * 1701)]);
    expect([...ecg.subarray(0, 399), ...ecg.subarray(399 + 1701)].every((value) => value === 0)).toBe(true);
  });

  it('gives the same with one standardiser for records of many kinds', () => {
    const shared = standardiser();
    const out = new Float32Array(LEADS.length * SAMPLES);
    for (const changes of [{ fsHz: 100 }, { samples: 900 }, { fsHz: 400, samples: 4096 }, { fsHz: 100, samples: 70 }]) {
      const record = exampleRecord(changes);
      expect(shared(record, { out })).toBe(out);
      expect(out).toEqual(standardise(record));
    }
  });

  it('names the record and the lead that is missing', () => {
    const record = exampleRecord({ leads: LEADS.slice(0, 11) });
    expect(() => standardise(record)).toThrow(FormatError);
    expect(() => standardise(record)).toThrow('x/7, record 7, lead V6: lead: expected V6, got only I II III');
  });

  it('refuses a rate that is none, and room of another size', () => {
    expect(() => standardise(exampleRecord({ fsHz: Number.NaN, samples: 1 }))).toThrow(ArgumentError);
    expect(() => standardise(exampleRecord(), { out: new Float32Array(7) })).toThrow(ArgumentError);
  });

  const python = peerPython('wfdb', 'scipy');
  const sets = ['ptb-xl-100hz', 'ptb-xl-500hz-500'] as const;
  describe.skipIf(python === undefined)('beside wfdb and SciPy (skipped without a Python that has them)', () => {
    it.each(sets)('equals them to 1e-6 mV on real ECGs of %s', (set) => {
      const folder = realData(set);
      if (folder === undefined) return console.log(`skipped: HYBRID_ECG_REAL_DATA has no ${set}`);
      const dataset = openPtbXl(folder);
      const rows = dataset.rows.filter((_, i) => i % Math.ceil(dataset.rows.length / 25) === 0);
      const file = join(mkdtempSync(join(tmpdir(), 'hybrid-ecg-standardise-')), 'scipy.npy');
      const code = `
import numpy, sys, wfdb
from scipy.signal import resample_poly
up, down = {100: (5, 2), 500: (1, 2)}[int(sys.argv[2])]
read = [wfdb.rdsamp(path)[0] for path in sys.argv[3:]]
numpy.save(sys.argv[1], numpy.stack([resample_poly(x, up, down, axis=0).T.copy() for x in read]))
`;
      const paths = rows.map((row) => join(folder, row.file));
      execFileSync(python!, ['-c', code, file, String(dataset.choices.rate), ...paths]);
      const { values, shape } = readNpy(file);
      expect(shape).toEqual([rows.length, 12, 2500]);
      let largest = 0;
      rows.forEach((row, i) => {
        standardise(dataset.read(row)).forEach((value, k) => {
          largest = Math.max(largest, Math.abs(value - values[i * 30_000 + k]));
        });
      });
      expect(largest).toBeLessThan(1e-6);
    });
  });
});
