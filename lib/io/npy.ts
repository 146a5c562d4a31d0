import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ArgumentError, FormatError, KitError, MissingFileError, StorageError } from '../errors';
import { parsePythonLiteral } from './python-literal';
import { writeFileWhole } from './whole-file';

/** The typed arrays that a .npy file can hold here. */
export type NpyArray = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array;

const TYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '<i4': Int32Array,
} as const;

/** NumPy's name of a type, such as `<f4` for little-endian float32. */
export type NpyType = keyof typeof TYPES;

/** What the header of a .npy file says. */
export interface NpyHeader {
  readonly type: NpyType;
  readonly shape: readonly number[];
  /** Bytes before the first value. */
  readonly offset: number;
  /** Bytes of the whole file, as type and shape ask for. */
  readonly bytes: number;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** The bytes before the values of a .npy file (version 1.0, C order), padded to a multiple of 64. */
export function npyHeader(type: NpyType, shape: readonly number[]): Buffer {
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${size}), }`;
  const length = Math.ceil((MAGIC.length + 4 + text.length + 1) / 64) * 64;
  const header = Buffer.alloc(length, ' ', 'latin1');
  MAGIC.copy(header);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(length - 10, 8);
  header.write(text, 10, 'latin1');
  header[length - 1] = 0x0a;
  return header;
}

/**
 * Parses the header of an open .npy file and checks the file's length against it.
 *
 * @param descriptor the open file
 * @param file its path, for errors
 * @throws FormatError on another format, a type that is not taken here, Fortran order, or a file cut short or too long
 */
export function readNpyHeader(descriptor: number, file: string): NpyHeader {
  const fault = (what: string, expected: string, actual: string) =>
    new FormatError(what, { expected, actual, where: { file } });
  const start = Buffer.alloc(12);
  const read = readSync(descriptor, start, 0, 12, 0);
  if (read < 12 || !start.subarray(0, 6).equals(MAGIC)) throw fault('file', 'a .npy file', 'other bytes');
  const wide = start[6] >= 2; // versions 2 and 3 have a 32-bit length
  const length = wide ? start.readUInt32LE(8) : start.readUInt16LE(8);
  const offset = (wide ? 12 : 10) + length;
  const size = fstatSync(descriptor).size;
  if (offset > size) throw fault('bytes', `at least ${offset}`, String(size));
  const text = Buffer.alloc(length);
  readSync(descriptor, text, 0, length, offset - length);
  let header: Record<string, unknown>;
  try {
    header = parsePythonLiteral(text.toString('latin1').trim()) as Record<string, unknown>;
  } catch (cause) {
    throw new FormatError('.npy header', {
      expected: 'a Python dict',
      actual: `'${text.toString('latin1').slice(0, 60)}'`,
      where: { file },
      cause,
    });
  }
  if (typeof header !== 'object' || header === null) throw fault('.npy header', 'a Python dict', String(header));
  const { descr, fortran_order: fortran, shape } = header;
  if (typeof descr !== 'string' || !Object.hasOwn(TYPES, descr)) {
    throw fault('.npy type', Object.keys(TYPES).join(', '), JSON.stringify(descr) ?? 'none');
  }
  if (fortran !== false) throw fault('.npy order', 'C order', 'Fortran order');
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw fault('.npy shape', 'a tuple of whole numbers', JSON.stringify(shape) ?? 'none');
  }
  const type = descr as NpyType;
  const bytes = offset + shape.reduce((product, extent) => product * extent, TYPES[type].BYTES_PER_ELEMENT);
  if (size !== bytes) throw fault('bytes', `${bytes} for ${type} of shape (${shape.join(', ')})`, String(size));
  return { type, shape, offset, bytes };
}

/** A whole .npy file: its values in C order and its shape. */
export interface NpyFile {
  readonly values: NpyArray;
  readonly shape: readonly number[];
}

/**
 * Reads a .npy file whole (little-endian, C order).
 *
 * @throws MissingFileError when there is no file; StorageError when it cannot be read; FormatError as `readNpyHeader`
 */
export function readNpy(path: string): NpyFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, cause);
    throw new MissingFileError('.npy file', { expected: 'a file', actual: 'none', where: { file: path }, cause });
  }
  try {
    const { type, shape, offset, bytes } = readNpyHeader(descriptor, path);
    const values = new TYPES[type]((bytes - offset) / TYPES[type].BYTES_PER_ELEMENT);
    const target = new Uint8Array(values.buffer);
    for (let done = 0; done < target.length; ) {
      const read = readSync(descriptor, target, done, target.length - done, offset + done);
      if (read === 0) {
        const actual = String(offset + done);
        throw new FormatError('bytes', { expected: String(bytes), actual, where: { file: path } });
      }
      done += read;
    }
    return { values, shape };
  } catch (cause) {
    throw cause instanceof KitError ? cause : unreadable(path, cause);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes a typed array as a .npy file, whole.
 *
 * @param path the file
 * @param values the values in C order
 * @param options.shape their shape; default one axis
 * @throws ArgumentError when the shape asks for another number of values
 */
export function writeNpy(path: string, values: NpyArray, options: { readonly shape?: readonly number[] } = {}): void {
  const { shape = [values.length] } = options;
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count !== values.length || !shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    throw new ArgumentError('.npy shape', {
      expected: `${values.length} values`,
      actual: `(${shape.join(', ')}), which is ${count}`,
      where: { file: path },
    });
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  writeFileWhole(path, npyHeader(npyType(values), shape), bytes);
}

function unreadable(path: string, cause: unknown): StorageError {
  const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new StorageError('.npy file', { expected: 'a file that can be read', actual, where: { file: path }, cause });
}

function npyType(values: NpyArray): NpyType {
  for (const [type, Type] of Object.entries(TYPES)) if (values instanceof Type) return type as NpyType;
  throw new ArgumentError('values', { expected: Object.keys(TYPES).join(', '), actual: typeof values });
}
