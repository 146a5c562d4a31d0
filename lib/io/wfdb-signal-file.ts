import { FormatError, MissingFileError, type Where } from '../errors';
import type { FileTree } from './file-tree';
import { decodeFlac, flacInfo } from './flac';
import { NO_FILE, type WfdbHeader, type WfdbSignal } from './wfdb-header';
import { requireRoom } from './wfdb-room';
import { bytesOfSamples, samplesInBytes, WFDB_SAMPLE_FORMATS, type WfdbSampleFormat } from './wfdb-sample-format';

/** Formats stored as FLAC: the bits of a sample at most, and the value that marks an invalid one. */
const FLAC_FORMATS: ReadonlyMap<number, { readonly bits: number; readonly invalid: number }> = new Map([
  [508, { bits: 8, invalid: -0x80 }],
  [516, { bits: 16, invalid: -0x8000 }],
  [524, { bits: 24, invalid: -0x80_0000 }],
]);

/** Consecutive signals of a header that share a file, their samples interleaved by frames. */
export interface WfdbSignalFile {
  /** Name in the tree; undefined for signals without samples (format 0). */
  readonly name: string | undefined;
  /** Its path, for errors. */
  readonly shown: string;
  /** Index of its first signal in the header. */
  readonly first: number;
  readonly signals: readonly WfdbSignal[];
  /** Samples a frame, of all its signals. */
  readonly perFrame: number;
  /** Value that marks an invalid sample. */
  readonly invalid: number;
  /** Whether its samples may need more than 16 bits. */
  readonly wide: boolean;
}

/** Samples of a signal file. */
export interface WfdbStored {
  /** Frames in the file, as the header or the file's length says. */
  readonly frames: number;
  /** First frame that was read. */
  readonly from: number;
  /** Samples of the frames that were read; the signals of a frame follow each other. Empty where there are none. */
  readonly flat: Int16Array | Int32Array;
  /** Bytes that the file should have, and has, where it is longer than the header says. */
  readonly surplus: { readonly expected: string; readonly actual: string } | undefined;
}

/**
 * The signal files of a header.
 *
 * @param tree where the files lie
 * @param header of one segment
 * @param place gives the header's path, for errors; the folder that its files are in
 * @throws FormatError on an unknown format, a file name that leaves the header's folder, or signals of one file that
 *   disagree on how they are stored
 */
export function wfdbSignalFiles(
  tree: FileTree,
  header: WfdbHeader,
  { headerFile, folder }: WfdbPlace,
): WfdbSignalFile[] {
  const groups: WfdbSignal[][] = [];
  const seen = new Set<string>();
  const placeOf = ({ description, line }: WfdbSignal) => {
    return { file: headerFile(), record: header.name, lead: description, line };
  };
  for (const line of header.signals) {
    const group = groups.at(-1);
    const known = WFDB_SAMPLE_FORMATS.has(line.format) || FLAC_FORMATS.has(line.format) || line.format === 0;
    if (!known) {
      const expected = `0, ${[...WFDB_SAMPLE_FORMATS.keys(), ...FLAC_FORMATS.keys()].join(', ')}`;
      throw new FormatError('signal format', { expected, actual: String(line.format), where: placeOf(line) });
    }
    if (group?.[0].file !== line.file) {
      if (line.format !== 0 && seen.has(line.file)) {
        const actual = `'${line.file}' twice`;
        throw new FormatError('signal file', {
          expected: 'the signals of a file side by side',
          actual,
          where: placeOf(line),
        });
      }
      seen.add(line.file);
      groups.push([line]);
      continue;
    }
    for (const [what, key] of SHARED) {
      if (group[0][key] === line[key]) continue;
      const [expected, actual] = [String(group[0][key]), String(line[key])];
      throw new FormatError(what, { expected, actual, where: placeOf(line) });
    }
    group.push(line);
  }
  let first = 0;
  return groups.map((signals) => {
    const [{ file, format }] = signals;
    if (format !== 0) requireInside(file, () => placeOf(signals[0]));
    const name = format === 0 ? undefined : `${folder}${file}`;
    const { invalid = 0 } = WFDB_SAMPLE_FORMATS.get(format) ?? FLAC_FORMATS.get(format) ?? {};
    const group: WfdbSignalFile = {
      name,
      get shown() {
        return name === undefined ? headerFile() : tree.show(name);
      },
      first,
      signals,
      perFrame: signals.reduce((sum, signal) => sum + signal.samplesPerFrame, 0),
      invalid,
      wide: [8, 24, 32, 524].includes(format),
    };
    first += signals.length;
    return group;
  });
}

/** Where a header lies. */
export interface WfdbPlace {
  /** Gives its path, for errors. */
  headerFile(): string;
  /** Its folder in the tree: empty, or with a `/` at its end. */
  readonly folder: string;
}

/** What the signals of a file have in common. */
const SHARED = [
  ['signal format', 'format'],
  ['byte offset of a shared file', 'byteOffset'],
  ['block size of a shared file', 'blockSize'],
] as const;

/**
 * @throws FormatError when a header names a file outside its own folder
 */
export function requireInside(name: string, where: () => Where): void {
  const parts = name.split('/');
  const plain = !name.startsWith('/') && !name.includes('\0') && !name.includes('\\') && !parts.includes('..');
  if (plain && name !== NO_FILE) return;
  const expected = "a file in the header's folder";
  throw new FormatError('file name', { expected, actual: `'${name.slice(0, 60)}'`, where: where() });
}

/** What is read of a signal file. */
export interface WfdbStretch {
  /** The header's frames; undefined where it leaves them open. */
  readonly samples: number | undefined;
  /** First frame. */
  readonly from: number;
  /** The frame after the last; undefined to the end. */
  readonly to: number | undefined;
  readonly record: string;
}

/**
 * Reads frames of a signal file.
 *
 * @throws MissingFileError, StorageError when the file is not there or cannot be read
 * @throws FormatError when it is shorter than the header says, not in whole frames, or damaged FLAC
 */
export function readWfdbSignalFile(tree: FileTree, file: WfdbSignalFile, stretch: WfdbStretch): WfdbStored {
  const { name, signals } = file;
  if (name === undefined) {
    return { frames: stretch.samples ?? 0, from: stretch.from, flat: new Int16Array(0), surplus: undefined };
  }
  const where = () => ({ file: file.shown, record: stretch.record, lead: signals[0].description });
  const shape = WFDB_SAMPLE_FORMATS.get(signals[0].format);
  const read = shape === undefined ? readFlac : readPacked;
  return located(() => read(tree, file, { ...stretch, name, where, shape: shape as WfdbSampleFormat }), where);
}

interface Task extends WfdbStretch {
  readonly name: string;
  where(): Where;
  readonly shape: WfdbSampleFormat;
}

/** Names record and lead in the errors of a tree, which knows neither. */
function located<T>(act: () => T, where: () => Where): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof MissingFileError) || cause.where.record !== undefined) throw cause;
    const { expected, actual } = cause;
    throw new MissingFileError('signal file', { expected, actual, where: where(), cause });
  }
}

function readPacked(tree: FileTree, file: WfdbSignalFile, task: Task): WfdbStored {
  const { perFrame, signals } = file;
  const { name, where, shape, samples } = task;
  const { byteOffset } = signals[0];
  const whole = task.from === 0 && (task.to === undefined || task.to === samples);
  if (whole) {
    const bytes = tree.read(name);
    const { frames, surplus } = framesOf(file, { ...task, size: bytes.length });
    const stored = shape.decode(bytes.subarray(byteOffset), frames * perFrame);
    return { frames, from: 0, flat: shape.differences ? summed(stored, signals) : stored, surplus };
  }
  const { frames } = framesOf(file, { ...task, size: tree.size(name) });
  const from = shape.differences ? 0 : Math.min(task.from, frames); // differences count from the first sample on
  const to = Math.max(from, Math.min(task.to ?? frames, frames));
  const block = Math.floor((from * perFrame) / shape.blockSamples);
  const skipped = from * perFrame - block * shape.blockSamples;
  const count = skipped + (to - from) * perFrame;
  const offset = byteOffset + block * shape.blockBytes;
  const length = bytesOfSamples(shape, count);
  const bytes = tree.read(name, { offset, length });
  if (bytes.length < length) {
    const [expected, actual] = [String(offset + length), String(offset + bytes.length)];
    throw new FormatError('bytes', { expected, actual, where: where() });
  }
  const stored = shape.decode(bytes, count).subarray(skipped);
  return { frames, from, flat: shape.differences ? summed(stored, signals) : stored, surplus: undefined };
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

/**
 * Bytes of a signal file.
 *
 * @throws MissingFileError when it is not there
 */
export function wfdbFileSize(tree: FileTree, file: WfdbSignalFile, record: string): number {
  const { name, signals } = file;
  if (name === undefined) return 0;
  return located(
    () => tree.size(name),
    () => ({ file: file.shown, record, lead: signals[0].description }),
  );
}

/** Frames of a file of fixed width, from the header or from the file's length, which must agree. */
function framesOf(
  file: WfdbSignalFile,
  { size, samples, shape, where }: Task & { readonly size: number },
): Pick<WfdbStored, 'frames' | 'surplus'> {
  const { perFrame, signals } = file;
  const { byteOffset, blockSize } = signals[0];
  const body = size - byteOffset;
  const frames = samples ?? Math.floor(samplesInBytes(shape, Math.max(0, body)) / perFrame);
  const needed = bytesOfSamples(shape, frames * perFrame);
  const padded = Math.ceil(needed / (blockSize || shape.blockBytes)) * (blockSize || shape.blockBytes);
  if (body >= needed && body <= Math.max(needed, padded)) return { frames, surplus: undefined };
  const counted = signals.length === 1 ? '1 lead' : `${signals.length} leads`;
  const expected =
    samples === undefined
      ? `${byteOffset} and whole frames of ${perFrame} samples`
      : `${byteOffset + needed} (${counted} of ${samples} samples)`;
  const surplus = { expected, actual: String(size) };
  if (body < needed || samples === undefined) throw new FormatError('bytes', { ...surplus, where: where() });
  return { frames, surplus };
}

function readFlac(tree: FileTree, file: WfdbSignalFile, task: Task): WfdbStored {
  const { signals } = file;
  const [{ samplesPerFrame, byteOffset, format }] = signals;
  const { name, where } = task;
  const refuse = (what: string, expected: unknown, actual: unknown) =>
    new FormatError(what, { expected: String(expected), actual: String(actual), where: where() });
  const other = signals.find((line) => line.samplesPerFrame !== samplesPerFrame);
  if (other) throw refuse('samples a frame of a FLAC file', samplesPerFrame, other.samplesPerFrame);
  const bytes = tree.read(name);
  const info = flacInfo({ bytes, where: where() });
  if (info.channels !== signals.length) throw refuse('channels of the FLAC stream', signals.length, info.channels);
  const bits = FLAC_FORMATS.get(format)?.bits ?? 0;
  if (info.bitsPerSample > bits) throw refuse('bits a sample', `at most ${bits}`, info.bitsPerSample);

  const stored = info.samples === undefined ? undefined : info.samples - byteOffset;
  const samples = task.samples ?? (stored ?? Number.NaN) / samplesPerFrame;
  if (!Number.isInteger(samples) || samples < 0) {
    throw refuse('samples of the FLAC stream', `${byteOffset} and whole frames of ${samplesPerFrame}`, info.samples);
  }
  const from = Math.min(task.from, samples);
  const to = Math.max(from, Math.min(task.to ?? samples, samples));
  requireRoom((to - from) * samplesPerFrame * signals.length, { stored: bytes.length, where });
  const channels = decodeFlac(
    { bytes, where: where() },
    { info, from: byteOffset + from * samplesPerFrame, to: byteOffset + to * samplesPerFrame },
  );
  const due = samples * samplesPerFrame;
  const surplus =
    stored !== undefined && stored > due ? { expected: `${due} samples`, actual: `${stored} samples` } : undefined;
  return { frames: samples, from, flat: interleaved(channels, samplesPerFrame, file.wide), surplus };
}

/** Channels in the order of the other formats: each frame's samples of one channel, then of the next. */
function interleaved(channels: readonly Int32Array[], perFrame: number, wide: boolean): Int16Array | Int32Array {
  const { length } = channels[0];
  const flat = wide ? new Int32Array(length * channels.length) : new Int16Array(length * channels.length);
  channels.forEach((channel, c) => {
    for (let i = 0, frame = c * perFrame; i < length; frame += channels.length * perFrame) {
      for (let s = 0; s < perFrame; s++) flat[frame + s] = channel[i++];
    }
  });
  return flat;
}
