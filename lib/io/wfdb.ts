import { isUtf8 } from 'node:buffer';
import { basename, dirname } from 'node:path';
import { ArgumentError, MissingFileError, type Where } from '../errors';
import { decodeText, decodeWindows1252, utf8Text } from './decode-text';
import { type FileTree, folderTree } from './file-tree';
import { readAtMost } from './read-at-most';
import { parseWfdbHeader, type UsesSignal, type WfdbHeader, type WfdbSignal } from './wfdb-header';
import { readWfdbSegments, type WfdbSegment } from './wfdb-multi-segment';
import { fastest, readWfdbSegment, type Verification, type WfdbSamples, type WfdbSegmentSamples } from './wfdb-segment';

export type { WfdbSegment } from './wfdb-multi-segment';
export { INVALID_SAMPLE, type WfdbSamples } from './wfdb-segment';

/** A WFDB record, or a range of one. */
export interface WfdbRecord {
  readonly name: string;
  /** Rate of `signal` and `adc`, Hz. */
  readonly fsHz: number;
  /** Samples of each lead. */
  readonly samples: number;
  /** Descriptions of the signals that were read: the leads' names. */
  readonly leads: readonly string[];
  /** Descriptions of those that were not asked for; undefined where there are none. */
  readonly otherSignals: readonly string[] | undefined;
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
  /** True where checksums or initial values did not agree and passed for placeholders; else undefined. */
  readonly unverified: true | undefined;
}

/** How a WFDB record is read. */
export interface WfdbOptions {
  /** Compare initial values, and checksums of what is read whole, with the header's; default true. */
  readonly verify?: boolean;
  /**
   * What becomes of a checksum or an initial value that does not agree where the header has 0 in its place for every
   * signal that is read, as headers made by hand often have; default `refuse`. `accept` is told in `unverified`.
   */
  readonly placeholderChecksums?: 'refuse' | 'accept';
  /**
   * Which signals are read, by their names; default all. What the header says of others is not checked, and a file that
   * holds none of those that are read is not opened.
   */
  readonly signals?: (name: string) => boolean;
  /** Files that `path` is a name in, such as an archive's; default the folder of the record. */
  readonly files?: FileTree;
  /** First frame (a sample at the header's rate); default 0. */
  readonly start?: number;
  /** The frame after the last; default the record's end. */
  readonly end?: number;
  /**
   * What becomes of signals with several samples a frame: `frame` (default) gives each lead one a frame, their mean
   * rounded towards 0 in ADC units, as `rdsamp` does; `highest` gives each lead the rate of the fastest that is read,
   * slower ones repeated, as `rdsamp -H` does.
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
  const { start: from = 0, end: to, resolution = 'frame', signals: uses = () => true } = options;
  if (!(isFrame(from) && (to === undefined || isFrame(to)))) {
    const expected = 'a start and an end of 0 or more';
    throw new ArgumentError('samples', { expected, actual: `${from} to ${to}`, where: { file: path } });
  }
  const files = options.files ?? folderTree(dirname(path));
  const base = (options.files === undefined ? basename(path) : path).replace(/\.hea$/i, '');
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  const headerFile = () => files.show(`${base}.hea`);
  const header = readHeader(files, base, uses);
  const { name, comments } = header;
  const highest = resolution === 'highest';
  const verify = verification(options);

  if (header.segments !== undefined) {
    const read = readWfdbSegments(files, header, {
      ...{ headerFile, folder, from, to, verify, highest, uses },
      readHeader: (segment, usesIn) => readHeader(files, segment, usesIn),
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

function verification({ verify = true, placeholderChecksums = 'refuse' }: WfdbOptions): Verification {
  if (!verify) return 'none';
  return placeholderChecksums === 'accept' ? 'but-placeholders' : 'strict';
}

function described(
  all: readonly WfdbSignal[],
): Pick<WfdbRecord, 'leads' | 'otherSignals' | 'units' | 'gains' | 'baselines'> {
  const signals = all.filter(({ used }) => used);
  const others = all.filter(({ used }) => !used).map((line) => line.description);
  return {
    leads: signals.map((line) => line.description),
    otherSignals: others.length === 0 ? undefined : others,
    units: signals.map((line) => line.units),
    gains: signals.map((line) => line.gain),
    baselines: signals.map((line) => line.baseline),
  };
}

function samplesOf({ samples, adc, signal, unverified }: WfdbSegmentSamples) {
  return { samples, adc, signal, unverified: unverified || undefined } as const;
}

/** Reads and parses a header; a record's name in the errors is the header's own. */
function readHeader(files: FileTree, base: string, uses: UsesSignal): WfdbHeader {
  const name = `${base}.hea`;
  const place = () => ({ file: files.show(name), record: basename(base) });
  let bytes: Buffer;
  try {
    bytes = readAtMost(files, name, { most: LONGEST_HEADER, what: 'WFDB header', where: place });
  } catch (cause) {
    if (!(cause instanceof MissingFileError)) throw cause;
    throw new MissingFileError('WFDB record', { expected: 'a header', actual: 'none', where: place(), cause });
  }
  return parseWfdbHeader(headerText(bytes, place), place, uses);
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
