import { describe, expect, it } from 'vitest';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { LEADS } from '../../lib/signal/leads';
import { type QualityOptions, rejection } from '../../lib/signal/quality';
import { realData } from '../real-data';
import { exampleRecord } from './example-record';

/** A usable record with its signal changed. */
function changed(change: (signal: Float32Array, samples: number) => void) {
  const record = exampleRecord();
  change(record.signal, record.samples);
  return record;
}

describe('rejection', () => {
  it('lets a usable record pass', () => {
    expect(rejection(exampleRecord())).toBeUndefined();
    expect(rejection(exampleRecord({ leads: [...LEADS].reverse().map((name) => name.toUpperCase()) }))).toBeUndefined();
  });

  it('names the leads that are missing', () => {
    expect(rejection(exampleRecord({ leads: ['I', 'II', 'V1'] }))).toEqual({
      reason: 'missing-lead',
      detail: 'III aVR aVL aVF V2 V3 V4 V5 V6 not among I II V1',
    });
  });

  it('finds a record without samples', () => {
    expect(rejection(exampleRecord({ samples: 0 }))?.reason).toBe('no-samples');
  });

  it.each([0, 0.25, 49.9, 20_001, Number.NaN, Number.POSITIVE_INFINITY])('refuses a rate of %s Hz', (fsHz) => {
    const found = rejection(exampleRecord({ fsHz, samples: 2500 }));
    expect(found).toEqual({ reason: 'implausible-rate', detail: `${fsHz} Hz, not 50 to 20000 Hz` });
    expect(rejection(exampleRecord({ fsHz: 40, samples: 2500 }), { minRateHz: 30 })).toBeUndefined();
  });

  it('takes infinite samples for invalid', () => {
    for (const values of [[Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]]) {
      const record = changed((signal) => signal.set(values, 70));
      expect(rejection(record)?.detail).toBe(`invalid samples: I ${values.length} of 2500`);
    }
  });

  it('finds invalid samples and says where', () => {
    const record = changed((signal, samples) => {
      signal[3 * samples] = Number.NaN;
      signal.fill(Number.NaN, 5 * samples, 5 * samples + 9);
    });
    const detail = 'invalid samples: aVR 1 of 2500, aVF 9 of 2500';
    expect(rejection(record)).toEqual({ reason: 'not-a-number', detail });
    expect(rejection(record, { maxInvalidFraction: 0.0036 })).toBeUndefined();
    expect(rejection(record, { maxInvalidFraction: 0.0035 })?.detail).toBe('invalid samples: aVF 9 of 2500');
  });

  it('finds a record without signal, zero or not', () => {
    for (const level of [0, 1.25]) {
      expect(rejection(changed((signal) => signal.fill(level)))).toEqual({
        reason: 'no-signal',
        detail: 'all leads flat',
      });
    }
  });

  it('lets single flat leads pass unless told not to', () => {
    const record = changed((signal, samples) => signal.fill(0, 0, 2 * samples));
    expect(rejection(record)).toBeUndefined();
    expect(rejection(record, { maxFlatLeads: 2 })).toBeUndefined();
    expect(rejection(record, { maxFlatLeads: 1 })).toEqual({ reason: 'no-signal', detail: 'flat: I II' });
    expect(rejection(record, { maxFlatLeads: 2, flatMv: 1.1 })?.reason).toBe('no-signal');
  });

  describe('of clipping', () => {
    /** Leads held within -+limit, as an amplifier at its end does. */
    const clip = (leads: number, limit: number) =>
      changed((signal, samples) => {
        for (let i = 0; i < leads * samples; i++) signal[i] = Math.max(-limit, Math.min(limit, signal[i]));
      });

    it('finds records with more than two clipped leads, and says how much of each', () => {
      const found = rejection(clip(12, 0.3));
      expect(found?.reason).toBe('clipped');
      // a sine of 0.5 mV is beyond 0.3 mV in 1 - 2 asin(0.6) / pi of the time
      expect(found?.detail).toMatch(/^stuck at the largest or smallest value: I 59\.\d %, II 5[89]\.\d %, /);
      expect(rejection(clip(3, 0.3))?.detail.match(/%/g)).toHaveLength(3);
      expect(rejection(clip(2, 0.3))).toBeUndefined();
      expect(rejection(clip(2, 0.3), { maxClippedLeads: 1 })?.reason).toBe('clipped');
      expect(rejection(clip(12, 0.3), { maxClippedFraction: 0.7 })).toBeUndefined();
      expect(rejection(clip(12, 0.3), { clippedRunMs: 4000 })).toBeUndefined();
    });

    it('counts runs by their length, wherever they lie', () => {
      const fraction = (runs: [number, number][], options: QualityOptions = {}) => {
        const record = changed((signal, samples) => {
          for (const [start, length] of runs) signal.fill(0.6, 6 * samples + start, 6 * samples + start + length);
        });
        return rejection(record, { maxClippedLeads: 0, maxClippedFraction: 0, ...options })?.detail.match(
          /[\d.]+ %/,
        )?.[0];
      };
      expect(fraction([[100, 25]])).toBe('1.0 %');
      for (let start = 1000; start < 1010; start++) expect(fraction([[start, 5]])).toBe('0.2 %');
      expect(fraction([[1000, 4]])).toBeUndefined(); // 16 ms
      expect(fraction([[1000, 4]], { clippedRunMs: 16 })).toBe('0.2 %');
      expect(fraction([[1000, 2]], { clippedRunMs: 0 })).toBeUndefined(); // never below 3 samples
      expect(
        fraction([
          [0, 5],
          [7, 6],
          [14, 4],
          [2495, 5],
        ]),
      ).toBe('0.6 %');
    });

    it('takes zeros at the ends for padding, and does not judge leads of less than 0.2 mV', () => {
      const padded = changed((signal, samples) => {
        for (let i = 0; i < signal.length; i++) {
          const s = i % samples;
          signal[i] = s < 300 || s > 2000 ? 0 : 1 + signal[i];
        }
      });
      expect(rejection(padded)).toBeUndefined();
      const faint = changed((signal) => signal.set(signal.map((value) => Math.round(value * 6) / 60)));
      expect(rejection(faint)).toBeUndefined();
    });

    /** A simulated ECG without noise, each wave an arc over a level that the lead rests at. */
    const simulated = (sizes: (lead: number) => readonly number[], { rate = 75, rest = 0 } = {}) => {
      const record = exampleRecord();
      const waves = [
        [0, 0.1],
        [0.14, 0.09],
        [0.3, 0.16],
      ] as const; // P, QRS, T: start and length, s
      for (let lead = 0; lead < 12; lead++) {
        for (let i = 0; i < record.samples; i++) {
          const since = (i / record.fsHz) % (60 / rate);
          const mv = waves.map(([start, length], w) => {
            const part = (since - start) / length;
            return part > 0 && part < 1 ? sizes(lead)[w] * Math.sin(Math.PI * part) : 0;
          });
          record.signal[lead * record.samples + i] = rest + mv.reduce((sum, value) => sum + value, 0);
        }
      }
      return record;
    };
    const upright = () => [0.15, 1, 0.3];

    it.each<[string, ReturnType<typeof simulated>]>([
      ['of upward waves alone', simulated(upright)],
      ['of downward waves alone', simulated(() => [-0.1, -1.2, -0.4])],
      ['of waves either way', simulated((lead) => [0.1, lead % 2 === 0 ? 1 : -1, 0.3])],
      ['that rests at another level', simulated(upright, { rest: 0.7 })],
      ['of a slow heart', simulated(upright, { rate: 40 })],
      ['of a fast heart', simulated(upright, { rate: 110 })],
      [
        'of some leads without P or T wave',
        simulated((lead) => [lead % 3 === 0 ? 0 : 0.1, 1, lead % 4 === 0 ? 0 : 0.3]),
      ],
    ])('takes the level at which an ECG without noise rests for none that it is stuck at: one %s', (_, record) => {
      expect(rejection(record)).toBeUndefined();
    });

    it.each<[string, (record: ReturnType<typeof simulated>) => void]>([
      ['its waves are cut', ({ signal }) => signal.set(signal.map((mv) => Math.min(mv, 0.2)))],
      [
        'all leads are at the end of the range for a second',
        ({ signal, samples }) => {
          for (let lead = 0; lead < 12; lead++) signal.fill(5, lead * samples + 700, lead * samples + 950);
        },
      ],
      [
        'three leads are at the end of the range for most of the time',
        ({ signal, samples }) => {
          for (let lead = 6; lead < 9; lead++) signal.fill(5, lead * samples + 500, lead * samples + 2100);
        },
      ],
      [
        'three leads are at their lowest value for long',
        ({ signal, samples }) => {
          for (let lead = 6; lead < 9; lead++) signal.fill(-0.5, lead * samples + 500, lead * samples + 2100);
        },
      ],
    ])('finds clipping in such an ECG too: %s', (_, clipIt) => {
      const record = simulated(upright);
      clipIt(record);
      expect(rejection(record)?.reason).toBe('clipped');
    });

    const folder = realData('ptb-xl-500hz-500');
    it.skipIf(folder === undefined)('finds short runs in PTB-XL, and no clipped record (skipped without it)', () => {
      const { rows, read } = openPtbXl(folder!);
      const found = rows.map((row) => rejection(read(row), { maxClippedLeads: 0, maxClippedFraction: 0 }));
      const fractions = found.flatMap((fault) =>
        [...(fault?.detail.matchAll(/([\d.]+) %/g) ?? [])].map((m) => Number(m[1])),
      );
      expect(fractions.length).toBeGreaterThan(20);
      expect(Math.max(...fractions)).toBeLessThan(1.5);
    });

    it.skipIf(folder === undefined)('finds what is cut off real ECGs (skipped without PTB-XL)', () => {
      const { rows, read } = openPtbXl(folder!);
      const clipped = (cut: (mv: number) => number) =>
        rows.filter((row) => {
          const record = read(row);
          return rejection({ ...record, signal: record.signal.map(cut) })?.reason === 'clipped';
        }).length;
      // as many as before levels of rest were spared
      expect(clipped((mv) => Math.max(-0.1, Math.min(0.1, mv)))).toBe(500);
      expect(clipped((mv) => Math.max(-0.1, mv))).toBe(498);
      expect(clipped((mv) => Math.min(0.05, mv))).toBe(500);
    });
  });

  it('finds amplitudes of a wrong gain or unit and names the likely mistake, but not a single spike', () => {
    const scaled = (gain: number) => changed((signal) => signal.set(signal.map((value) => value * gain)));
    for (const [gain, mistake] of [
      [1000, 'typical amplitude 1.41e+3 mV, not 0.01 to 10 mV: 1000 times too large: microvolts read as millivolts?'],
      [100, 'typical amplitude 141 mV, not 0.01 to 10 mV: 200 times too large: ADC units of 5 uV read as millivolts?'],
      [1e6, 'typical amplitude 1.41e+6 mV, not 0.01 to 10 mV: 1000000 times too large: nanovolts read as millivolts?'],
      [0.001, 'typical amplitude 0.00141 mV, not 0.01 to 10 mV: 1000 times too small: volts read as millivolts?'],
      [1e-6, 'typical amplitude 0.00000141 mV, not 0.01 to 10 mV: 1000000 times too small: divided by 1000 twice?'],
      [10, 'typical amplitude 14.1 mV, not 0.01 to 10 mV'],
    ] as const) {
      expect(rejection(scaled(gain)), `gain ${gain}`).toEqual({ reason: 'implausible-amplitude', detail: mistake });
    }
    expect(rejection(changed((signal) => signal.fill(30, 5, 6)))).toBeUndefined();
    expect(rejection(exampleRecord(), { maxAmplitudeMv: 1 })?.detail).toBe(
      'typical amplitude 1.41 mV, not 0.01 to 1 mV',
    );
  });

  it('finds a record that is too short, also inside zeros', () => {
    expect(rejection(exampleRecord({ fsHz: 500, samples: 10 }))).toEqual({
      reason: 'too-short',
      detail: '0.02 s, less than 2 s',
    });
    expect(rejection(exampleRecord({ fsHz: 500, samples: 999 }))?.reason).toBe('too-short');
    expect(rejection(exampleRecord({ fsHz: 500, samples: 1000 }))).toBeUndefined();
    expect(rejection(exampleRecord({ fsHz: 500, samples: 500 }), { minDurationS: 1 })).toBeUndefined();
    expect(rejection(exampleRecord({ samples: 1750 }), { minDurationS: 7.1 })?.detail).toBe('7 s, less than 7.1 s');
    const padded = changed((signal, samples) => {
      for (let i = 0; i < signal.length; i++) {
        const s = i % samples;
        signal[i] = s < 300 || s >= 305 ? 0 : 1 + signal[i];
      }
    });
    expect(rejection(padded)?.detail).toBe('0.02 s without the 2495 zeros at its ends, less than 2 s');
    expect(rejection(changed((signal) => signal.fill(0)))?.reason).toBe('no-signal');
    const pause = changed((signal, samples) => {
      for (let lead = 0; lead < 12; lead++) signal.fill(0, lead * samples + 400, lead * samples + 2300);
    });
    expect(rejection(pause)).toBeUndefined();
  });

  it('finds a lead that is there twice with samples that differ', () => {
    const twice = exampleRecord({ leads: [...LEADS, 'lead ii'] });
    expect(rejection(twice)).toEqual({ reason: 'ambiguous-lead', detail: 'II twice, and the two differ' });
    twice.signal.copyWithin(12 * twice.samples, twice.samples, 2 * twice.samples);
    expect(rejection(twice)).toBeUndefined();
    for (const position of [1, 12]) {
      const flat = exampleRecord({ leads: [...LEADS, 'II'] });
      flat.signal.fill(0, position * flat.samples, (position + 1) * flat.samples);
      expect(rejection(flat)?.detail).toBe('II twice, and the two differ: one is flat');
    }
  });
});
