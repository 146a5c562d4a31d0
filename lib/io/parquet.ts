import { basename, dirname } from 'node:path';
import { ArgumentError, FormatError, KitError, type Where } from '../errors';
import { utf8Text } from './decode-text';
import { folderTree } from './file-tree';
import { writeFileWhole } from './whole-file';

/** A column of a Parquet file to write: all values of one type, none missing. */
export type ParquetColumn =
  | { readonly name: string; readonly type: 'STRING'; readonly values: readonly string[] }
  | { readonly name: string; readonly type: 'BOOLEAN'; readonly values: readonly boolean[] }
  | { readonly name: string; readonly type: 'INT32' | 'FLOAT' | 'DOUBLE'; readonly values: ArrayLike<number> };

/** A value read from a Parquet file, as `readParquet` says. */
export type ParquetValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly ParquetValue[]
  | { readonly [field: string]: ParquetValue };

/**
 * Writes columns as a Parquet file (Snappy), whole. Equal columns give equal bytes.
 *
 * @param path the file
 * @param columns at least one; of equal length, each name once, values of the column's type
 * @throws ArgumentError when they are not; StorageError when the disk refuses
 */
export async function writeParquet(path: string, columns: readonly ParquetColumn[]): Promise<void> {
  checkColumns(path, columns);
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({ name, type, data: plain(type, values), nullable: false })),
  });
  writeFileWhole(path, new Uint8Array(buffer));
}

/**
 * Reads columns of a Parquet file.
 *
 * A missing value is null, also inside a list or a struct; NaN is a number and stays NaN. An integer of 64 bits is a
 * bigint, and a smaller one a number. A decimal is a number, rounded where it has more digits than float64. A date is a
 * `Date` at midnight UTC. A timestamp is a `Date`, cut to milliseconds; one without a time zone is taken as UTC. A list is
 * an array; a struct and a map are objects. Bytes that the file does not call text are a `Uint8Array`.
 *
 * @param path the file; any compression that Parquet knows
 * @param options.columns the columns to read; every one must be there. Default: all
 * @returns the values by column name
 * @throws MissingFileError when there is no file; StorageError when it cannot be read; FormatError when it is no Parquet
 *   file, lacks a column, or a text in it is not UTF-8, with its column and row, from 0
 */
export async function readParquet<Column extends string = string>(
  path: string,
  options: { readonly columns?: readonly Column[] } = {},
): Promise<Record<Column, ParquetValue[]>> {
  const bytes = folderTree(dirname(path)).read(basename(path));
  const { parquetMetadata, parquetRead, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const where = { file: path };
  let found: string[];
  const values = new Map<string, (ParquetValue | Undecodable)[]>();
  try {
    const metadata = parquetMetadata(file);
    found = parquetSchema(metadata).children.map((child) => child.element.name);
    const columns = found.filter((column) => options.columns?.includes(column as Column) ?? true);
    const rows = Number(metadata.num_rows);
    for (const column of columns) values.set(column, []);
    await parquetRead({
      file,
      metadata,
      columns,
      compressors,
      utf8: false, // bytes without a type are no text: decoding would change them
      parsers: { stringFromBytes },
      // column by column: an object a row would take several times the room
      onChunk({ columnName, columnData, rowStart }) {
        const column = values.get(columnName)!;
        for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i] ?? null;
      },
    });
    for (const [column, { length }] of values) {
      if (length !== rows) throw new Error(`column '${column}' has ${length} of ${rows} rows`);
    }
    for (const [key, column] of values) {
      const row = column.findIndex((value) => value instanceof Undecodable);
      if (row === -1) continue;
      const { bytes } = column[row] as Undecodable;
      const actual = `the bytes ${Buffer.from(bytes.subarray(0, 16)).toString('hex')}`;
      throw new FormatError('Parquet text', { expected: 'UTF-8', actual, where: { ...where, key, row } });
    }
  } catch (cause) {
    if (cause instanceof KitError) throw cause;
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError('Parquet', { expected: 'a whole Parquet file', actual, where, cause });
  }
  const columns = options.columns ?? (found as Column[]);
  const missing = columns.filter((column) => !values.has(column));
  if (missing.length > 0) {
    const [expected, names] = [missing, found].map((some) => some.map((column) => `'${column}'`).join(', '));
    throw new FormatError('Parquet columns', { expected, actual: `only ${names}`, where });
  }
  return Object.fromEntries(columns.map((column) => [column, values.get(column)])) as Record<Column, ParquetValue[]>;
}

/** What a value of a type must be. */
const VALUES: Readonly<Record<ParquetColumn['type'], readonly [expected: string, holds: (value: unknown) => boolean]>> =
  {
    STRING: ['a text', (value) => typeof value === 'string'],
    BOOLEAN: ['true or false', (value) => typeof value === 'boolean'],
    INT32: ['an integer of 32 bits', (value) => value === ((value as number) | 0)],
    FLOAT: ['a number', (value) => typeof value === 'number'],
    DOUBLE: ['a number', (value) => typeof value === 'number'],
  };

function checkColumns(path: string, columns: readonly ParquetColumn[]): void {
  const refuse = (expected: string, actual: string, where: Where = {}) => {
    throw new ArgumentError('Parquet columns', { expected, actual, where: { file: path, ...where } });
  };
  const names = columns.map(({ name }) => name);
  if (names.length === 0 || new Set(names).size < names.length) {
    refuse('at least one, each name once', `'${names.join("', '")}'`);
  }
  const rows = columns[0].values.length;
  for (const { name, type, values } of columns) {
    if (!Object.hasOwn(VALUES, type)) refuse(Object.keys(VALUES).join(', '), String(type), { key: name });
    if (values.length !== rows) refuse(`${rows} values, as many as the first`, String(values.length), { key: name });
    const [expected, holds] = VALUES[type];
    for (let row = 0; row < rows; row++) {
      if (!holds(values[row])) refuse(expected, String(values[row]), { key: name, row });
    }
  }
}

/** Bytes of a text that are not UTF-8, to be refused where their row is known. */
class Undecodable {
  constructor(readonly bytes: Uint8Array) {}
}

function stringFromBytes(bytes: Uint8Array | undefined): string | Undecodable | undefined {
  return bytes && (utf8Text(bytes) ?? new Undecodable(bytes));
}

function plain(type: ParquetColumn['type'], values: ParquetColumn['values']) {
  if (type === 'INT32') return Int32Array.from(values as ArrayLike<number>);
  if (type === 'FLOAT') return Float32Array.from(values as ArrayLike<number>);
  if (type === 'DOUBLE') return Float64Array.from(values as ArrayLike<number>);
  return Array.from(values as ArrayLike<string | boolean>);
}
