import { join } from 'node:path';
import { FormatError } from '../errors';
import { readCsv } from '../io/csv';

/** The tables of the paper that `paper-tables/published/` holds; Tables 8 and 9 are not in the text we have. */
const PUBLISHED_TABLES = [
  'table-1',
  'table-2',
  'table-3',
  'table-4',
  'table-5',
  'table-6',
  'table-7',
  'table-10',
  'table-11',
] as const;

export type PublishedTableName = (typeof PUBLISHED_TABLES)[number];

/** 'Table 4' of `table-4`. */
export function tableTitle(name: string): string {
  return name.replace('table-', 'Table ');
}

/** A cell as the paper prints it. */
export interface PublishedCell {
  readonly printed: string;
  /** The number; undefined for a name, an empty cell and OOM (the model did not fit in the paper's memory). */
  readonly value: number | undefined;
  readonly bold: boolean;
}

export type PublishedRow = Readonly<Record<string, PublishedCell>>;

export interface PublishedTable {
  readonly name: PublishedTableName;
  readonly columns: readonly string[];
  readonly rows: readonly PublishedRow[];
}

export type PublishedTables = Readonly<Record<PublishedTableName, PublishedTable>>;

/**
 * Reads the paper's tables, with the marks of what it prints in bold.
 *
 * @param folder `paper-tables/published` of the repository
 * @throws MissingFileError when a table is not there; FormatError when one is no CSV or a bold mark points nowhere
 */
export function readPublishedTables(folder: string): PublishedTables {
  const marks = readCsv(join(folder, 'bold-marks.csv'));
  const tables = PUBLISHED_TABLES.map((name) => [name, publishedTable(folder, name, marks)] as const);
  return Object.fromEntries(tables) as Record<PublishedTableName, PublishedTable>;
}

type TextRow = Record<string, string>;

function publishedTable(folder: string, name: PublishedTableName, marks: readonly TextRow[]): PublishedTable {
  const file = join(folder, `${name}.csv`);
  const text = readCsv(file);
  const columns = Object.keys(text[0] ?? {});
  const bold = new Set<string>();
  for (const mark of marks.filter(({ table }) => table === name)) {
    if (text[Number(mark.row) - 1]?.[mark.column] === undefined) {
      throw new FormatError('bold mark', {
        expected: `a cell of ${name}.csv`,
        actual: `row ${mark.row}, column ${mark.column}`,
        where: { file: join(folder, 'bold-marks.csv') },
      });
    }
    bold.add(`${mark.row} ${mark.column}`);
  }
  const rows = text.map((row, r) =>
    Object.fromEntries(columns.map((column) => [column, cell(row[column], bold.has(`${r + 1} ${column}`))])),
  );
  return { name, columns, rows };
}

function cell(printed: string, bold: boolean): PublishedCell {
  return { printed, value: /^-?\d+(\.\d+)?$/.test(printed) ? Number(printed) : undefined, bold };
}
