import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FormatError, MissingFileError, StorageError } from '../errors';
import { parseWfdbHeader, type WfdbHeader, type WfdbSignal } from './wfdb-header';

/** A WFDB record read whole. */
export interface WfdbRecord {
  readonly name: string;
  readonly fsHz: number;
  /** Samples of each lead. */
  readonly samples: number;
  /** Descriptions of the signals: the leads' names. */
  readonly leads: readonly string[];
  /** Physical unit of each lead, such as `mV`. */
  readonly units: readonly string[];
  /** ADC units for one physical unit, a lead each. */
  readonly gains: readonly number[];
  /** ADC value of 0 physical units, a lead each. */
  readonly baselines: readonly number[];
  /** The samples as stored, a lead each; -32,768 marks an invalid one. */
  readonly adc: readonly Int16Array[];
  /** (adc - baseline) / gain, physical units, [lead, sample]; NaN where a sample is invalid. */
  readonly signal: Float32Array;
  readonly comments: readonly string[];
}

/** WFDB's mark of an invalid sample in format 16. */
export const INVALID_SAMPLE = -32768;

/**
 * Reads a WFDB record of format 16 (interleaved little-endian 16-bit integers, in one or several files).
 *
 * @param path path of the record, with or without `.hea`
 * @param options.verify compare initial values and checksums with the header's; default true
 * @returns the samples as stored and in physical units
 * @throws MissingFileError when the header or a signal file is missing
 * @throws StorageError when the disk refuses to read them
 * @throws FormatError on another format, a file longer or shorter than the header says, a wrong checksum or first value
 */
export function readWfdbRecord(path: string, options: { readonly verify?: boolean } = {}): WfdbRecord {
  const { verify = true } = options;
  const base = path.replace(/\.hea$/, '');
  const headerFile = `${base}.hea`;
  const header = parseWfdbHeader(readBytes(headerFile).toString('utf8'), headerFile);
  const { name, fsHz, signals, comments } = header;
  const groups = signalFiles(header, headerFile);

  let samples = header.samples;
  const adc: Int16Array[] = [];
  let signal = new Float32Array(0);
  let integers = new Int16Array(0);
  for (const group of groups) {
    const file = join(dirname(base), group.file);
    const stored = readInterleaved(file, group, samples, name);
    const frames = stored.length / group.signals.length;
    if (samples === undefined) samples = frames;
    if (signal.length === 0) {
      signal = new Float32Array(signals.length * samples);
      integers = new Int16Array(signals.length * samples);
    }
    group.signals.forEach((line, column) => {
      const lead = adc.length;
      const physical = signal.subarray(lead * frames, (lead + 1) * frames);
      const values = integers.subarray(lead * frames, (lead + 1) * frames);
      const sum = decodeLead(stored, column, group.signals.length, line, values, physical);
      if (verify) verifyLead(line, values, sum, { file, record: name, lead: line.description });
      adc.push(values);
    });
  }
  return {
    name,
    fsHz,
    samples: samples ?? 0,
    leads: signals.map((line) => line.description),
    units: signals.map((line) => line.units),
    gains: signals.map((line) => line.gain),
    baselines: signals.map((line) => line.baseline),
    adc,
    signal,
    comments,
  };
}

interface SignalFile {
  file: string;
  byteOffset: number;
  signals: WfdbSignal[];
}

/** Consecutive signal lines that name one file share it, interleaved. */
function signalFiles(header: WfdbHeader, file: string): SignalFile[] {
  const groups: SignalFile[] = [];
  for (const line of header.signals) {
    const where = { file, record: header.name, lead: line.description };
    const only = (what: string, expected: number, actual: number) => {
      if (actual !== expected) {
        throw new FormatError(what, { expected: String(expected), actual: String(actual), where });
      }
    };
    only('WFDB signal format', 16, line.format);
    only('samples a frame', 1, line.samplesPerFrame);
    only('skew', 0, line.skew);
    const last = groups.at(-1);
    if (last?.file !== line.file) groups.push({ file: line.file, byteOffset: line.byteOffset, signals: [line] });
    else {
      only('byte offset of a shared file', last.byteOffset, line.byteOffset);
      last.signals.push(line);
    }
  }
  return groups;
}

function readInterleaved(file: string, group: SignalFile, samples: number | undefined, record: string): Int16Array {
  const bytes = readBytes(file);
  const frame = 2 * group.signals.length;
  const body = bytes.length - group.byteOffset;
  const right = samples === undefined ? body >= 0 && body % frame === 0 : body === samples * frame;
  if (!right) {
    const expected =
      samples === undefined
        ? `${group.byteOffset} and a multiple of ${frame}`
        : `${group.byteOffset + samples * frame} (${group.signals.length} leads of ${samples} samples)`;
    throw new FormatError('bytes', { expected, actual: String(bytes.length), where: { file, record } });
  }
  // readFileSync may give a buffer at an odd place; a copy puts the integers where Int16Array can see them
  const start = bytes.byteOffset + group.byteOffset;
  if (start % 2 === 0) return new Int16Array(bytes.buffer, start, body / 2);
  return new Int16Array(new Uint8Array(bytes.subarray(group.byteOffset)).buffer);
}

/** Copies one lead out of the frames, as stored and in physical units; returns the sum of its samples. */
function decodeLead(
  stored: Int16Array,
  column: number,
  stride: number,
  line: WfdbSignal,
  values: Int16Array,
  physical: Float32Array,
): number {
  const { baseline, gain } = line;
  const mark = INVALID_SAMPLE; // a local: an exported constant is looked up on each turn
  let sum = 0;
  let invalid = 0;
  for (let i = 0, k = column; i < values.length; i++, k += stride) {
    const value = stored[k];
    values[i] = value;
    sum = (sum + value) | 0; // modulo 2^32 is enough: the checksum is modulo 2^16
    invalid |= value === mark ? 1 : 0;
    physical[i] = (value - baseline) / gain;
  }
  // rare, and a choice a sample would make the loop twice as long
  if (invalid) for (let i = 0; i < values.length; i++) if (values[i] === mark) physical[i] = Number.NaN;
  return sum;
}

function verifyLead(
  line: WfdbSignal,
  values: Int16Array,
  sum: number,
  where: { file: string; record: string; lead: string },
): void {
  if (line.initialValue !== undefined && values.length > 0 && values[0] !== line.initialValue) {
    throw new FormatError('first value', { expected: String(line.initialValue), actual: String(values[0]), where });
  }
  if (line.checksum !== undefined && (sum & 0xffff) !== (line.checksum & 0xffff)) {
    throw new FormatError('checksum', {
      expected: String(line.checksum & 0xffff),
      actual: String(sum & 0xffff),
      where,
    });
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const details = { expected: 'a file that can be read', actual: code ?? String(cause), where: { file }, cause };
    if (code === 'ENOENT') throw new MissingFileError('WFDB record', { ...details, actual: 'none' });
    throw new StorageError('WFDB record', details);
  }
}
