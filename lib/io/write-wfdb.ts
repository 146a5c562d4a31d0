import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ArgumentError } from '../errors';
import { INVALID_SAMPLE, INVALID_WIDE_SAMPLE, type WfdbSamples } from './wfdb-segment';

/** What a WFDB record of format 16 is written from. */
export interface WfdbSource {
  readonly fsHz: number;
  /** Lead names. */
  readonly leads: readonly string[];
  /** Samples of each lead, ADC units of 16 bits; the array's lowest value marks an invalid one. */
  readonly adc: readonly WfdbSamples[];
  /** ADC units a millivolt; one for all leads. Default 1000. */
  readonly gainPerMv?: number;
  /** ADC value of 0 mV; one for all leads. Default 0. */
  readonly baseline?: number;
  /** Text of comment lines. */
  readonly comments?: readonly string[];
}

/**
 * Writes a WFDB record of format 16 as PTB-XL's are: one `.dat`, interleaved, and a `.hea`.
 *
 * The header comes last: a record that has one is whole. A record that is there is replaced.
 *
 * @param path path of the record without an extension; its folder is made when it is missing
 * @throws ArgumentError when the leads differ in length or number, or a sample needs more than 16 bits
 */
export function writeWfdbRecord(path: string, source: WfdbSource): void {
  const { fsHz, leads, adc, gainPerMv = 1000, baseline = 0, comments = [] } = source;
  const samples = adc[0]?.length ?? 0;
  if (adc.length !== leads.length || adc.some((lead) => lead.length !== samples)) {
    throw new ArgumentError('leads of a WFDB record', {
      expected: `${leads.length} leads of equal length`,
      actual: `lengths ${adc.map((lead) => lead.length).join(', ')}`,
      where: { file: path },
    });
  }
  const name = basename(path);
  const interleaved = new Int16Array(samples * leads.length);
  const lines = leads.map((lead, column) => {
    const values = in16Bits(adc[column], { path, lead });
    let sum = 0;
    for (let i = 0, k = column; i < samples; i++, k += leads.length) {
      interleaved[k] = values[i];
      sum = (sum + values[i]) | 0;
    }
    const gain = Number.isInteger(gainPerMv) ? gainPerMv.toFixed(1) : String(gainPerMv);
    return `${name}.dat 16 ${gain}(${baseline})/mV 16 0 ${values[0] ?? 0} ${sum & 0xffff} 0 ${lead}`;
  });
  const header = [`${name} ${leads.length} ${fsHz} ${samples}`, ...lines, ...comments.map((text) => `# ${text}`)];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.dat`, new Uint8Array(interleaved.buffer));
  writeFileSync(`${path}.hea`, `${header.join('\n')}\n`);
}

function in16Bits(values: WfdbSamples, { path, lead }: { readonly path: string; readonly lead: string }): Int16Array {
  if (values instanceof Int16Array) return values;
  return Int16Array.from(values, (value) => {
    if (value === INVALID_WIDE_SAMPLE) return INVALID_SAMPLE;
    if (value > INVALID_SAMPLE && value < 2 ** 15) return value;
    const where = { file: path, lead };
    throw new ArgumentError('sample', { expected: 'one of 16 bits', actual: String(value), where });
  });
}
