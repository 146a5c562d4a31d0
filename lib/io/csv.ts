import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { FormatError, MissingFileError } from '../errors';
import { writeFileWhole } from './whole-file';

/**
 * Reads a CSV file with a header line; quoted fields may hold commas, quotes and line breaks.
 *
 * @param path the file, UTF-8
 * @param options.columns the columns to keep; every one must be there. Default: all
 * @returns a row each, its fields as text by column name
 * @throws MissingFileError when there is no file
 * @throws FormatError when a column is missing, a row has too few or too many fields, or a quote is left open
 */
export function readCsv<Column extends string = string>(
  path: string,
  options: { readonly columns?: readonly Column[] } = {},
): Record<Column, string>[] {
  return parseCsv(readText(path), { ...options, file: path });
}

/**
 * Parses CSV text with a header line; as `readCsv`, which names the file in its errors.
 *
 * @param text the CSV
 * @param options.columns the columns to keep; default all
 * @param options.file name for errors
 */
export function parseCsv<Column extends string = string>(
  text: string,
  options: { readonly columns?: readonly Column[]; readonly file?: string } = {},
): Record<Column, string>[] {
  const where = { file: options.file };
  let records: string[][];
  try {
    records = parse(text, { bom: true, relax_column_count: false, skip_empty_lines: true });
  } catch (cause) {
    throw new FormatError('CSV', { expected: 'rows of equal length', actual: (cause as Error).message, where, cause });
  }
  const [found, ...rows] = records;
  if (found === undefined) throw new FormatError('CSV', { expected: 'a header line', actual: 'nothing', where });
  const columns = options.columns ?? (found as Column[]);
  const positions = columns.map((column) => found.indexOf(column));
  const missing = columns.filter((_, i) => positions[i] === -1);
  if (missing.length > 0) {
    const expected = missing.map((column) => `'${column}'`).join(', ');
    throw new FormatError('CSV columns', { expected, actual: `only ${found.join(', ')}`, where });
  }
  return rows.map((fields) => {
    const row = {} as Record<Column, string>;
    for (let i = 0; i < columns.length; i++) row[columns[i]] = fields[positions[i]];
    return row;
  });
}

/** A field of a CSV file; undefined and null become empty. */
export type CsvValue = string | number | boolean | null | undefined;

/**
 * Writes rows as CSV text: a header line, `\n` line ends, quotes only where a field needs them.
 *
 * @param columns names and order of the columns
 * @param rows a row each; NaN is written as `NaN`, undefined and null as nothing
 */
export function formatCsv<Column extends string>(
  columns: readonly Column[],
  rows: Iterable<Readonly<Partial<Record<Column, CsvValue>>>>,
): string {
  const lines = [columns.map(quote).join(',')];
  for (const row of rows) lines.push(columns.map((column) => quote(row[column])).join(',') || '""'); // no line is empty
  return `${lines.join('\n')}\n`;
}

/** Writes rows as a CSV file, whole; as `formatCsv`. */
export function writeCsv<Column extends string>(
  path: string,
  columns: readonly Column[],
  rows: Iterable<Readonly<Partial<Record<Column, CsvValue>>>>,
): void {
  writeFileWhole(path, formatCsv(columns, rows));
}

function quote(value: CsvValue): string {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new MissingFileError('CSV', { expected: 'a file', actual: 'none', where: { file: path }, cause });
  }
}
