import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ArgumentError, FormatError, MissingFileError, StorageError, type Where } from '../errors';
import { utf8Text } from './decode-text';
import { type H5Metadata, type H5Module, type Hdf5Library, loadHdf5 } from './hdf5-library';

/** Values of a dataset of numbers; 64-bit whole numbers come as float64, exactly. */
export type Hdf5Values =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** NumPy's name of a type that can be read. */
export type Hdf5Type = keyof typeof READERS | 'text';

/** A dataset, before its values are read. */
export interface Hdf5Dataset {
  /** Its path in the file, such as `tracings`. */
  readonly name: string;
  readonly type: Hdf5Type;
  /** At least one axis. */
  readonly shape: readonly number[];
  /** Bytes of one row: all values that share a place on the first axis. */
  readonly rowBytes: number;
  /** Rows that are stored together and unpacked at once; undefined where rows lie one after another. */
  readonly chunkRows: number | undefined;
}

/** Rows to read. */
export interface Hdf5Range {
  /** The first; default 0. */
  readonly from?: number;
  /** The one after the last; default all. */
  readonly to?: number;
}

/** Most bytes of a slice. */
export const MAX_SLICE_BYTES = 64 * 2 ** 20;
/** Most bytes of a chunk: HDF5 unpacks it whole. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20;
/** DEFLATE writes at most 258 bytes for 2 bits (zlib's technical details); HDF5's other filters stay below. */
const MAX_PACKING = 1032;

const OWN = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;
const READERS = {
  int8: (bytes: Uint8Array) => new Int8Array(OWN(bytes)),
  uint8: (bytes: Uint8Array) => bytes.slice(),
  int16: (bytes: Uint8Array) => new Int16Array(OWN(bytes)),
  uint16: (bytes: Uint8Array) => new Uint16Array(OWN(bytes)),
  int32: (bytes: Uint8Array) => new Int32Array(OWN(bytes)),
  uint32: (bytes: Uint8Array) => new Uint32Array(OWN(bytes)),
  int64: (bytes: Uint8Array) => Float64Array.from(new BigInt64Array(OWN(bytes)), Number),
  uint64: (bytes: Uint8Array) => Float64Array.from(new BigUint64Array(OWN(bytes)), Number),
  float32: (bytes: Uint8Array) => new Float32Array(OWN(bytes)),
  float64: (bytes: Uint8Array) => new Float64Array(OWN(bytes)),
} as const;

/**
 * Opens an HDF5 file; it is read by slices afterwards, without waiting.
 *
 * @param path the file
 * @throws MissingFileError, StorageError when there is no such file or it cannot be read
 * @throws FormatError when it is no HDF5 file, or one cut short
 */
export async function openHdf5(path: string): Promise<Hdf5File> {
  return new Hdf5File(await loadHdf5(), path);
}

/**
 * An open HDF5 file: datasets of numbers and of texts of fixed length, by slices along the first axis.
 *
 * Memory follows the slice asked for, whatever shape the file claims; what a slice does not deliver in full is an error.
 * HDF5 itself checks the sums of headers, and of chunks that are compressed or carry Fletcher's; plain values have none.
 */
export class Hdf5File {
  /** Absolute. */
  readonly path: string;
  /** What errors call it. */
  readonly shown: string;
  private readonly bytes: number;
  private readonly known = new Map<string, Hdf5Dataset>();
  private file: bigint | undefined;

  /**
   * @param hdf5 from `loadHdf5`
   * @param options.shown what errors call it; default its path
   * @throws as `openHdf5`
   */
  constructor(
    private readonly hdf5: Hdf5Library,
    path: string,
    options: { readonly shown?: string } = {},
  ) {
    this.path = resolve(path);
    this.shown = options.shown ?? this.path;
    this.bytes = sizeOf(this.path, this.shown);
    const file = this.call({}, (module) => module.open(this.path, 0, false, -1, -1));
    if (file < 0n) throw this.fault('HDF5 file', 'one that opens', 'another', {});
    this.file = file;
  }

  /** Names of the datasets and groups at the top. */
  names(): string[] {
    return this.call({}, (module) => [...module.get_names(this.open(), '/', false)]);
  }

  /**
   * Finds a dataset and checks that what it claims can be.
   *
   * @throws FormatError when there is none of this name, when it has a type that is not read (compound, reference,
   *   text of varying length), a filter that HDF5 lacks here, values in other files, or claims more than the file can hold
   */
  dataset(name: string): Hdf5Dataset {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const where = { key: name };
    const type = this.call(where, (module) => ({ is: module.get_type(this.open(), name), wanted: module.H5G_DATASET }));
    if (type.is !== type.wanted) {
      const actual = type.is === -1 ? `only ${this.names().join(', ')}` : 'a group or a link';
      throw this.fault('HDF5 dataset', `'${name}'`, actual, {});
    }
    const { metadata, filters } = this.call(where, (module) => ({
      metadata: module.get_dataset_metadata(this.open(), name),
      filters: module.get_dataset_filters(this.open(), name),
    }));
    const foreign = filters.find(({ id }) => id > LAST_OWN_FILTER);
    if (foreign !== undefined) {
      const expected = 'gzip, shuffle, Fletcher’s sum, szip, nbit or scale-offset';
      throw this.fault('filter', expected, `'${foreign.name}' (${foreign.id})`, where);
    }
    const found = this.checked(name, metadata, filters.length > 0);
    this.known.set(name, found);
    return found;
  }

  /**
   * Reads rows of a dataset of numbers.
   *
   * @param name the dataset
   * @param rows which; default all
   * @returns the values in C order: [row, ...]
   * @throws ArgumentError when there are no such rows
   * @throws FormatError when they are more than `MAX_SLICE_BYTES`, damaged, text, or whole numbers beyond 2^53
   */
  read(name: string, rows: Hdf5Range = {}): Hdf5Values {
    const dataset = this.dataset(name);
    const { type } = dataset;
    if (type === 'text') throw this.fault('type', 'numbers', 'text', { key: name });
    const { bytes, from } = this.slice(dataset, rows, (memory, start, length) => memory.slice(start, start + length));
    const values = READERS[type](bytes);
    if (type === 'int64' || type === 'uint64') this.requireSafe(values as Float64Array, name, from);
    return values;
  }

  /**
   * Reads rows as text; whole numbers are written in decimal.
   *
   * @throws as `read`; FormatError also when the dataset has another axis, holds floating-point numbers, or text that is not
   *   UTF-8
   */
  readTexts(name: string, rows: Hdf5Range = {}): string[] {
    const dataset = this.dataset(name);
    const { type, shape } = dataset;
    if (shape.length !== 1) throw this.fault('shape', 'one axis', `(${shape.join(', ')})`, { key: name });
    if (type === 'float32' || type === 'float64') {
      throw this.fault('type', 'text or whole numbers', type, { key: name });
    }
    if (type !== 'text') return Array.from(this.read(name, rows), String);
    const { bytes, from } = this.slice(dataset, rows, (memory, start, length) => memory.slice(start, start + length));
    return Array.from({ length: bytes.length / dataset.rowBytes }, (_, i) => {
      const field = bytes.subarray(i * dataset.rowBytes, (i + 1) * dataset.rowBytes);
      const nul = field.indexOf(0);
      const text = utf8Text(field.subarray(0, nul === -1 ? field.length : nul));
      if (text !== undefined) return text.trimEnd();
      throw this.fault('text', 'UTF-8', 'bytes that are not UTF-8', { key: name, row: from + i });
    });
  }

  /** Closes the file; closing it again does nothing. */
  close(): void {
    if (this.file === undefined) return;
    const file = this.file;
    this.file = undefined;
    this.hdf5.call(this.path, (module) => module.close_file(file));
  }

  private open(): bigint {
    if (this.file !== undefined) return this.file;
    throw new ArgumentError('HDF5 file', { expected: 'an open one', actual: 'closed', where: { file: this.shown } });
  }

  private checked(name: string, metadata: H5Metadata, filtered: boolean): Hdf5Dataset {
    const { shape, chunks, size, virtual_sources: sources } = metadata;
    const where = { key: name };
    if (shape === null || shape.length === 0) throw this.fault('shape', 'at least one axis', 'none', where);
    const type = typeOf(metadata);
    if (type === undefined) {
      const actual = metadata.vlen ? 'text of varying length' : `class ${metadata.type} of ${size} bytes`;
      throw this.fault('type', 'numbers of 8 to 64 bits, or text of fixed length', actual, where);
    }
    if (sources !== undefined) throw this.fault('layout', 'values in the file', 'values in other files', where);
    if (!shape.every(Number.isSafeInteger)) throw this.fault('shape', 'whole numbers', `(${shape.join(', ')})`, where);
    const rowBytes = shape.slice(1).reduce((product, extent) => product * extent, size);
    const claimed = rowBytes * shape[0];
    const most = this.bytes * (chunks === null && !filtered ? 1 : MAX_PACKING);
    if (claimed > most) {
      const actual = `${claimed} for (${shape.join(', ')})`;
      throw this.fault('size', `at most ${most} bytes in a file of ${this.bytes}`, actual, where);
    }
    if (chunks !== null) {
      const chunk = chunks.reduce((product, extent) => product * extent, size);
      if (!(chunk > 0 && chunk <= MAX_CHUNK_BYTES)) {
        const actual = `${chunk} for (${chunks.join(', ')})`;
        throw this.fault('chunk size', `1 to ${MAX_CHUNK_BYTES} bytes`, actual, where);
      }
    }
    return { name, type, shape, rowBytes, chunkRows: chunks?.[0] };
  }

  /** Reads rows into HDF5's memory and hands them over from there. */
  private slice<T>(
    dataset: Hdf5Dataset,
    { from = 0, to = dataset.shape[0] }: Hdf5Range,
    take: (memory: Uint8Array, start: number, length: number) => T,
  ): { bytes: T; from: number } {
    const { name, shape, rowBytes } = dataset;
    const where = { key: name };
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= shape[0])) {
      const expected = `0 to ${shape[0]}`;
      const place = { file: this.shown, ...where };
      throw new ArgumentError('rows', { expected, actual: `${from} to ${to}`, where: place });
    }
    const length = (to - from) * rowBytes;
    if (length > MAX_SLICE_BYTES) throw this.fault('rows', `at most ${MAX_SLICE_BYTES} bytes`, String(length), where);
    if (length === 0) return { bytes: take(new Uint8Array(0), 0, 0), from };
    const count = [to - from, ...shape.slice(1)].map(BigInt);
    const offset = [from, ...shape.slice(1).map(() => 0)].map(BigInt);
    const strides = shape.map(() => 1n);
    const place = to - from === 1 ? { ...where, row: from } : where;
    const bytes = this.call(place, (module) => {
      const start = module._malloc(length);
      if (start === 0) throw new Error(`no memory for ${length} bytes`);
      try {
        const status = module.get_dataset_data(this.open(), name, count, offset, strides, BigInt(start));
        if (status < 0) throw new Error('values that cannot be read');
        return take(module.HEAPU8, start, length);
      } finally {
        module._free(start);
      }
    });
    return { bytes, from };
  }

  private requireSafe(values: Float64Array, name: string, from: number): void {
    const at = values.findIndex((value) => !Number.isSafeInteger(value));
    if (at === -1) return;
    const rowValues = this.dataset(name)
      .shape.slice(1)
      .reduce((product, size) => product * size, 1);
    const row = from + Math.floor(at / rowValues);
    throw this.fault('value', 'a whole number within 2^53', String(values[at]), { key: name, row });
  }

  private call<T>(where: Where, act: (module: H5Module) => T): T {
    const outcome = this.hdf5.call(this.path, act);
    if (outcome.fault === undefined) return outcome.value;
    throw this.fault('HDF5 file', 'whole data', `a fault: ${outcome.fault}`, where);
  }

  private fault(what: string, expected: string, actual: string, where: Where): FormatError {
    return new FormatError(what, { expected, actual, where: { file: this.shown, ...where } });
  }
}

const LAST_OWN_FILTER = 6; // others would be plugins, and there are none in WebAssembly

function typeOf({ type, size, signed, vlen }: H5Metadata): Hdf5Type | undefined {
  if (type === 3) return vlen ? undefined : 'text'; // HDF5 2.0 never returns from some damaged heaps of such texts
  const name = type === 0 ? `${signed ? '' : 'u'}int${size * 8}` : type === 1 ? `float${size * 8}` : '';
  return name in READERS ? (name as Hdf5Type) : undefined;
}

function sizeOf(path: string, shown: string): number {
  const where = { file: shown };
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StorageError('HDF5 file', { expected: 'a file that can be read', actual, where, cause });
  }
  if (stats === undefined) throw new MissingFileError('HDF5 file', { expected: 'a file', actual: 'none', where });
  if (!stats.isFile()) throw new FormatError('HDF5 file', { expected: 'a file', actual: 'something else', where });
  return stats.size;
}
