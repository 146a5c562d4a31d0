import { FormatError } from '../errors';

/** The header of a WFDB record: of one segment, or the master header of several. */
export interface WfdbHeader {
  readonly name: string;
  /** Frames a second; a signal has `samplesPerFrame` times as many samples. */
  readonly fsHz: number;
  /** Signals that the record line announces. */
  readonly signalCount: number;
  /** Frames; undefined where the header leaves them to the length of the file, or to the segments. */
  readonly samples: number | undefined;
  /** Empty in the master header of several segments. */
  readonly signals: readonly WfdbSignal[];
  /** The segments, in order; undefined in the header of a single one. */
  readonly segments: readonly WfdbSegmentLine[] | undefined;
  /** Text of the comment lines, without `#`. */
  readonly comments: readonly string[];
}

/** One signal line of a WFDB header. */
export interface WfdbSignal {
  /** File of the samples, relative to the header's folder; `~` where there is none. */
  readonly file: string;
  /** WFDB storage format, such as 16; 0 has no samples. */
  readonly format: number;
  /** Samples in each frame, 1 or more. */
  readonly samplesPerFrame: number;
  /** Samples by which the signal lags behind. */
  readonly skew: number;
  /** Bytes before the first sample of the file; samples in FLAC. */
  readonly byteOffset: number;
  /** ADC units for one physical unit, never 0; 200 where the header gives none. */
  readonly gain: number;
  /** ADC value of 0 physical units; `adcZero` where the header gives none. */
  readonly baseline: number;
  readonly units: string;
  readonly adcZero: number;
  /** ADC value of the first sample; undefined where the header gives none. */
  readonly initialValue: number | undefined;
  /** Sum of all samples modulo 65,536; undefined where the header gives none. */
  readonly checksum: number | undefined;
  /** The file is padded to a multiple of so many bytes; 0 where it is not. */
  readonly blockSize: number;
  /** The lead's name. */
  readonly description: string;
  /** Whether the signal is read; of others only the file and the format are known, the rest is as if left out. */
  readonly used: boolean;
  /** Line of the header, from 1. */
  readonly line: number;
}

/** One segment line of the master header of several segments. */
export interface WfdbSegmentLine {
  /** Record of the segment; `~` where nothing was recorded. */
  readonly name: string;
  /** Frames; 0 for the layout that a record of variable layout begins with. */
  readonly samples: number;
  /** Line of the header, from 1. */
  readonly line: number;
}

/** Name of a file or segment that is not there, as WFDB writes it. */
export const NO_FILE = '~';

const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
const RECORD_FIELD = /^([^/]+)(?:\/(\d+))?$/;
const RATE_FIELD = new RegExp(String.raw`^(${NUMBER})(?:/${NUMBER}(?:\(${NUMBER}\))?)?$`);
const FORMAT_FIELD = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/;
const GAIN_FIELD = new RegExp(String.raw`^(${NUMBER})(?:\(([+-]?\d+)\))?(?:/(\S*))?$`);

const [ZERO, PLUS, MINUS] = [48, 43, 45];

/** A reading beyond it could not be told from Infinity in float32. */
export const GREATEST_READING = 1e38;

/**
 * Parses a WFDB header (header(5) of the WFDB Applications Guide).
 *
 * A gain such as `1000.0(0)/mV` is 1000 ADC units a millivolt and 0 the ADC value of 0 mV; `16x4:3+24` is format 16, 4
 * samples a frame, a skew of 3 samples and 24 bytes before the first. Optional fields that are left out get the values
 * that the format gives them; a length of 0 is one left out. Time and date are not read.
 *
 * @param text the header
 * @param place gives its path and the record, for errors
 * @param uses which signals are read, by name and index; default all. The fields of others are not checked
 * @throws FormatError that names the line and the field: a field that is no number or out of range, or a wrong number
 *   of signal or segment lines
 */
export function parseWfdbHeader(text: string, place: () => HeaderPlace, uses: UsesSignal = () => true): WfdbHeader {
  const comments: string[] = [];
  const lines: HeaderLine[] = [];
  // a regular expression takes longer, and all but a few headers have no CR
  const texts = text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n');
  for (let i = 0; i < texts.length; i++) {
    const trimmed = texts[i].trim();
    if (trimmed.startsWith('#')) comments.push(trimmed.replace(/^#+/, '').trim());
    else if (trimmed !== '') lines.push({ fields: fieldsOf(trimmed), place, line: i + 1 });
  }
  if (lines.length === 0) {
    throw new FormatError('WFDB header', { expected: 'a record line', actual: 'no line', where: place() });
  }

  const [first, ...others] = lines;
  const [nameField, countField, rateField = '250', lengthField] = first.fields;
  const parsedName = RECORD_FIELD.exec(nameField);
  if (parsedName === null) throw fault('record name', 'such as r or r/3', nameField, first);
  const [, name, segmentCount] = parsedName;
  const signalCount = whole('number of signals', countField ?? '', first);
  const rate = RATE_FIELD.exec(rateField);
  const fsHz = Number(rate?.[1] ?? Number.NaN);
  if (!(fsHz > 0 && Number.isFinite(fsHz))) throw fault('sampling rate', 'a number > 0 Hz', rateField, first);
  const length = lengthField === undefined ? 0 : whole('samples a signal', lengthField, first);

  const count = segmentCount === undefined ? signalCount : Number(segmentCount);
  if (count !== others.length) {
    const what = segmentCount === undefined ? 'signal lines' : 'segment lines';
    throw new FormatError(what, {
      expected: `${count} as the record line says`,
      actual: String(others.length),
      where: { ...place(), line: first.line },
    });
  }
  const single = segmentCount === undefined;
  return {
    name,
    fsHz,
    signalCount,
    samples: length === 0 ? undefined : length,
    signals: single ? signalLines(others, name, uses) : [],
    segments: single ? undefined : others.map(segmentLine),
    comments,
  };
}

/** Which signals of a header are read. */
export type UsesSignal = (name: string, index: number) => boolean;

/** Where a header is: its path, and the record. */
export interface HeaderPlace {
  readonly file: string;
  readonly record: string;
}

interface HeaderLine {
  readonly fields: readonly string[];
  readonly line: number;
  place(): HeaderPlace;
}

/** The words of a line; by hand, for this is half the time that a header takes. */
function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? 32 : text.charCodeAt(i);
    if (code !== 32 && !(code >= 9 && code <= 13)) continue;
    if (i > start) fields.push(text.slice(start, i));
    start = i + 1;
  }
  return fields;
}

function fault(what: string, expected: string, actual: string, { place, line }: HeaderLine): FormatError {
  const where = { ...place(), line };
  return new FormatError(what, { expected, actual: `'${actual.slice(0, 60)}'`, where });
}

function whole(what: string, field: string, line: HeaderLine): number {
  const value = /^\d+$/.test(field) ? Number(field) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw fault(what, 'a whole number', field, line);
  return value;
}

function segmentLine(line: HeaderLine): WfdbSegmentLine {
  const [name, length] = line.fields;
  return { name, samples: whole('samples of the segment', length ?? '', line), line: line.line };
}

function signalLines(lines: readonly HeaderLine[], record: string, uses: UsesSignal): WfdbSignal[] {
  // the signals of a record mostly share format and gain
  const formats = new Map<string, ReturnType<typeof parseFormat>>();
  const gains = new Map<string, ReturnType<typeof parseGain>>();
  return lines.map((line, i) => {
    const { fields } = line;
    const description = fields.length > 8 ? fields.slice(8).join(' ') : `record ${record}, signal ${i}`;
    if (!uses(description, i)) return unusedSignal(line, description);
    if (fields.length < 2) throw fault('signal line', 'at least a file name and a format', fields.join(' '), line);
    integer('ADC resolution', fields[3], line); // not needed, but a word here means that the fields are displaced
    const adcZero = integer('ADC zero', fields[4], line) ?? 0;
    const [formatField, gainField = '200'] = fields.slice(1, 3);
    const format = formats.get(formatField) ?? parseFormat(formatField, line);
    formats.set(formatField, format);
    const gain = gains.get(gainField) ?? parseGain(gainField, line);
    gains.set(gainField, gain);
    return {
      file: fields[0],
      ...format,
      gain: gain.gain,
      baseline: gain.baseline ?? adcZero,
      units: gain.units,
      adcZero,
      initialValue: integer('initial value', fields[5], line),
      checksum: integer('checksum', fields[6], line),
      blockSize: integer('block size', fields[7], line) ?? 0,
      description,
      used: true,
      line: line.line,
    };
  });
}

/** What must be known of a signal that is not read: where its samples lie, should it share a file with others. */
function unusedSignal({ fields, line }: HeaderLine, description: string): WfdbSignal {
  const [file, field = ''] = fields;
  const [, format, perFrame = '1'] = FORMAT_FIELD.exec(field) ?? [];
  const samplesPerFrame = Number(perFrame);
  return {
    ...{ file, format: samplesPerFrame > 0 ? Number(format) : Number.NaN, samplesPerFrame, skew: 0, byteOffset: 0 },
    ...{ gain: 200, baseline: 0, units: '', adcZero: 0, initialValue: undefined, checksum: undefined, blockSize: 0 },
    ...{ description, used: false, line },
  };
}

/** A 32-bit integer; undefined where the line has none. */
function integer(what: string, field: string | undefined, line: HeaderLine): number | undefined {
  if (field === undefined) return undefined;
  const value = decimal(field);
  if (!(Math.abs(value) <= 2 ** 31)) throw fault(what, 'a 32-bit integer', field, line);
  return value;
}

/** The integer that a field is, by hand for its speed; NaN when it is none. */
function decimal(field: string): number {
  const first = field.charCodeAt(0);
  const signed = first === MINUS || first === PLUS;
  let value = field.length > (signed ? 1 : 0) ? 0 : Number.NaN;
  for (let i = signed ? 1 : 0; i < field.length; i++) {
    const digit = field.charCodeAt(i) - ZERO;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return first === MINUS ? 0 - value : value;
}

function parseFormat(field: string, line: HeaderLine) {
  const parts = FORMAT_FIELD.exec(field);
  if (parts === null) throw fault('signal format', 'such as 16 or 16+24', field, line);
  const [, format, perFrame = '1', skew = '0', byteOffset = '0'] = parts;
  const samplesPerFrame = whole('samples a frame', perFrame, line);
  if (samplesPerFrame === 0) throw fault('samples a frame', '1 or more', field, line);
  return {
    format: whole('signal format', format, line),
    samplesPerFrame,
    skew: whole('skew', skew, line),
    byteOffset: whole('byte offset', byteOffset, line),
  };
}

function parseGain(field: string, line: HeaderLine) {
  const parts = GAIN_FIELD.exec(field);
  if (parts === null) throw fault('gain', 'such as 1000.0(0)/mV', field, line);
  const [, number, zero, units] = parts;
  const gain = Number(number) || 200; // 0 marks an uncalibrated signal, for which the format says 200
  const baseline = integer('baseline', zero, line);
  // the ADC zero, which may stand in for the baseline, is a 32-bit integer too
  if (!(Number.isFinite(gain) && 2 ** 32 / Math.abs(gain) < GREATEST_READING)) {
    throw fault('gain', 'one that gives readings within float32', field, line);
  }
  return { gain, baseline, units: units || 'mV' };
}
