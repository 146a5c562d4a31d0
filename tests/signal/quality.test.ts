import { describe, expect, it } from 'vitest';
import { LEADS } from '../../lib/signal/leads';
import { rejection } from '../../lib/signal/quality';
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

  it('finds amplitudes of a wrong gain, but not a single spike', () => {
    for (const gain of [1000, 20, 0.001]) {
      const record = changed((signal) => signal.set(signal.map((value) => value * gain)));
      expect(rejection(record)?.reason, `gain ${gain}`).toBe('implausible-amplitude');
    }
    expect(rejection(changed((signal) => signal.fill(30, 5, 6)))).toBeUndefined();
    expect(rejection(exampleRecord(), { maxAmplitudeMv: 1 })?.detail).toBe(
      'typical amplitude 1.41 mV, not 0.01 to 1 mV',
    );
  });
});
