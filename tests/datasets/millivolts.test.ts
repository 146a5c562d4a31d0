import { describe, expect, it } from 'vitest';
import { millivoltsPer, signalInMillivolts } from '../../lib/datasets/millivolts';
import { FormatError } from '../../lib/errors';
import type { WfdbRecord } from '../../lib/io/wfdb';

/** A record of a sample a lead, 1 each, of these units. */
function recordOf(units: readonly string[]): WfdbRecord {
  const signal = new Float32Array(units.length).fill(1);
  const leads = units.map((_, i) => `lead ${i}`);
  return { name: 'r', fsHz: 500, samples: 1, leads, units, signal } as Partial<WfdbRecord> as WfdbRecord;
}

describe('signalInMillivolts', () => {
  it('converts each lead by its unit', () => {
    expect(signalInMillivolts(recordOf(['mV', 'V', 'uV']), 'r')).toEqual(Float32Array.of(1, 1000, 0.001));
  });

  it.each(['mmHg', '', 'MV', 'constructor', '__proto__', 'toString'])('refuses the unit %j', (unit) => {
    expect(() => signalInMillivolts(recordOf(['mV', unit]), 'r')).toThrow(FormatError);
    expect(() => signalInMillivolts(recordOf(['mV', unit]), 'r')).toThrow(
      `record r, lead lead 1: unit: expected mV, uV or V, got '${unit}'`,
    );
  });
});

describe('millivoltsPer', () => {
  it.each([
    ...['mV', 'mv', ' mV ', 'millivolt', 'Millivolts', 'MILLIVOLT', 'mVolt'].map((unit) => [unit, 1] as const),
    ...['uV', 'UV', 'uv', 'Uv', '\u00b5V', '\u03bcV', '\u00b5v', 'microvolts', 'Microvolt'].map(
      (unit) => [unit, 1e-3] as const,
    ),
    ...['nV', 'NV', 'nanovolt'].map((unit) => [unit, 1e-6] as const),
    ...['V', 'v', 'volt', 'Volts'].map((unit) => [unit, 1000] as const),
  ])('takes %j for %d mV', (unit, millivolts) => {
    expect(millivoltsPer(unit)).toBe(millivolts);
  });

  it.each(['MV', 'Mv', 'MVolt', 'kV', 'm', 'u', 'mA', 'mmHg', 'mV/s', 'mVV', 'bpm', '%', 'Ohm', 'volt mV'])(
    'takes %j for no voltage that is beyond doubt',
    (unit) => expect(millivoltsPer(unit)).toBeUndefined(),
  );
});
