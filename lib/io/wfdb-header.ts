import { FormatError } from '../errors';

/** The header of a single-segment WFDB record. */
export interface WfdbHeader {
  readonly name: string;
  readonly fsHz: number;
  /** Samples of each signal; undefined where the header leaves it to the length of the file. */
  readonly samples: number | undefined;
  readonly signals: readonly WfdbSignal[];
  /** Text of the comment lines, without `#`. */
  readonly comments: readonly string[];
}

/** One signal line of a WFDB header. */
export interface WfdbSignal {
  /** File of the samples, relative to the header's folder. */
  readonly file: string;
  /** WFDB storage format, such as 16. */
  readonly format: number;
  readonly samplesPerFrame: number;
  /** Samples by which the signal lags behind. */
  readonly skew: number;
  /** Bytes before the first sample of the file. */
  readonly byteOffset: number;
  /** ADC units for one physical unit; 200 where the header gives none. */
  readonly gain: number;
  /** ADC value of 0 physical units; `adcZero` where the header gives none. */
  readonly baseline: number;
  readonly units: string;
  readonly adcResolution: number;
  readonly adcZero: number;
  /** ADC value of the first sample; undefined where the header gives none. */
  readonly initialValue: number | undefined;
  /** Sum of all samples modulo 65,536; undefined where the header gives none. */
  readonly checksum: number | undefined;
  readonly blockSize: number;
  /** The lead's name. */
  readonly description: string;
}

const FORMAT_FIELD = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/;
const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const GAIN_FIELD = new RegExp(String.raw`^(${NUMBER})(?:\((-?\d+)\))?(?:/(\S+))?$`);

/**
 * Parses a WFDB header (header(5) of the WFDB Applications Guide).
 *
 * A gain such as `1000.0(0)/mV` is 1000 ADC units a millivolt and 0 the ADC value of 0 mV. Optional fields that are
 * left out get the values that the format gives them.
 *
 * @param text the header
 * @param file its path, for errors
 * @throws FormatError on a multi-segment record, a field that is no number, a wrong number of signal lines
 */
export function parseWfdbHeader(text: string, file: string): WfdbHeader {
  const comments: string[] = [];
  const lines: { text: string; line: number }[] = [];
  text.split(/\r\n|\r|\n/).forEach((raw, i) => {
    const trimmed = raw.trim();
    if (trimmed.startsWith('#')) comments.push(trimmed.slice(1).trim());
    else if (trimmed !== '') lines.push({ text: trimmed, line: i + 1 });
  });
  if (lines.length === 0) {
    throw new FormatError('WFDB header', { expected: 'a record line', actual: 'no line', where: { file } });
  }
  const fault = (what: string, expected: string, actual: string, line: number) =>
    new FormatError(what, { expected, actual, where: { file, line } });

  const [first, ...signalLines] = lines;
  const [name, signalCount, rate = '250', length] = first.text.split(/\s+/);
  if (name.includes('/')) throw fault('WFDB record', 'one segment', `the multi-segment record '${name}'`, first.line);
  if (signalCount === undefined || !/^\d+$/.test(signalCount)) {
    throw fault('number of signals', 'a whole number', `'${signalCount ?? ''}'`, first.line);
  }
  if (Number(signalCount) !== signalLines.length) {
    throw fault('signal lines', `${signalCount} as the record line says`, String(signalLines.length), first.line);
  }
  const fsHz = Number(rate.split('/')[0]);
  if (!(fsHz > 0 && Number.isFinite(fsHz))) throw fault('sampling rate', 'a number > 0 Hz', `'${rate}'`, first.line);
  if (length !== undefined && !/^\d+$/.test(length)) {
    throw fault('samples a signal', 'a whole number', `'${length}'`, first.line);
  }

  const signals = signalLines.map(({ text, line }, i): WfdbSignal => {
    const fields = text.split(/\s+/);
    if (fields.length < 2) throw fault('signal line', 'at least a file name and a format', `'${text}'`, line);
    const format = FORMAT_FIELD.exec(fields[1]);
    if (format === null) throw fault('signal format', 'such as 16 or 16+24', `'${fields[1]}'`, line);
    const gain = GAIN_FIELD.exec(fields[2] ?? '200');
    if (gain === null) throw fault('gain', 'such as 1000.0(0)/mV', `'${fields[2]}'`, line);
    const whole = (position: number, what: string): number | undefined => {
      const field = fields[position];
      if (field === undefined) return undefined;
      if (!/^[+-]?\d+$/.test(field)) throw fault(what, 'a whole number', `'${field}'`, line);
      return Number(field);
    };
    const adcZero = whole(4, 'ADC zero') ?? 0;
    return {
      file: fields[0],
      format: Number(format[1]),
      samplesPerFrame: Number(format[2] ?? 1),
      skew: Number(format[3] ?? 0),
      byteOffset: Number(format[4] ?? 0),
      gain: Number(gain[1]) || 200, // 0 marks an uncalibrated signal, for which the format says 200
      baseline: gain[2] === undefined ? adcZero : Number(gain[2]),
      units: gain[3] ?? 'mV',
      adcResolution: whole(3, 'ADC resolution') ?? 12,
      adcZero,
      initialValue: whole(5, 'initial value'),
      checksum: whole(6, 'checksum'),
      blockSize: whole(7, 'block size') ?? 0,
      description: fields.slice(8).join(' ') || `record ${name}, signal ${i}`,
    };
  });
  return { name, fsHz, samples: length === undefined ? undefined : Number(length), signals, comments };
}
