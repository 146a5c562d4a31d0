import { useEngine } from '../engine/use-engine';
import { ArgumentError, printable } from '../errors';
import { escapeHtml } from './html';
import { loadNotebookPackage, showBundle } from './notebook';

/** What the kit uses of a danfojs DataFrame; `import { DataFrame } from 'danfojs-node'` has the rest. */
export interface DataFrameLike {
  readonly columns: readonly string[];
  readonly index: readonly (string | number)[];
  readonly shape: readonly number[];
  /** [row][column] */
  readonly values: unknown;
  head(rows?: number): DataFrameLike;
  print(): void;
  toString(): string;
}

/** A row: columns by name. */
export type DataRow = Readonly<Record<string, string | number | boolean>>;

/**
 * Shows rows as a danfojs DataFrame: an HTML table in the notebook, danfojs' text elsewhere.
 *
 * For showing and exploring only: danfojs' CSV writer does not quote and its statistics break on NaN, so files and
 * figures of the kit never come from it.
 *
 * @param rows with the same columns each
 * @param options.digits decimals of numbers that are no integers; default 4
 * @returns the DataFrame, to go on exploring
 * @throws ArgumentError when a row has other columns than the first; MissingFileError when danfojs-node is not installed
 */
export async function showDataFrame(
  rows: readonly DataRow[],
  options: { readonly digits?: number } = {},
): Promise<DataFrameLike> {
  const { digits = 4 } = options;
  const columns = Object.keys(rows[0] ?? {}).join(', '); // danfojs takes the columns of the first
  const row = rows.findIndex((one) => Object.keys(one).join(', ') !== columns);
  if (row !== -1) {
    const actual = Object.keys(rows[row]).join(', ');
    throw new ArgumentError('columns', { expected: columns, actual, where: { row } });
  }
  await useEngine(); // danfojs loads TensorFlow, which would chatter and take its own number of threads
  const { DataFrame } = await loadNotebookPackage('danfojs-node', () => import('danfojs-node'));
  const config = { tableMaxColInConsole: 24, tableMaxRow: Math.max(20, rows.length) };
  const frame = new DataFrame([...rows], { config }) as unknown as DataFrameLike;
  const shown = new DataFrame(rows.map(printableRow), { config }) as unknown as DataFrameLike; // else it may not print
  showBundle({ 'text/html': dataFrameHtml(frame, { digits }), 'text/plain': shown.toString() });
  return frame;
}

/** A row without what danfojs refuses to print: control characters, the tab among them. */
function printableRow(row: DataRow): DataRow {
  const shown = <T>(value: T) => (typeof value === 'string' ? printable(value).replaceAll('\t', ' ') : value);
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [shown(column), shown(value)]));
}

/** A DataFrame as an HTML table, its index first. */
export function dataFrameHtml(frame: DataFrameLike, { digits }: { readonly digits: number }): string {
  const written = (value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(digits) : String(value ?? '');
  const heading = `<tr><th></th>${frame.columns.map((name) => `<th>${escapeHtml(name)}</th>`).join('')}</tr>`;
  const rows = (frame.values as readonly (readonly unknown[])[]).map((row, r) => {
    const cells = row.map((value) => `<td>${escapeHtml(written(value))}</td>`).join('');
    return `<tr><th>${escapeHtml(String(frame.index[r]))}</th>${cells}</tr>`;
  });
  return `<table><thead>${heading}</thead><tbody>${rows.join('')}</tbody></table>`;
}
