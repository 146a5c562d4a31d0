import { basename, dirname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { FormatError, KitError, type Where } from '../errors';
import { type FileTree, folderTree } from './file-tree';
import { writeFileWhole } from './whole-file';

/** What to read of a CSV file, and where it is. */
export interface CsvOptions<Column extends string = string> {
  /** The columns to keep; every one must be there. Default: all. */
  readonly columns?: readonly Column[];
  /** The tree that the file's name is in; default the disk. */
  readonly files?: FileTree;
}

/**
 * Reads a CSV file with a header line; quoted fields may hold commas, quotes and line breaks.
 *
 * @param path the file, UTF-8
 * @returns a row each, its fields as text by column name
 * @throws MissingFileError when there is no file; StorageError when it cannot be read
 * @throws FormatError when a column is missing, a row has too few or too many fields, or a quote is left open
 */
export function readCsv<Column extends string = string>(
  path: string,
  options: CsvOptions<Column> = {},
): Record<Column, string>[] {
  const { bytes, file } = readBytes(path, options.files);
  return rowsOf(bytes, { columns: options.columns, file });
}

/**
 * Reads a CSV file as `readCsv`, row by row: a table of a million rows is never held as objects.
 *
 * @param visit called for each row with the fields of `options.columns`, in that order, and the row's number from 1
 * @throws as `readCsv`, and what `visit` throws
 */
export function forEachCsvRow<Column extends string>(
  path: string,
  visit: (fields: readonly string[], row: number) => void,
  options: CsvOptions<Column> & { readonly columns: readonly Column[] },
): void {
  const { bytes, file } = readBytes(path, options.files);
  let positions: readonly number[] = [];
  eachRecord(bytes, { file }, (fields, i) => {
    if (i === 0) positions = columnPositions(fields, options.columns, { file });
    else
      visit(
        positions.map((position) => fields[position]),
        i,
      );
  });
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
  return rowsOf(text, options);
}

function rowsOf<Column extends string>(
  csv: string | Buffer,
  options: { readonly columns?: readonly Column[]; readonly file?: string },
): Record<Column, string>[] {
  const where = { file: options.file };
  let columns: readonly Column[] = [];
  let positions: readonly number[] = [];
  const rows: Record<Column, string>[] = [];
  eachRecord(csv, where, (fields, i) => {
    if (i === 0) {
      columns = options.columns ?? (fields as readonly Column[]);
      positions = columnPositions(fields, columns, where);
      return;
    }
    const row = {} as Record<Column, string>;
    for (let c = 0; c < columns.length; c++) row[columns[c]] = fields[positions[c]];
    rows.push(row);
  });
  return rows;
}

function columnPositions(found: readonly string[], columns: readonly string[], where: Where): number[] {
  const first = new Map<string, number>();
  for (let i = found.length - 1; i >= 0; i--) first.set(found[i], i);
  const positions = columns.map((column) => first.get(column) ?? -1);
  const missing = columns.filter((_, i) => positions[i] === -1);
  if (missing.length === 0) return positions;
  const expected = missing.map((column) => `'${column}'`).join(', ');
  throw new FormatError('CSV columns', { expected, actual: `only ${found.join(', ')}`, where });
}

/** Calls `visit` for each record, the header line first, as number 0. */
function eachRecord(csv: string | Buffer, where: Where, visit: (fields: readonly string[], index: number) => void) {
  let count = 0;
  if (typeof csv !== 'string' && isPlain(csv)) count = eachPlainRecord(csv, where, visit);
  else {
    const on_record = (fields: string[]) => {
      visit(fields, count++);
      return null; // nothing is kept
    };
    try {
      parse(csv, { bom: true, relax_column_count: false, skip_empty_lines: true, on_record });
    } catch (cause) {
      if (cause instanceof KitError) throw cause;
      const actual = (cause as Error).message;
      throw new FormatError('CSV', { expected: 'rows of equal length', actual, where, cause });
    }
  }
  if (count === 0) throw new FormatError('CSV', { expected: 'a header line', actual: 'nothing', where });
}

/** Whether a table has no quote, no carriage return and no byte order mark but UTF-8's. */
function isPlain(csv: Buffer): boolean {
  return csv.indexOf(0x22) === -1 && csv.indexOf(0x0d) === -1 && csv[0] !== 0xff && csv[0] !== 0xfe;
}

const CHUNK = 1 << 20;
const MAX_LINE = 1 << 26;

/** Lines and commas are all that a plain table has: splitting at them takes a tenth of a CSV parser's time. */
function eachPlainRecord(csv: Buffer, where: Where, visit: (fields: readonly string[], index: number) => void): number {
  let count = 0;
  let width = 0;
  let line = 0;
  for (let at = csv.indexOf('\ufeff') === 0 ? 3 : 0; at < csv.length; ) {
    const newline = csv.indexOf(0x0a, Math.min(csv.length, at + CHUNK)); // a chunk is of whole lines
    const end = newline === -1 ? csv.length : newline;
    if (end - at > 2 * MAX_LINE) {
      const actual = `${end - at}`;
      throw new FormatError('CSV', {
        expected: `lines of at most ${MAX_LINE} bytes`,
        actual,
        where: { ...where, line },
      });
    }
    for (const text of csv.toString('utf8', at, end).split('\n')) {
      line++;
      if (text === '') continue;
      const fields = text.split(',');
      if (count === 0) width = fields.length;
      if (fields.length !== width) {
        const actual = `${fields.length} fields where the header has ${width}`;
        throw new FormatError('CSV', { expected: 'rows of equal length', actual, where: { ...where, line } });
      }
      visit(fields, count++);
    }
    at = end + 1;
  }
  return count;
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

function readBytes(path: string, files: FileTree | undefined): { bytes: Buffer; file: string } {
  const tree = files ?? folderTree(dirname(path));
  const name = files === undefined ? basename(path) : path;
  return { bytes: tree.read(name), file: files === undefined ? path : tree.show(name) };
}
