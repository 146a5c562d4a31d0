import { FormatError, UnusableSignalError, type Where } from '../errors';
import { childOf, type XmlElement } from '../io/xml';
import { ambiguousLead, LEADS, leadNamed } from './lead-names';
import { millivoltsPer } from './millivolts';

/** The ten seconds of an ECG as GE's CardioSoft exports them. */
export interface CardioSoftStrip {
  readonly fsHz: number;
  /** Lead names as they are spelled; `aVR` and `AVR` both occur. */
  readonly leads: readonly string[];
  /** mV, [lead, sample]. */
  readonly signal: Float32Array;
  /** Samples of each lead. */
  readonly samples: number;
  /** Names of the waveforms beside the twelve leads, which were not read; undefined where there are only leads. */
  readonly otherSignals: readonly string[] | undefined;
}

/**
 * Reads the strip out of a CardioSoft document: `StripData` under the root, or else under `Strip`.
 *
 * mV = sample * Resolution (its `units` are uVperLsb or mVperLsb). Of the waveforms only the twelve leads are read;
 * `SampleRate` and `ChannelSampleCountTotal` must agree with them, and `NumberOfLeads`, where there is one, may count no
 * more than there are.
 *
 * @param root the document
 * @param where file and record, for errors
 * @throws FormatError when an element is missing or no number, a lead is too short or too long
 * @throws UnusableSignalError when a lead comes twice and the two differ, or the unit is no voltage
 */
export function cardioSoftStrip(root: XmlElement, where: Where): CardioSoftStrip {
  const strip = childOf(root, 'StripData') ?? childOf(childOf(root, 'Strip') ?? root, 'StripData');
  if (strip === undefined) {
    const expected = 'StripData, or Strip/StripData';
    throw new FormatError('XML', { expected, actual: `none in ${root.name}`, where });
  }
  const fsHz = number(strip, 'SampleRate', where);
  const samples = wholeNumber(strip, 'ChannelSampleCountTotal', where);
  const mvPerLsb = resolution(strip, where);
  const all = strip.children.filter((child) => child.name === 'WaveformData');
  const names = all.map((waveform) => waveform.attributes.lead?.trim() ?? '');
  requireLeads(names, childOf(strip, 'NumberOfLeads') && wholeNumber(strip, 'NumberOfLeads', where), where);
  const waveforms = all.filter((_, i) => leadNamed(names[i]) !== undefined);
  const leads = names.filter((name) => leadNamed(name) !== undefined);
  const others = names.filter((name) => leadNamed(name) === undefined);
  // a sample takes a digit and a comma: what is claimed must be there before memory is taken for it
  const short = waveforms.findIndex(({ text }) => 2 * samples > text.length + 1);
  if (short !== -1) throw wrongCount(samples, 'fewer', { ...where, lead: leads[short] });
  const signal = new Float32Array(leads.length * samples);
  waveforms.forEach(({ text }, i) => {
    const values = signal.subarray(i * samples, (i + 1) * samples);
    readSamples(text, values, { ...where, lead: leads[i] });
    for (let k = 0; k < samples; k++) values[k] *= mvPerLsb;
  });
  const twice = ambiguousLead({ leads, signal, samples });
  if (twice !== undefined) {
    const lead = leads.findLast((name) => leadNamed(name) === twice.lead);
    throw new UnusableSignalError('WaveformData', {
      ...{ reason: 'ambiguous-lead', expected: 'each lead once', actual: twice.detail, where: { ...where, lead } },
    });
  }
  return { fsHz, leads, signal, samples, otherSignals: others.length === 0 ? undefined : others };
}

function element(strip: XmlElement, name: string, where: Where): XmlElement {
  const found = childOf(strip, name);
  if (found !== undefined) return found;
  throw new FormatError(name, { expected: 'one', actual: 'none', where });
}

function number(strip: XmlElement, name: string, where: Where): number {
  const { text } = element(strip, name, where);
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value < 1e9) return value;
  throw new FormatError(name, { expected: 'a number > 0', actual: `'${text.slice(0, 40)}'`, where });
}

function wholeNumber(strip: XmlElement, name: string, where: Where): number {
  const value = number(strip, name, where);
  if (Number.isInteger(value)) return value;
  throw new FormatError(name, { expected: 'a whole number', actual: String(value), where });
}

function resolution(strip: XmlElement, where: Where): number {
  const { attributes } = element(strip, 'Resolution', where);
  const { units = '' } = attributes;
  const factor = millivoltsPer(/^(.+)perLsb$/i.exec(units)?.[1] ?? '');
  if (factor !== undefined && factor <= 1) return factor * number(strip, 'Resolution', where);
  throw new UnusableSignalError('units of Resolution', {
    ...{ reason: 'not-a-voltage', expected: 'uVperLsb or mVperLsb', actual: `'${units}'`, where },
  });
}

function requireLeads(leads: readonly string[], count: number | undefined, where: Where): void {
  if (leads.length === 0) throw new FormatError('WaveformData', { expected: 'one a lead', actual: 'none', where });
  // a waveform without a name may be a lead that is missing, and does not matter where none is
  if (leads.includes('') && new Set(leads.map(leadNamed)).size <= LEADS.length) {
    throw new FormatError('WaveformData', { expected: 'the name of a lead', actual: 'none', where });
  }
  if (count !== undefined && count > leads.length) {
    throw new FormatError('NumberOfLeads', { expected: String(leads.length), actual: String(count), where });
  }
}

function wrongCount(expected: number, actual: string, where: Where): FormatError {
  return new FormatError('samples', { expected: String(expected), actual, where });
}

const [COMMA, MINUS, PLUS, POINT, ZERO, NINE] = [...',-+.09'].map((symbol) => symbol.charCodeAt(0));

/** Reads numbers, with commas between them and white space about them, into all of `values`. */
function readSamples(text: string, values: Float32Array, where: Where): void {
  const end = text.length;
  let at = 0;
  let count = 0;
  const skip = () => {
    while (at < end && text.charCodeAt(at) <= 32) at++;
  };
  for (skip(); at < end; skip()) {
    if (count === values.length) throw wrongCount(values.length, 'more', where);
    const start = at;
    const sign = text.charCodeAt(at);
    if (sign === MINUS || sign === PLUS) at++;
    const digits = at;
    let value = 0;
    let code = text.charCodeAt(at);
    for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) value = 10 * value + (code - ZERO);
    const whole = at - digits;
    if (code === POINT) {
      for (code = text.charCodeAt(++at); code >= ZERO && code <= NINE; ) code = text.charCodeAt(++at);
      value = Number(text.slice(digits, at));
    }
    skip();
    if (whole === 0 || whole > 9 || (at < end && text.charCodeAt(at) !== COMMA)) {
      const actual = `'${text.slice(start, start + 20)}'`;
      throw new FormatError('sample', { expected: 'a number', actual, where: { ...where, key: String(count) } });
    }
    at++;
    values[count++] = sign === MINUS ? -value : value;
  }
  if (count !== values.length) throw wrongCount(values.length, String(count), where);
}
