import { FormatError, MissingFileError, type Where } from '../errors';
import type { FileTree } from './file-tree';
import { readWfdbFlac, WFDB_FLAC_FORMATS } from './wfdb-flac';
import { NO_FILE, type WfdbHeader, type WfdbSignal } from './wfdb-header';
import { bytesOfSamples, samplesInBytes, WFDB_SAMPLE_FORMATS, type WfdbSampleFormat } from './wfdb-sample-format';

/** Consecutive signals of a header that share a file, their samples interleaved by frames. */
export interface WfdbSignalFile {
  /** Name in the tree; undefined for signals without samples (format 0). */
  readonly name: string | undefined;
  /** All its signals: those that are not read take their place in its frames. */
  readonly signals: readonly WfdbSignal[];
  /** Those that are read, one at least. */
  readonly used: readonly WfdbSignal[];
  /** Samples a frame, of all its signals. */
  readonly perFrame: number;
  /** How its samples lie; undefined for FLAC, and where there are none. */
  readonly format: WfdbSampleFormat | undefined;
  /** Value that marks an invalid sample. */
  readonly invalid: number;
  /** Whether its samples may need more than 16 bits. */
  readonly wide: boolean;
  /** File, record and lead, for errors; the first lead that is read where none is given. */
  where(signal?: WfdbSignal): Where;
}

/** Samples of a signal file. */
export interface WfdbStored {
  /** Frames in the file, as the header or the file's length says. */
  readonly frames: number;
  /** First frame that was read. */
  readonly from: number;
  /** Samples of the frames that were read; the signals of a frame follow each other. Empty where there are none. */
  readonly flat: Int16Array | Int32Array;
  /** What the file should hold, and holds, where it is longer than the header says. */
  readonly surplus: { readonly expected: string; readonly actual: string } | undefined;
}

/** Where a header lies. */
export interface WfdbPlace {
  /** Gives its path, for errors. */
  headerFile(): string;
  /** Its folder in the tree: empty, or with a `/` at its end. */
  readonly folder: string;
}

/** What is read of a signal file. */
export interface WfdbStretch {
  /** The header's frames; undefined where it leaves them open. */
  readonly samples: number | undefined;
  /** First frame. */
  readonly from: number;
  /** The frame after the last; undefined to the end. */
  readonly to: number | undefined;
}

const WIDE_FORMATS: ReadonlySet<number> = new Set([8, 24, 32, 524]);

/**
 * The signal files of a header that hold a signal that is read.
 *
 * @param tree where the files lie
 * @param header of one segment
 * @param place where the header lies: its files are in the same folder
 * @throws FormatError on an unknown format, a file name that leaves the header's folder, or signals of one file that
 *   disagree on how they are stored
 */
export function wfdbSignalFiles(tree: FileTree, header: WfdbHeader, place: WfdbPlace): WfdbSignalFile[] {
  const inHeader = ({ description, line }: WfdbSignal) => {
    return { file: place.headerFile(), record: header.name, lead: description, line };
  };
  const groups: WfdbSignal[][] = [];
  const begun = new Set<string>();
  for (const line of header.signals) {
    const group = groups.at(-1);
    if (group?.[0].file === line.file) {
      group.push(line);
    } else {
      if (line.used && line.format !== 0 && begun.has(line.file)) {
        const actual = `'${line.file}' twice`;
        const expected = 'the signals of a file side by side';
        throw new FormatError('signal file', { expected, actual, where: inHeader(line) });
      }
      groups.push([line]);
      begun.add(line.file);
    }
  }
  const filesUsed = groups.filter((signals) => signals.some(({ used }) => used));
  return filesUsed.map((signals) => {
    const used = signals.filter((line) => line.used);
    const [leader] = used;
    for (const line of signals) requireAlike(leader, line, inHeader);
    const format = WFDB_SAMPLE_FORMATS.get(leader.format);
    const known = format ?? WFDB_FLAC_FORMATS.get(leader.format);
    if (known === undefined && leader.format !== 0) {
      const expected = [0, ...WFDB_SAMPLE_FORMATS.keys(), ...WFDB_FLAC_FORMATS.keys()].join(', ');
      throw new FormatError('signal format', { expected, actual: String(leader.format), where: inHeader(leader) });
    }
    if (known !== undefined) requireInside(leader.file, () => inHeader(leader));
    const name = known === undefined ? undefined : `${place.folder}${leader.file}`;
    let perFrame = 0;
    for (const { samplesPerFrame } of signals) perFrame += samplesPerFrame;
    return {
      name,
      signals,
      used,
      perFrame,
      format,
      invalid: known?.invalid ?? 0,
      wide: WIDE_FORMATS.has(leader.format),
      where: ({ description } = leader) => {
        const path = name === undefined ? place.headerFile() : tree.show(name);
        return { file: path, record: header.name, lead: description };
      },
    };
  });
}

/** The signals of a file have its format in common, and those that are read its offset and padding too. */
function requireAlike(leader: WfdbSignal, line: WfdbSignal, where: (line: WfdbSignal) => Where): void {
  const differ = (what: string, expected: number, actual: number) => {
    return new FormatError(what, { expected: String(expected), actual: String(actual), where: where(line) });
  };
  if (line.format !== leader.format) throw differ('signal format', leader.format, line.format);
  if (!line.used) return;
  if (line.byteOffset !== leader.byteOffset) {
    throw differ('byte offset of a shared file', leader.byteOffset, line.byteOffset);
  }
  if (line.blockSize !== leader.blockSize) {
    throw differ('block size of a shared file', leader.blockSize, line.blockSize);
  }
}

/**
 * @throws FormatError when a header names a file outside its own folder
 */
export function requireInside(name: string, where: () => Where): void {
  const leaves = name.startsWith('/') || name.includes('\0') || name.includes('\\') || name.split('/').includes('..');
  if (!leaves && name !== NO_FILE) return;
  const expected = "a file in the header's folder";
  throw new FormatError('file name', { expected, actual: `'${name.slice(0, 60)}'`, where: where() });
}

/**
 * Reads frames of a signal file.
 *
 * @throws MissingFileError, StorageError when the file is not there or cannot be read
 * @throws FormatError when it is shorter than the header says, not in whole frames, or damaged FLAC
 */
export function readWfdbSignalFile(tree: FileTree, file: WfdbSignalFile, stretch: WfdbStretch): WfdbStored {
  const { name, format } = file;
  const { from, to, samples } = stretch;
  if (name === undefined) return { frames: samples ?? 0, from, flat: new Int16Array(0), surplus: undefined };
  if (format === undefined)
    return readWfdbFlac(
      located(file, () => tree.read(name)),
      file,
      stretch,
    );
  const whole = from === 0 && (to === undefined || to === samples);
  return whole ? readWhole(tree, file, { name, format, samples }) : readPart(tree, file, { ...stretch, name, format });
}

/**
 * Bytes of a signal file.
 *
 * @throws MissingFileError when it is not there
 */
export function wfdbFileSize(tree: FileTree, file: WfdbSignalFile): number {
  const { name } = file;
  return name === undefined ? 0 : located(file, () => tree.size(name));
}

/** Names record and lead in the errors of a tree, which knows neither. */
function located<T>(file: WfdbSignalFile, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof MissingFileError)) throw cause;
    const { expected, actual } = cause;
    throw new MissingFileError('signal file', { expected, actual, where: file.where(), cause });
  }
}

interface Packed {
  readonly name: string;
  readonly format: WfdbSampleFormat;
  readonly samples: number | undefined;
}

function readWhole(tree: FileTree, file: WfdbSignalFile, { name, format, samples }: Packed): WfdbStored {
  const bytes = located(file, () => tree.read(name));
  const { byteOffset } = file.used[0];
  const { frames, surplus } = framesOf(file, format, { size: bytes.length, samples });
  const body = byteOffset === 0 ? bytes : bytes.subarray(byteOffset);
  const stored = format.decode(body, frames * file.perFrame);
  return { frames, from: 0, flat: format.differences ? summed(stored, file.signals) : stored, surplus };
}

function readPart(tree: FileTree, file: WfdbSignalFile, part: Packed & WfdbStretch): WfdbStored {
  const { perFrame, signals, used } = file;
  const { name, format, samples } = part;
  const { frames } = framesOf(file, format, { size: wfdbFileSize(tree, file), samples });
  const from = format.differences ? 0 : Math.min(part.from, frames); // differences count from the first sample on
  const to = Math.max(from, Math.min(part.to ?? frames, frames));
  const block = Math.floor((from * perFrame) / format.blockSamples);
  const skipped = from * perFrame - block * format.blockSamples;
  const count = skipped + (to - from) * perFrame;
  const offset = used[0].byteOffset + block * format.blockBytes;
  const length = bytesOfSamples(format, count);
  const bytes = located(file, () => tree.read(name, { offset, length }));
  if (bytes.length < length) {
    const [expected, actual] = [String(offset + length), String(offset + bytes.length)];
    throw new FormatError('bytes', { expected, actual, where: file.where() });
  }
  const stored = format.decode(bytes, count).subarray(skipped);
  return { frames, from, flat: format.differences ? summed(stored, signals) : stored, surplus: undefined };
}

/** The samples of which format 8 stores the differences; each signal starts at its initial value. */
function summed(differences: Int16Array | Int32Array, signals: readonly WfdbSignal[]): Int32Array {
  const samples = new Int32Array(differences.length);
  const last = signals.map((line) => line.initialValue ?? line.adcZero);
  for (let i = 0; i < samples.length; ) {
    for (let s = 0; s < signals.length; s++) {
      for (let k = 0; k < signals[s].samplesPerFrame; k++, i++) samples[i] = last[s] = (last[s] + differences[i]) | 0;
    }
  }
  return samples;
}

/** Frames of a file of fixed width, from the header or from the file's length, which must agree. */
function framesOf(
  file: WfdbSignalFile,
  format: WfdbSampleFormat,
  { size, samples }: { readonly size: number; readonly samples: number | undefined },
): Pick<WfdbStored, 'frames' | 'surplus'> {
  const { perFrame, signals, used } = file;
  const { byteOffset, blockSize } = used[0];
  const body = size - byteOffset;
  const frames = samples ?? Math.floor(samplesInBytes(format, Math.max(0, body)) / perFrame);
  const needed = bytesOfSamples(format, frames * perFrame);
  const multiple = blockSize > 0 ? blockSize : format.blockBytes;
  if (body >= needed && body <= Math.ceil(needed / multiple) * multiple) return { frames, surplus: undefined };
  const counted = signals.length === 1 ? '1 lead' : `${signals.length} leads`;
  const expected =
    samples === undefined
      ? `${byteOffset} and whole frames of ${perFrame} samples`
      : `${byteOffset + needed} (${counted} of ${samples} samples)`;
  const surplus = { expected, actual: size === 0 ? '0: an empty file' : String(size) };
  if (body < needed || samples === undefined) throw new FormatError('bytes', { ...surplus, where: file.where() });
  return { frames, surplus };
}
