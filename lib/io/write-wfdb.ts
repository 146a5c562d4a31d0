import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ArgumentError } from '../errors';
import { GREATEST_READING } from './wfdb-header';
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
 * @throws ArgumentError when the leads differ in length or number, a sample is no integer of 16 bits, or a name, comment
 *   or number is one that `readWfdbRecord` would refuse or change
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
  const refuse = (what: string, expected: string, actual: string) => {
    throw new ArgumentError(what, { expected, actual, where: { file: path } });
  };
  if (/[\p{Cc}\s/\\\ufffd\p{Cs}]|^[#~]|\.hea$|^$/u.test(name) || path.includes('\0')) {
    refuse('record name', 'one word, without .hea', `'${name}'`);
  }
  if (leads.length === 0) refuse('leads of a WFDB record', 'at least one', 'none');
  for (const lead of leads) if (lead === '' || !isPlain(lead)) refuse('lead', 'words in one line', `'${lead}'`);
  for (const text of comments) {
    if (!isPlain(text) || text.startsWith('#')) refuse('comment', 'words in one line', `'${text}'`);
  }
  if (!(fsHz > 0 && Number.isFinite(fsHz))) refuse('sampling rate', 'a number > 0 Hz', String(fsHz));
  if (!(Number.isFinite(gainPerMv) && 2 ** 32 / Math.abs(gainPerMv) < GREATEST_READING)) {
    refuse('gain', 'a number that is not 0, with readings within float32', String(gainPerMv));
  }
  if (!(Number.isInteger(baseline) && Math.abs(baseline) <= 2 ** 31)) {
    refuse('baseline', 'a 32-bit integer', String(baseline));
  }
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

/** Whether a header gives a text back as it is: fields are split at white space, and lines are trimmed. */
function isPlain(text: string): boolean {
  return text === text.trim() && !/[\p{Cc}\ufffd\p{Cs}]| {2}/u.test(text);
}

function in16Bits(values: WfdbSamples, { path, lead }: { readonly path: string; readonly lead: string }): Int16Array {
  if (values instanceof Int16Array) return values;
  return Int16Array.from(values, (value) => {
    if (value === INVALID_WIDE_SAMPLE) return INVALID_SAMPLE;
    if (Number.isInteger(value) && value > INVALID_SAMPLE && value < 2 ** 15) return value;
    const where = { file: path, lead };
    throw new ArgumentError('sample', { expected: 'one of 16 bits', actual: String(value), where });
  });
}
