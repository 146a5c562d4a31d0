import { readFileSync } from 'node:fs';
import { FormatError, KitError, MissingFileError } from '../errors';
import { utf8Text } from './decode-text';
import { writeFileWhole } from './whole-file';

/** A column of a Parquet file to write: all values of one type, none missing. */
export type ParquetColumn =
  | { readonly name: string; readonly type: 'STRING'; readonly values: readonly string[] }
  | { readonly name: string; readonly type: 'BOOLEAN'; readonly values: readonly boolean[] }
  | { readonly name: string; readonly type: 'INT32' | 'FLOAT' | 'DOUBLE'; readonly values: ArrayLike<number> };

/** A value read from a Parquet file; 64-bit integers come as bigint, missing values as null. */
export type ParquetValue = string | number | bigint | boolean | null;

/**
 * Writes columns as a Parquet file (Snappy), whole. Equal columns give equal bytes.
 *
 * @param path the file
 * @param columns columns of equal length
 */
export async function writeParquet(path: string, columns: readonly ParquetColumn[]): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({ name, type, data: plain(type, values), nullable: false })),
  });
  writeFileWhole(path, new Uint8Array(buffer));
}

/**
 * Reads columns of a Parquet file.
 *
 * @param path the file; any compression that Parquet knows
 * @param options.columns the columns to read; every one must be there. Default: all
 * @returns the values by column name
 * @throws MissingFileError when there is no file; FormatError when it is no Parquet file, lacks a column, or a text in it
 *   is not UTF-8, with its column and row, from 0
 */
export async function readParquet<Column extends string = string>(
  path: string,
  options: { readonly columns?: readonly Column[] } = {},
): Promise<Record<Column, ParquetValue[]>> {
  const bytes = readBytes(path);
  const { parquetMetadata, parquetRead, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const where = { file: path };
  let found: string[];
  const values = new Map<string, (ParquetValue | Uint8Array)[]>();
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
      const row = column.findIndex((value) => value instanceof Uint8Array);
      if (row === -1) continue;
      const actual = `the bytes ${Buffer.from((column[row] as Uint8Array).subarray(0, 16)).toString('hex')}`;
      throw new FormatError('Parquet text', { expected: 'UTF-8', actual, where: { ...where, key, row } });
    }
  } catch (cause) {
    if (cause instanceof KitError) throw cause;
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError('Parquet', { expected: 'a whole Parquet file', actual, where, cause });
  }
  const columns = options.columns ?? (found as Column[]);
  const missing = columns.filter((column) => !found.includes(column));
  if (missing.length > 0) {
    const [expected, names] = [missing, found].map((some) => some.map((column) => `'${column}'`).join(', '));
    throw new FormatError('Parquet columns', { expected, actual: `only ${names}`, where });
  }
  return Object.fromEntries(columns.map((column) => [column, values.get(column)])) as Record<Column, ParquetValue[]>;
}

/** Hands bytes that are not UTF-8 on as they are, to be refused where their row is known. */
function stringFromBytes(bytes: Uint8Array | undefined): string | Uint8Array | undefined {
  return bytes && (utf8Text(bytes) ?? bytes);
}

function plain(type: ParquetColumn['type'], values: ParquetColumn['values']) {
  if (type === 'INT32') return Int32Array.from(values as ArrayLike<number>);
  if (type === 'FLOAT') return Float32Array.from(values as ArrayLike<number>);
  if (type === 'DOUBLE') return Float64Array.from(values as ArrayLike<number>);
  return Array.from(values as ArrayLike<string | boolean>);
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new MissingFileError('Parquet', { expected: 'a file', actual: 'none', where: { file: path }, cause });
  }
}
