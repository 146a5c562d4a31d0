import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { ArgumentError, FormatError, UnusableSignalError } from '../../lib/errors';
import { readNpy, writeNpy } from '../../lib/io/npy';
import { randomStream } from '../../lib/random';
import { butterworthBandPass } from '../../lib/signal/butterworth';
import { filterForwardBackward } from '../../lib/signal/filter-forward-backward';
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
    [257, 250, 257],
    [1000, 1, 4],
    [256.41, 25000, 25641],
  ])('resamples %d Hz', (fsHz, up, down) => {
    const record = exampleRecord({ fsHz, samples: Math.round(10 * fsHz) });
    const ecg = standardise(record);
    LEADS.forEach((_, i) => {
      const own = record.signal.subarray(i * record.samples, (i + 1) * record.samples);
      expect(lead(ecg, i)).toEqual(resamplePoly(own, { up, down }));
    });
  });

  it.each([100, 257, 400, 500, 1000])('keeps a level and a slope to both ends of %d Hz, short records too', (fsHz) => {
    for (const seconds of [10, 7]) {
      const samples = seconds * fsHz;
      const at = (i: number, s: number) => (i < 6 ? 5 : 1 - (0.3 * s) / fsHz); // mV
      const signal = Float32Array.from({ length: 12 * samples }, (_, k) => at(Math.floor(k / samples), k % samples));
      const ecg = standardise(exampleRecord({ fsHz, samples, signal }));
      const start = (SAMPLES - seconds * 250) / 2;
      LEADS.forEach((_, i) => {
        const whole = lead(ecg, i);
        const inside = whole.subarray(start, SAMPLES - start);
        const off = inside.map((value, k) => Math.abs(value - at(i, (k * fsHz) / 250)));
        expect(Math.max(...off)).toBeLessThan(0.006); // the filter's ripple
        expect(whole.subarray(0, start).every((value) => value === 0)).toBe(true);
      });
    }
  });

  it.each([100, 500])('filters a level away to both ends, at %d Hz', (fsHz) => {
    const signal = new Float32Array(12 * 10 * fsHz).fill(5);
    const ecg = standardise(exampleRecord({ fsHz, samples: 10 * fsHz, signal }), {
      bandPass: { lowHz: 0.5, highHz: 40 },
    });
    expect(Math.max(...ecg.map(Math.abs))).toBeLessThan(0.003);
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

  it('refuses a lead that is there twice with samples that differ, and takes either of two that are equal', () => {
    const record = exampleRecord({ leads: [...LEADS, 'lead_II'] });
    expect(() => standardise(record)).toThrow(UnusableSignalError);
    expect(() => standardise(record)).toThrow(
      'lead II: lead: expected each lead once, got II twice, and the two differ',
    );
    record.signal.copyWithin(12 * record.samples, record.samples, 2 * record.samples);
    expect(standardise(record)).toEqual(standardise(exampleRecord()));
  });

  it('refuses a rate that is none, and room of another size', () => {
    expect(() => standardise(exampleRecord({ fsHz: Number.NaN, samples: 1 }))).toThrow(ArgumentError);
    expect(() => standardise(exampleRecord(), { out: new Float32Array(7) })).toThrow(ArgumentError);
  });

  it('takes a near ratio for rates that would need filters of millions of taps', () => {
    const near = standardise(exampleRecord({ fsHz: 4999.999, samples: 50_000 }));
    const exact = standardise(exampleRecord({ fsHz: 5000, samples: 50_000 }));
    // the same signal but for 2 us at its ends
    expect(near.every((value, i) => Math.abs(value - exact[i]) < 1e-4)).toBe(true);
  });

  it('bridges invalid samples', () => {
    const record = exampleRecord();
    const whole = standardise(record);
    for (const [lead, sample] of [
      [0, 0],
      [4, 1200],
      [11, 2499],
    ]) {
      record.signal[lead * SAMPLES + sample] = sample === 1200 ? Number.POSITIVE_INFINITY : Number.NaN;
    }
    const before = record.signal.slice();
    const ecg = standardise(record);
    expect(record.signal).toEqual(before);
    expect(Math.max(...ecg.map((value, i) => Math.abs(value - whole[i])))).toBeLessThan(0.02);
    expect(ecg[4 * SAMPLES + 1200]).toBeCloseTo((whole[4 * SAMPLES + 1199] + whole[4 * SAMPLES + 1201]) / 2, 6);
    expect(lead(standardise(exampleRecord({ signal: new Float32Array(12 * 2500).fill(Number.NaN) })), 3)[7]).toBe(0);
  });

  describe('with a band-pass', () => {
    const bandPass = { lowHz: 0.5, highHz: 40, order: 4 };

    it.each([1701, 2500, 3000])('filters at 250 Hz before %i samples are cropped or padded', (samples) => {
      const record = exampleRecord({ samples });
      const filtered = standardise(record, { bandPass });
      const sections = butterworthBandPass(bandPass, 250);
      LEADS.forEach((_, i) => {
        const own = filterForwardBackward(sections, record.signal.subarray(i * samples, (i + 1) * samples));
        const placed = new Float32Array(2500);
        if (samples < 2500) placed.set(own, (2500 - samples) >> 1);
        else placed.set(own.subarray((samples - 2500) >> 1, ((samples - 2500) >> 1) + 2500));
        expect(lead(filtered, i)).toEqual(placed);
      });
    });

    it('refuses a band that is none, before any record', () => {
      expect(() => standardiser({ bandPass: { lowHz: 40, highHz: 0.5 } })).toThrow(ArgumentError);
    });
  });

  describe('with a z-score', () => {
    it('has mean 0 and standard deviation 1 over all leads, and 0 in the padding', () => {
      const record = exampleRecord({ samples: 2001 });
      record.signal.forEach((value, i) => {
        record.signal[i] = 3 + value * (1 + (i % 5));
      });
      const ecg = standardise(record, { zScore: true });
      const kept = LEADS.flatMap((_, i) => [...lead(ecg, i).subarray(249, 249 + 2001)]);
      const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
      const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kept.length;
      expect(mean).toBeCloseTo(0, 6);
      expect(variance).toBeCloseTo(1, 6);
      LEADS.forEach((_, i) => {
        expect([...lead(ecg, i).subarray(0, 249), ...lead(ecg, i).subarray(2250)].every((value) => value === 0)).toBe(
          true,
        );
      });
      const twice = exampleRecord({ samples: 2001, signal: record.signal.map((value) => 2 * value - 7) });
      const same = standardise(twice, { zScore: true });
      expect(same.every((value, i) => Math.abs(value - ecg[i]) < 1e-5)).toBe(true);
    });

    it('is 0 where a record is flat', () => {
      const flat = exampleRecord({ signal: new Float32Array(12 * 2500).fill(1.5) });
      expect(standardise(flat, { zScore: true }).every((value) => value === 0)).toBe(true);
    });
  });

  const scipy = peerPython('scipy');
  it.skipIf(scipy === undefined)('equals SciPy to 1e-6 mV at any rate (skipped without a Python that has it)', () => {
    const rates = [
      [400, 5, 8],
      [500, 1, 2],
      [100, 5, 2],
      [257, 250, 257],
      [1000, 1, 4],
      [256.41, 25000, 25641],
      [333.333, 250000, 333333],
    ];
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-rates-'));
    const { normal } = randomStream(3, 'rates');
    const records = rates.map(([fsHz]) => {
      const record = exampleRecord({ fsHz, samples: Math.ceil(10 * fsHz) });
      return { ...record, signal: record.signal.map((value) => value + 0.1 * normal()) };
    });
    records.forEach(({ signal, samples }, i) => {
      writeNpy(join(folder, `${i}.npy`), signal, { shape: [12, samples] });
    });
    const code = `
import numpy, sys
from scipy.signal import resample_poly
for i in range(0, (len(sys.argv) - 2) // 2):
    x = numpy.load(f"{sys.argv[1]}/{i}.npy").astype("f8")
    y = resample_poly(x, int(sys.argv[2 + 2 * i]), int(sys.argv[3 + 2 * i]), axis=1, padtype='line')
    start = (y.shape[1] - 2500) // 2
    numpy.save(f"{sys.argv[1]}/{i}-scipy.npy", y[:, start : start + 2500])
`;
    execFileSync(scipy!, ['-c', code, folder, ...rates.flatMap(([, up, down]) => [String(up), String(down)])]);
    records.forEach((record, i) => {
      const { values } = readNpy(join(folder, `${i}-scipy.npy`));
      const ecg = standardise(record);
      expect(values).toHaveLength(ecg.length);
      const largest = ecg.reduce((most, value, k) => Math.max(most, Math.abs(value - values[k])), 0);
      expect(largest, `${record.fsHz} Hz`).toBeLessThan(1e-6);
    });
  });

  const python = peerPython('wfdb', 'scipy');
  const sets = ['ptb-xl-100hz', 'ptb-xl-500hz-500'] as const;
  describe.skipIf(python === undefined)('beside wfdb and SciPy (skipped without a Python that has them)', () => {
    it.each(sets)('equals them to 1e-6 mV, to the first and the last sample, on 500 real ECGs of %s', (set) => {
      const folder = realData(set);
      if (folder === undefined) return console.log(`skipped: HYBRID_ECG_REAL_DATA has no ${set}`);
      const dataset = openPtbXl(folder);
      const rows = dataset.rows.filter((_, i) => i % Math.ceil(dataset.rows.length / 500) === 0);
      const file = join(mkdtempSync(join(tmpdir(), 'hybrid-ecg-standardise-')), 'scipy.npy');
      const code = `
import numpy, sys, wfdb
from scipy.signal import resample_poly
up, down = {100: (5, 2), 500: (1, 2)}[int(sys.argv[2])]
read = [wfdb.rdsamp(path)[0] for path in sys.argv[3:]]
numpy.save(sys.argv[1], numpy.stack([resample_poly(x, up, down, axis=0, padtype='line').T.copy() for x in read]))
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
