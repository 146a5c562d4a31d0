import { describe, expect, it } from 'vitest';
import { signalInMillivolts } from '../../lib/datasets/millivolts';
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
