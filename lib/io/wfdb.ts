import { isUtf8 } from 'node:buffer';
import { basename, dirname } from 'node:path';
import { ArgumentError, MissingFileError, type Where } from '../errors';
import { decodeText, decodeWindows1252, utf8Text } from './decode-text';
import { type FileTree, folderTree } from './file-tree';
import { readAtMost } from './read-at-most';
import { parseWfdbHeader, type WfdbHeader, type WfdbSignal } from './wfdb-header';
import { readWfdbSegments, type WfdbSegment } from './wfdb-multi-segment';
import { fastest, readWfdbSegment, type WfdbSamples, type WfdbSegmentSamples } from './wfdb-segment';

export type { WfdbSegment } from './wfdb-multi-segment';
export { INVALID_SAMPLE, type WfdbSamples } from './wfdb-segment';

/** A WFDB record, or a range of one. */
export interface WfdbRecord {
  readonly name: string;
  /** Rate of `signal` and `adc`, Hz. */
  readonly fsHz: number;
  /** Samples of each lead. */
  readonly samples: number;
  /** Descriptions of the signals: the leads' names. */
  readonly leads: readonly string[];
  /** Physical unit of each lead, such as `mV`. */
  readonly units: readonly string[];
  /** ADC units for one physical unit, a lead each; of several segments, those of the layout or the first. */
  readonly gains: readonly number[];
  /** ADC value of 0 physical units, a lead each; likewise. */
  readonly baselines: readonly number[];
  /**
   * ADC values, a lead each; the array's lowest value marks an invalid one: -32,768 in an Int16Array, -2^31 in an
   * Int32Array (formats 8, 24, 32 and 524).
   */
  readonly adc: readonly WfdbSamples[];
  /** (adc - baseline) / gain, physical units, [lead, sample]; NaN where a sample is invalid or was not recorded. */
  readonly signal: Float32Array;
  readonly comments: readonly string[];
  /** The segments read, each with its own gains; undefined where the record is of one. */
  readonly segments: readonly WfdbSegment[] | undefined;
}

/** How a WFDB record is read. */
export interface WfdbOptions {
  /** Compare initial values, and checksums of what is read whole, with the header's; default true. */
  readonly verify?: boolean;
  /** Files that `path` is a name in, such as an archive's; default the folder of the record. */
  readonly files?: FileTree;
  /** First frame (a sample at the header's rate); default 0. */
  readonly start?: number;
  /** The frame after the last; default the record's end. */
  readonly end?: number;
  /**
   * What becomes of signals with several samples a frame: `frame` (default) gives each lead one a frame, their mean
   * rounded towards 0 in ADC units, as `rdsamp` does; `highest` gives each lead the rate of the fastest, slower ones
   * repeated, as `rdsamp -H` does.
   */
  readonly resolution?: 'frame' | 'highest';
}

/** Bytes of the longest header that is read: some 100,000 segments. */
const LONGEST_HEADER = 2 ** 22;

/**
 * Reads a WFDB record: formats 8, 16, 24, 32, 61, 80, 160, 212, 310, 311 and FLAC (508, 516, 524), several files and
 * formats in one record, skew, byte offsets, several segments of fixed or variable layout with gaps.
 *
 * The files that a header names must lie in its folder. A file may be longer than the header says only where checksums
 * show that what the header describes was meant. FLAC and gaps may claim 2^25 values, or 8 for each byte or sample
 * stored, at once; longer records are read in ranges.
 *
 * @param path path of the record, with or without `.hea`
 * @param options what to read of it, and out of which files
 * @returns the samples in ADC and in physical units
 * @throws MissingFileError when a header or signal file is missing; StorageError when the disk refuses to read it
 * @throws FormatError when a header is wrong or a file not as its header says: its length, checksum or first value, a
 *   damaged FLAC stream, segments that do not fit together; ArgumentError on a range outside the record
 */
export function readWfdbRecord(path: string, options: WfdbOptions = {}): WfdbRecord {
  const { verify = true, start: from = 0, end: to, resolution = 'frame' } = options;
  if (!(isFrame(from) && (to === undefined || isFrame(to)))) {
    const expected = 'a start and an end of 0 or more';
    throw new ArgumentError('samples', { expected, actual: `${from} to ${to}`, where: { file: path } });
  }
  const files = options.files ?? folderTree(dirname(path));
  const base = (options.files === undefined ? basename(path) : path).replace(/\.hea$/, '');
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  const headerFile = () => files.show(`${base}.hea`);
  const header = readHeader(files, base);
  const { name, comments } = header;
  const highest = resolution === 'highest';

  if (header.segments !== undefined) {
    const read = readWfdbSegments(files, header, {
      ...{ headerFile, folder, from, to, verify, highest },
      readHeader: (segment) => readHeader(files, segment),
    });
    const fsHz = header.fsHz * read.stretch;
    return { name, fsHz, comments, ...described(read.signals), ...samplesOf(read), segments: read.segments };
  }
  const stretch = highest ? fastest(header.signals) : 1;
  const read = readWfdbSegment(files, header, {
    ...{ headerFile, folder, from, to, stretch, verify },
    samples: undefined,
  });
  const fsHz = header.fsHz * stretch;
  return { name, fsHz, comments, ...described(header.signals), ...samplesOf(read), segments: undefined };
}

function isFrame(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function described(signals: readonly WfdbSignal[]): Pick<WfdbRecord, 'leads' | 'units' | 'gains' | 'baselines'> {
  return {
    leads: signals.map((line) => line.description),
    units: signals.map((line) => line.units),
    gains: signals.map((line) => line.gain),
    baselines: signals.map((line) => line.baseline),
  };
}

function samplesOf({ samples, adc, signal }: WfdbSegmentSamples): WfdbSegmentSamples {
  return { samples, adc, signal };
}

/** Reads and parses a header; a record's name in the errors is the header's own. */
function readHeader(files: FileTree, base: string): WfdbHeader {
  const name = `${base}.hea`;
  const place = () => ({ file: files.show(name), record: basename(base) });
  let bytes: Buffer;
  try {
    bytes = readAtMost(files, name, { most: LONGEST_HEADER, what: 'WFDB header', where: place });
  } catch (cause) {
    if (!(cause instanceof MissingFileError)) throw cause;
    throw new MissingFileError('WFDB record', { expected: 'a header', actual: 'none', where: place(), cause });
  }
  return parseWfdbHeader(headerText(bytes, place), place);
}

/**
 * A header is UTF-8, or UTF-16 by its byte order mark. A line that is not UTF-8 is Windows-1252 alone: a comment in it
 * changes no name of a file in another line.
 */
function headerText(bytes: Buffer, place: () => Where): string {
  const marked = bytes[0] >= 0xfe && bytes[1] >= 0xfe;
  const options = { what: 'WFDB header', where: place() };
  if (marked || isUtf8(bytes)) return decodeText(bytes, options);
  const lines = bytes
    .toString('latin1')
    .split(/(?<=[\r\n])/)
    .map((line) => {
      const own = Buffer.from(line, 'latin1');
      return utf8Text(own) ?? decodeWindows1252(own);
    });
  return decodeText(Buffer.from(lines.join('')), options);
}
