import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ArgumentError, StorageError } from '../errors';
import { type H5FileWriter, type Hdf5Library, loadHdf5 } from './hdf5-library';

/** The typed arrays that can be written; their type is the dataset's. */
export type Hdf5Writable =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** A dataset to write. */
export interface Hdf5Source {
  /** Its values in C order: at once, or in blocks of whole rows, which are asked for one after another; or texts. */
  readonly values: Hdf5Writable | Iterable<Hdf5Writable> | readonly string[];
  /** Default one axis; needed for blocks. */
  readonly shape?: readonly number[];
  /** Values that are stored together, along each axis; default all values one after another, without chunks. */
  readonly chunks?: readonly number[];
  /** Compresses each chunk with zlib, 1 (fast) to 9 (small); default not. */
  readonly gzip?: number;
}

const TYPES = [
  [Int8Array, '<b'],
  [Uint8Array, '<B'],
  [Int16Array, '<h'],
  [Uint16Array, '<H'],
  [Int32Array, '<i'],
  [Uint32Array, '<I'],
  [BigInt64Array, '<q'],
  [BigUint64Array, '<Q'],
  [Float32Array, '<f'],
  [Float64Array, '<d'],
] as const;

type Writer = InstanceType<H5FileWriter>;

/**
 * Writes an HDF5 file, whole or not at all: datasets of numbers or texts at its top, in chunks and compressed where asked.
 *
 * Equal datasets give equal bytes, whenever they are written.
 *
 * @param path the file; its folder is made when it is missing
 * @param datasets what it holds, by name
 * @throws ArgumentError when values, shape and chunks do not fit; the file that was there stays
 * @throws StorageError when the disk is full or refuses
 */
export async function writeHdf5(path: string, datasets: Readonly<Record<string, Hdf5Source>>): Promise<void> {
  const library = await loadHdf5();
  const temporary = `${resolve(path)}.${process.pid}.part`;
  try {
    mkdirSync(dirname(temporary), { recursive: true });
    const write: Write = (act) => written(library, temporary, path, act);
    const file = write(() => new library.File(temporary, 'w'));
    try {
      for (const [name, source] of Object.entries(datasets)) writeDataset(file, name, source, write, path);
    } catch (fault) {
      library.call(temporary, () => file.close());
      throw fault;
    }
    write(() => file.close());
    sync(temporary);
    renameSync(temporary, path);
  } catch (cause) {
    removeIfThere(temporary);
    if (cause instanceof ArgumentError || cause instanceof StorageError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause; // not the disk: what made the values has failed
    throw refused(path, code, cause);
  }
}

type Write = <T>(act: () => T) => T;

function writeDataset(file: Writer, name: string, source: Hdf5Source, write: Write, path: string): void {
  const { values, chunks, gzip } = source;
  const where = { file: path, key: name };
  if (gzip !== undefined && (chunks === undefined || !(Number.isInteger(gzip) && gzip >= 1 && gzip <= 9))) {
    throw new ArgumentError('gzip', { expected: '1 to 9, with chunks', actual: String(gzip), where });
  }
  const packing = gzip === undefined ? {} : { compression: 'gzip' as const, compression_opts: gzip };
  if (name === '' || name.includes('/') || name === '.' || name.includes('\0')) {
    throw new ArgumentError('dataset', { expected: 'a name without a slash', actual: `'${name}'`, where });
  }
  for (const [what, extents] of Object.entries({ shape: source.shape, chunks })) {
    if (extents?.every((extent) => Number.isSafeInteger(extent) && extent >= (what === 'chunks' ? 1 : 0)) ?? true)
      continue;
    throw new ArgumentError(what, { expected: 'whole numbers', actual: `${extents}`, where });
  }
  if (areTexts(values)) {
    const texts = values;
    const length = Math.max(1, ...texts.map((text) => Buffer.byteLength(text)));
    const shape = [texts.length];
    write(() => file.create_dataset({ name, data: texts, shape, dtype: `S${length}`, chunks, ...packing }));
    return;
  }
  const whole = ArrayBuffer.isView(values);
  const blocks = (whole ? [values] : values) as Iterable<Hdf5Writable>;
  const shape = source.shape ?? (whole ? [(values as Hdf5Writable).length] : undefined);
  if (shape === undefined) throw new ArgumentError('shape', { expected: 'one for blocks', actual: 'none', where });
  if (chunks !== undefined && chunks.length !== shape.length) {
    throw new ArgumentError('chunks', { expected: `${shape.length} axes`, actual: chunks.join(', '), where });
  }
  const rowValues = shape.slice(1).reduce((product, extent) => product * extent, 1);
  let dataset: ReturnType<Writer['create_dataset']> | undefined;
  let rows = 0;
  for (const data of blocks) {
    const dtype = TYPES.find(([Type]) => data instanceof Type)?.[1];
    if (dtype === undefined) {
      const expected = TYPES.map(([Type]) => Type.name).join(', ');
      throw new ArgumentError('values', { expected, actual: Object.prototype.toString.call(data), where });
    }
    const from = rows;
    rows += data.length / rowValues;
    if (!Number.isInteger(rows) || rows > shape[0]) break;
    if (dataset === undefined) {
      const start = rows === shape[0] ? shape : [rows, ...shape.slice(1)];
      // HDF5 lets a dataset grow only in chunks
      const growing = start === shape ? { chunks } : { chunks: chunks ?? [rows, ...shape.slice(1)], maxshape: shape };
      dataset = write(() => file.create_dataset({ name, data, shape: start, dtype, ...growing, ...packing }));
    } else {
      const more = dataset;
      const ranges = [[from, rows], ...shape.slice(1).map((extent) => [0, extent])] as [number, number][];
      write(() => more.resize([rows, ...shape.slice(1)]));
      write(() => more.write_slice(ranges, data));
    }
  }
  if (rows !== shape[0]) {
    const actual = `${rows * rowValues} or more`;
    throw new ArgumentError('values', { expected: `those of (${shape.join(', ')})`, actual, where });
  }
}

function areTexts(values: Hdf5Source['values']): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

function written<T>(library: Hdf5Library, temporary: string, path: string, act: () => T): T {
  const outcome = library.call(temporary, () => withoutClock(act));
  if (outcome.fault === undefined) return outcome.value;
  throw refused(path, outcome.fault, undefined);
}

/** HDF5 notes in the file when each dataset was made, and h5wasm lets nobody forbid it: the calls see 1 January 1970. */
function withoutClock<T>(act: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return act();
  } finally {
    Date.now = now;
  }
}

function refused(path: string, actual: string, cause: unknown): StorageError {
  const expected = 'a writable disk with room for the file';
  return new StorageError('cannot write', { expected, actual, where: { file: path }, cause });
}

/** Without an error of its own, which would hide the one that led here. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // its folder is none: nothing was made
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
