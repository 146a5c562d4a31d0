import { ArgumentError, FormatError } from '../errors';
import type { FileTree } from './file-tree';
import { type DecodedLead, decodeLead } from './lead-decoder';
import type { WfdbHeader, WfdbSignal } from './wfdb-header';
import { requireRoom } from './wfdb-room';
import { readWfdbSignalFile, type WfdbSignalFile, type WfdbStored, wfdbSignalFiles } from './wfdb-signal-file';

/** ADC values of a lead; the lowest value that the array can hold marks an invalid sample. */
export type WfdbSamples = Int16Array | Int32Array;

/** Which part of a segment is read, and how. */
export interface WfdbPart {
  /** Gives the header's path, for errors. */
  headerFile(): string;
  /** Folder of the header in the tree: empty, or with a `/` at its end. */
  readonly folder: string;
  /** Frames, where they are known; they come before what the header says. */
  readonly samples: number | undefined;
  /** First frame. */
  readonly from: number;
  /** The frame after the last; undefined to the end. */
  readonly to: number | undefined;
  /** Samples of each lead that a frame becomes: 1, or the samples a frame of the fastest signal. */
  readonly stretch: number;
  /** How initial values and checksums are compared with the header's. */
  readonly verify: Verification;
}

/**
 * Whether initial values and checksums are compared with the header's: no; yes; yes, but one that does not agree is let
 * pass where the header has 0 in its place for all signals that are read, as headers made by hand often have.
 */
export type Verification = 'none' | 'strict' | 'but-placeholders';

/** The samples of a segment. */
export interface WfdbSegmentSamples {
  /** Samples of each lead. */
  readonly samples: number;
  readonly adc: readonly WfdbSamples[];
  /** Physical units, [lead, sample]; NaN where invalid. */
  readonly signal: Float32Array;
  /** Whether placeholders were let pass: nothing then shows that the samples are the recorded ones. */
  readonly unverified: boolean;
}

/** WFDB's mark of an invalid sample in format 16. */
export const INVALID_SAMPLE = -32768;

/** The mark of an invalid sample in values of more than 16 bits. */
export const INVALID_WIDE_SAMPLE = -0x8000_0000;

/**
 * Reads frames of the signals of a single-segment record that are used, each moved by its skew and brought to one rate.
 * Files that hold none of them are not opened.
 *
 * Of a signal with several samples a frame the mean is taken, rounded towards 0, as `rdsamp` does; with `stretch` the
 * samples are repeated instead, as `rdsamp -H` does. Where a lead's skew reaches beyond the file's end its last samples
 * are invalid (`rdsamp` drops them for all leads).
 *
 * @throws MissingFileError, StorageError when a signal file is missing or cannot be read
 * @throws FormatError when a file is not as the header says; ArgumentError when the part lies outside
 */
export function readWfdbSegment(tree: FileTree, header: WfdbHeader, part: WfdbPart): WfdbSegmentSamples {
  const { stretch, from, verify } = part;
  const { name } = header;
  const signals = header.signals.filter(({ used }) => used);
  const files = wfdbSignalFiles(tree, header, part);
  const latest = signals.reduce((most, line) => Math.max(most, skewFrames(line)), 0);

  let frames = part.samples ?? header.samples;
  const all: WfdbStored[] = [];
  for (const file of files) {
    const to = part.to === undefined ? undefined : part.to + latest;
    const stored = readWfdbSignalFile(tree, file, { samples: frames, from, to });
    if (file.name !== undefined) frames = stored.frames;
    if (stored.surplus !== undefined) requireChecksums(file, stored.surplus, verify);
    all.push(stored);
  }
  const end = frames ?? 0;
  const to = part.to ?? end;
  const where = () => ({ file: part.headerFile(), record: name });
  if (!(from <= to && to <= end)) {
    const expected = `a range of the ${end} of the record`;
    throw new ArgumentError('samples', { expected, actual: `${from} to ${to}`, where: where() });
  }

  const samples = (to - from) * stretch;
  const stored = all.reduce((sum, { flat }) => sum + flat.length, 0);
  requireRoom(signals.length * samples, { stored, where });
  const signal = new Float32Array(signals.length * samples);
  const narrow = files.reduce((sum, file) => sum + (file.wide ? 0 : file.used.length), 0);
  const integers = new ArrayBuffer(narrow * samples * Int16Array.BYTES_PER_ELEMENT);
  const adc: WfdbSamples[] = [];
  let taken = 0;
  let unverified = false;
  files.forEach((file, f) => {
    let column = 0;
    for (const line of file.signals) {
      const first = column;
      column += line.samplesPerFrame;
      if (!line.used) continue;
      const values = file.wide ? new Int32Array(samples) : new Int16Array(integers, taken, samples);
      if (!file.wide) taken += values.byteLength;
      const lead: Lead = {
        line,
        column: first,
        file,
        stored: all[f],
        values,
        signal,
        at: adc.length * samples,
        from,
        stretch,
      };
      const sum = readLead(lead);
      if (verifyLead(lead, sum, { whole: to - from === end, signals, verify })) unverified = true;
      adc.push(values);
    }
  });
  return { samples, adc, signal, unverified };
}

/** A file longer than its header says may be meant (segments can share one), if the checksums bear it out. */
function requireChecksums(
  file: WfdbSignalFile,
  surplus: { readonly expected: string; readonly actual: string },
  verify: Verification,
): void {
  if (verify !== 'none' && file.used.every((line) => line.checksum !== undefined)) return;
  throw new FormatError('bytes', { ...surplus, where: file.where() });
}

/** A skew is in samples of its signal, and taken to the nearest frame, as in the original library. */
function skewFrames({ skew, samplesPerFrame }: WfdbSignal): number {
  return Math.floor(skew / samplesPerFrame + 0.5);
}

interface Lead {
  readonly line: WfdbSignal;
  /** Place of its first sample in a frame of the file. */
  readonly column: number;
  readonly file: WfdbSignalFile;
  readonly stored: WfdbStored;
  /** Takes the samples in ADC units. */
  readonly values: WfdbSamples;
  /** Takes them in physical units, from `at` on. */
  readonly signal: Float32Array;
  readonly at: number;
  readonly from: number;
  readonly stretch: number;
}

/** Fills a lead; returns the sum of its stored samples, modulo 2^32. */
function readLead(lead: Lead): number {
  const { line, file, stored, values, signal, at, from, stretch } = lead;
  if (file.name === undefined) {
    values.fill(lowest(values));
    signal.fill(Number.NaN, at, at + values.length);
    return 0;
  }
  const plain = line.samplesPerFrame === 1 && stretch === 1 && line.skew === 0 && stored.from === from;
  if (plain) return readPlainLead(lead, stored.flat, values);
  readFrames(lead);
  const { gain, baseline } = line;
  const mark = lowest(values);
  for (let i = 0; i < values.length; i++) {
    signal[at + i] = values[i] === mark ? Number.NaN : (values[i] - baseline) / gain;
  }
  return storedSum(lead);
}

/** A lead with a sample a frame and no skew: one loop does it all. */
function readPlainLead(lead: Lead, flat: WfdbSamples, values: WfdbSamples): number {
  const { signal, at } = lead;
  const { invalid } = lead.file;
  const { sum, found } = decodeShorts(lead, flat, values) ?? decodePlainLead(lead, flat, values);
  if (!found) return sum;
  const mark = lowest(values);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== invalid) continue;
    values[i] = mark;
    signal[at + i] = Number.NaN;
  }
  return sum;
}

/** The same with SIMD, where it can be. */
function decodeShorts(lead: Lead, flat: WfdbSamples, values: WfdbSamples): DecodedLead | undefined {
  if (!(flat instanceof Int16Array && values instanceof Int16Array)) return undefined;
  const { column, signal, at } = lead;
  const { baseline, gain } = lead.line;
  const { invalid, perFrame: stride } = lead.file;
  const interleaved = { flat, column, stride, baseline, gain, invalid };
  return decodeLead(interleaved, values, signal.subarray(at, at + values.length));
}

function decodePlainLead(lead: Lead, flat: WfdbSamples, values: WfdbSamples): DecodedLead {
  const { column, signal, at } = lead;
  const { baseline, gain } = lead.line;
  const { invalid, perFrame: stride } = lead.file;
  const { length } = values;
  let sum = 0;
  let found = false;
  for (let i = 0, k = column; i < length; i++, k += stride) {
    const value = flat[k];
    values[i] = value;
    sum = (sum + value) | 0; // modulo 2^32 is enough: the checksum is modulo 2^16
    if (value === invalid) found = true;
    signal[at + i] = (value - baseline) / gain;
  }
  return { sum, found };
}

/** Frames of a lead, moved by its skew: their means, or their samples stretched. */
function readFrames({ line, column, file, stored, values, from, stretch }: Lead): void {
  const { flat } = stored;
  const { perFrame } = file;
  const { samplesPerFrame } = line;
  const { invalid } = file;
  const mark = lowest(values);
  const shift = from - stored.from + skewFrames(line);
  const there = flat.length / perFrame - shift;
  const count = values.length / stretch;
  for (let frame = 0; frame < count; frame++) {
    const at = (frame + shift) * perFrame + column;
    if (frame >= there) values.fill(mark, frame * stretch, (frame + 1) * stretch);
    else if (stretch > 1) {
      for (let s = 0; s < stretch; s++) {
        const value = flat[at + Math.floor((s * samplesPerFrame) / stretch)];
        values[frame * stretch + s] = value === invalid ? mark : value;
      }
    } else {
      let sum = 0;
      let found = false;
      for (let s = 0; s < samplesPerFrame; s++) {
        sum += flat[at + s];
        found ||= flat[at + s] === invalid;
      }
      values[frame] = found ? mark : Math.trunc(sum / samplesPerFrame);
    }
  }
}

function storedSum({ line, column, file, stored }: Lead): number {
  const { flat } = stored;
  let sum = 0;
  for (let at = column; at < flat.length; at += file.perFrame) {
    for (let s = 0; s < line.samplesPerFrame; s++) sum = (sum + flat[at + s]) | 0;
  }
  return sum;
}

const PLACEHOLDERS =
  "0 for every signal may be a placeholder: `placeholderChecksums: 'accept'`, or `standardise --accept-placeholder-checksums`, lets it pass";

/** Compares a lead with what the header says of it; true where a placeholder was let pass. */
function verifyLead(
  { line, column, file, stored }: Lead,
  sum: number,
  context: { readonly whole: boolean; readonly signals: readonly WfdbSignal[]; readonly verify: Verification },
): boolean {
  const { whole, signals, verify } = context;
  if (file.name === undefined || verify === 'none') return false;
  const { initialValue, checksum } = line;
  const first = stored.flat[column];
  let passed = false;
  const differ = (what: string, field: 'initialValue' | 'checksum', expected: number, actual: number) => {
    passed = stored.surplus === undefined && signals.every((signal) => signal[field] === 0);
    if (passed && verify === 'but-placeholders') return;
    const found = passed ? `${actual} (${PLACEHOLDERS})` : String(actual);
    throw new FormatError(what, { expected: String(expected), actual: found, where: file.where(line) });
  };
  // format 8 starts from the initial value; of an invalid first sample writers note what they like
  const comparable = stored.from === 0 && line.format !== 8 && first !== undefined && first !== file.invalid;
  if (comparable && initialValue !== undefined && first !== initialValue) {
    differ('first value', 'initialValue', initialValue, first);
  }
  if (!whole || checksum === undefined || (sum & 0xffff) === (checksum & 0xffff)) return passed;
  if (stored.surplus !== undefined) throw new FormatError('bytes', { ...stored.surplus, where: file.where(line) });
  differ('checksum', 'checksum', checksum & 0xffff, sum & 0xffff);
  return passed;
}

function lowest(values: WfdbSamples): number {
  return values instanceof Int16Array ? INVALID_SAMPLE : INVALID_WIDE_SAMPLE;
}

/** The samples a frame of the fastest signal that is read. */
export function fastest(signals: readonly WfdbSignal[]): number {
  return signals.reduce((most, line) => (line.used ? Math.max(most, line.samplesPerFrame) : most), 1);
}
