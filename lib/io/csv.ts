import { basename, dirname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { FormatError, KitError, type Where } from '../errors';
import { utf8Bytes } from './decode-text';
import { type FileTree, folderTree } from './file-tree';
import { writeFileWhole } from './whole-file';

/** What to read of a CSV file, and where it is. */
export interface CsvOptions<Column extends string = string> {
  /** The columns to keep; every one must be there, once, as `columnNamed` finds it. Default: all. */
  readonly columns?: readonly Column[];
  /** The tree that the file's name is in; default the disk. */
  readonly files?: FileTree;
  /** A label of the Encoding Standard, such as `windows-1252`; default UTF-8, or what a byte order mark says. */
  readonly encoding?: string;
}

/**
 * Reads a CSV file with a header line; quoted fields may hold delimiters, quotes and line breaks.
 *
 * Lines end with LF, CRLF or CR, also mixed. Fields are separated by commas, semicolons or tabs: the delimiter is the
 * one under which the header has the columns asked for. Where all are kept, it is the one that gives every row the same
 * number of fields, the most of them. Excel's first line `sep=;` decides too.
 *
 * @param path the file
 * @param options.optional columns to keep beside `columns` if they are there; a row has no such key otherwise
 * @returns a row each, its fields as text by column name
 * @throws MissingFileError when there is no file; StorageError when it cannot be read
 * @throws FormatError when bytes are none of the encoding, a column is missing or there twice, a row has too few or too
 *   many fields, or a quote is left open
 */
export function readCsv<Column extends string = string, Optional extends string = never>(
  path: string,
  options: CsvOptions<Column> & { readonly optional?: readonly Optional[] } = {},
): (Record<Column, string> & Partial<Record<Optional, string>>)[] {
  const { bytes, file } = readBytes(path, options);
  return rowsOf(bytes, { ...options, where: { file } }) as (Record<Column, string> &
    Partial<Record<Optional, string>>)[];
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
  const { bytes, file } = readBytes(path, options);
  const where = { file };
  let positions: readonly number[] = [];
  eachRecord(bytes, { where, delimiter: delimiters(bytes, options)[0] }, (fields, i) => {
    if (i === 0) positions = columnPositions(fields, options.columns, where);
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
  return rowsOf(text.replace(/^\ufeff/, ''), { columns: options.columns, where: { file: options.file } });
}

type Rows = Record<string, string>[];

function rowsOf(
  csv: string | Buffer,
  options: { readonly columns?: readonly string[]; readonly optional?: readonly string[]; readonly where: Where },
): Rows {
  const { columns, optional = [], where } = options;
  const read = (delimiter: string): Rows => {
    let [names, positions]: [readonly string[], readonly number[]] = [[], []];
    const rows: Rows = [];
    eachRecord(csv, { where, delimiter }, (fields, i) => {
      if (i === 0) {
        names =
          columns === undefined
            ? fields
            : [...columns, ...optional.filter((name) => columnNamed(fields, name) !== undefined)];
        positions = columnPositions(fields, names, where);
        return;
      }
      const row: Record<string, string> = {};
      for (let c = 0; c < names.length; c++) row[names[c]] = fields[positions[c]];
      rows.push(row);
    });
    return rows;
  };
  const [first, ...others] = delimiters(csv, options);
  try {
    return read(first);
  } catch (fault) {
    for (const delimiter of others) {
      try {
        return read(delimiter);
      } catch {} // the first delimiter's fault says what is wrong
    }
    throw fault;
  }
}

function columnPositions(found: readonly string[], columns: readonly string[], where: Where): number[] {
  const [first, again] = [new Map<string, number>(), new Set<string>()];
  for (let i = found.length - 1; i >= 0; i--) {
    if (first.has(found[i])) again.add(found[i]);
    first.set(found[i], i);
  }
  const positions = columns.map((column) => first.get(column) ?? found.indexOf(columnNamed(found, column) ?? column));
  const missing = columns.filter((_, i) => positions[i] === -1);
  if (missing.length > 0) {
    const actual = `only ${quoted(found)}`;
    throw new FormatError('CSV columns', { expected: quoted(missing), actual, where });
  }
  // columns without a name may be several, as a spreadsheet leaves them
  const twice = columns.find((column) => column !== '' && again.has(column));
  if (twice === undefined) return positions;
  throw new FormatError('CSV columns', { expected: `${quoted([twice])} once`, actual: 'twice', where });
}

/** Names in quotes: blanks at their ends, and characters that nothing shows, are told. */
function quoted(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map((name) => {
    const visible = name.slice(0, MOST_SHOWN).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
      return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
    });
    return `'${visible}${name.length > MOST_SHOWN ? '...' : ''}'`;
  });
  return `${shown.join(', ')}${names.length > MOST_SHOWN ? ', ...' : ''}`;
}
const MOST_SHOWN = 60;

const DELIMITERS = [',', ';', '\t'];

/**
 * The delimiters that a table may have, the likeliest first. With columns to find it is one; else each under which the
 * header has several fields is to be tried on the whole table, those with the most fields first.
 */
function delimiters(csv: string | Buffer, { columns }: { readonly columns?: readonly string[] }): string[] {
  const named = separatorLine(csv)?.delimiter;
  if (named !== undefined) return [named];
  const headers = DELIMITERS.map((delimiter) => {
    const header = headerOf(csv, delimiter);
    return {
      delimiter,
      fields: header.length,
      found: columns?.filter((name) => columnNamed(header, name) !== undefined).length ?? 0,
    };
  });
  headers.sort((a, b) => b.found - a.found || b.fields - a.fields); // stable: of equals the comma
  const several = headers.filter(({ fields }) => fields > 1);
  if (columns !== undefined || several.length === 0) return [headers[0].delimiter];
  return several.map(({ delimiter }) => delimiter);
}

/** The first record; none where it is not whole, which the reading of the table will tell. */
function headerOf(csv: string | Buffer, delimiter: string): string[] {
  try {
    return (parse(csv, { ...DIALECT, delimiter, to: 1 }) as string[][])[0] ?? [];
  } catch {
    return [];
  }
}

/** Excel's first line, which names the delimiter and is no header. */
function separatorLine(csv: string | Buffer): { delimiter: string; length: number } | undefined {
  const start = typeof csv === 'string' ? csv.slice(0, 16) : csv.toString('latin1', 0, 16);
  const found = /^"?sep=([^\r\n"])"?(?:\r\n|\r|\n|$)/i.exec(start);
  return found === null ? undefined : { delimiter: found[1], length: found[0].length };
}

const DIALECT = { relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'] };

/**
 * The column of a name: the one that is spelled so, or else the only one that differs from it in case, in white space about
 * it, or in a blank or hyphen for `_`.
 *
 * @param found the columns of a table
 */
export function columnNamed(found: readonly string[], name: string): string | undefined {
  if (found.includes(name)) return name;
  const plain = (column: string) => column.trim().toLowerCase().replace(/[\s-]/g, '_');
  const alike = found.filter((column) => plain(column) === plain(name));
  return alike.length === 1 ? alike[0] : undefined;
}

/** Calls `visit` for each record, the header line first, as number 0. */
function eachRecord(
  csv: string | Buffer,
  { where, delimiter }: { readonly where: Where; readonly delimiter: string },
  visit: (fields: readonly string[], index: number) => void,
): void {
  let [count, width] = [0, 0];
  const skipped = separatorLine(csv)?.length ?? 0;
  const table = csv.slice(skipped);
  const take = (fields: readonly string[], line: number) => {
    if (count === 0) width = fields.length;
    if (fields.length !== width) {
      const actual = `${fields.length} fields where the header has ${width}`;
      const at = { ...where, line: line + Number(skipped > 0) };
      throw new FormatError('CSV', { expected: 'rows of equal length', actual, where: at });
    }
    visit(fields, count++);
  };
  if (typeof table !== 'string' && isPlain(table)) eachPlainRecord(table, { where, delimiter }, take);
  else {
    const on_record = (fields: string[], { lines }: { lines: number }) => {
      take(fields, lines);
      return null; // nothing is kept
    };
    try {
      parse(table, { ...DIALECT, delimiter, on_record });
    } catch (cause) {
      if (cause instanceof KitError) throw cause;
      const { message: actual, lines } = cause as Error & { lines?: number };
      const at = { ...where, line: lines === undefined ? undefined : lines + Number(skipped > 0) };
      throw new FormatError('CSV', { expected: 'quotes doubled within a field and closed', actual, where: at, cause });
    }
  }
  if (count === 0) throw new FormatError('CSV', { expected: 'a header line', actual: 'nothing', where });
}

/** Whether a table has no quote and no carriage return. */
function isPlain(csv: Buffer): boolean {
  return csv.indexOf(0x22) === -1 && csv.indexOf(0x0d) === -1;
}

const CHUNK = 1 << 20;
const MAX_LINE = 1 << 26;

/** Lines and delimiters are all that a plain table has: splitting at them takes a tenth of a CSV parser's time. */
function eachPlainRecord(
  csv: Buffer,
  { where, delimiter }: { readonly where: Where; readonly delimiter: string },
  take: (fields: readonly string[], line: number) => void,
): void {
  let line = 0;
  for (let at = 0; at < csv.length; ) {
    const newline = csv.indexOf(0x0a, Math.min(csv.length, at + CHUNK)); // a chunk is of whole lines
    const end = newline === -1 ? csv.length : newline;
    if (end - at > 2 * MAX_LINE) {
      const expected = `lines of at most ${MAX_LINE} bytes`;
      throw new FormatError('CSV', { expected, actual: `${end - at}`, where: { ...where, line } });
    }
    for (const text of csv.toString('utf8', at, end).split('\n')) {
      line++;
      if (text !== '') take(text.split(delimiter), line);
    }
    at = end + 1;
  }
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

function readBytes(path: string, { files, encoding }: CsvOptions): { bytes: Buffer; file: string } {
  const tree = files ?? folderTree(dirname(path));
  const name = files === undefined ? basename(path) : path;
  const file = files === undefined ? path : tree.show(name);
  return { bytes: utf8Bytes(tree.read(name), { what: 'CSV', where: { file }, encoding }), file };
}
