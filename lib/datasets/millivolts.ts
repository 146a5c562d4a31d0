import { FormatError } from '../errors';
import type { WfdbRecord } from '../io/wfdb';

const PER_UNIT: Readonly<Record<string, number>> = { mV: 1, uV: 1e-3, µV: 1e-3, μV: 1e-3, V: 1e3 };

/**
 * The signal of a WFDB record in millivolts, [lead, sample]; leads in uV or V are converted.
 *
 * @param record the record; its signal is returned as it is when all its leads are in mV
 * @param file the record's file, for errors
 * @throws FormatError on a unit that is no voltage
 */
export function signalInMillivolts(record: WfdbRecord, file: string): Float32Array {
  const factors = record.units.map((unit, i) => {
    const factor = Object.hasOwn(PER_UNIT, unit) ? PER_UNIT[unit] : undefined;
    if (factor !== undefined) return factor;
    const where = { file, record: record.name, lead: record.leads[i] };
    throw new FormatError('unit', { expected: 'mV, uV or V', actual: `'${unit}'`, where });
  });
  if (factors.every((factor) => factor === 1)) return record.signal;
  return record.signal.map((value, i) => value * factors[Math.floor(i / record.samples)]);
}
