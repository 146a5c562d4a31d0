import { UnusableSignalError } from '../errors';
import type { WfdbRecord } from '../io/wfdb';

const PREFIXES: Readonly<Record<string, number>> = {
  '': 1e3,
  m: 1,
  milli: 1,
  u: 1e-3,
  micro: 1e-3,
  n: 1e-6,
  nano: 1e-6,
};
/** Both code points of the micro sign. */
const MICRO = /[\u00b5\u03bc]/g;

/**
 * Millivolts that a unit of voltage stands for: `mV`, `uV` (or with either micro sign), `nV`, `V`, in symbols or words, in
 * any case, singular or plural. Only `MV` is in doubt, which is a megavolt by the SI.
 *
 * @returns undefined where the unit is no voltage, or in doubt
 */
export function millivoltsPer(unit: string): number | undefined {
  const spelled = unit.trim().replace(MICRO, 'u');
  const [, prefix] = /^(milli|micro|nano|[mun]|)(?:v|volts?)$/i.exec(spelled) ?? [];
  if (prefix === undefined || prefix === 'M') return undefined;
  return PREFIXES[prefix.toLowerCase()];
}

/**
 * The signal of a WFDB record in millivolts, [lead, sample]; leads in other units of voltage are converted.
 *
 * @param record the record; its signal is returned as it is when all its leads are in mV
 * @param file the record's file, for errors
 * @throws UnusableSignalError on a unit that is no voltage
 */
export function signalInMillivolts(record: WfdbRecord, file: string): Float32Array {
  if (record.units.every((unit) => unit === 'mV')) return record.signal;
  const factors = record.units.map((unit, i) => {
    const factor = millivoltsPer(unit);
    if (factor !== undefined) return factor;
    const where = { file, record: record.name, lead: record.leads[i] };
    throw new UnusableSignalError('unit', {
      ...{ reason: 'not-a-voltage', expected: 'mV, uV or V', actual: `'${unit}'`, where },
    });
  });
  if (factors.every((factor) => factor === 1)) return record.signal;
  return record.signal.map((value, i) => value * factors[Math.floor(i / record.samples)]);
}
