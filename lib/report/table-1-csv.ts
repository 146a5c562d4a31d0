import { formatCsv } from '../io/csv';
import type { Measure } from '../metrics/measure';
import type { ProbeName } from './probed-model';
import { columnParts, TABLE_1_COLUMNS } from './score-columns';
import type { Table1Cell } from './table-1';

const KEYS = ['model', 'patch_size', 'block_depth', 'embedding_size'] as const;
const CELL_COLUMNS = [
  ...KEYS,
  'probe',
  'task',
  'metric',
  'value',
  'low',
  'high',
  'paper',
  'difference',
  'seeds',
  'runs',
] as const;

/**
 * Table 1 as the paper prints it: a row a model, its eight scores and Criteria to four digits, the mean over the seeds.
 *
 * @param cells of Table 1
 * @param options.probe which probe's rows
 * @returns CSV text
 */
export function table1Csv(cells: readonly Table1Cell[], options: { readonly probe: ProbeName }): string {
  const rows = rowsOf(cells.filter((cell) => cell.probe === options.probe));
  return formatCsv(
    [...KEYS, ...TABLE_1_COLUMNS],
    rows.map((row) => {
      const digitsOf = (measure: Measure) => row.find((cell) => cell.measure === measure)!.value.toFixed(4);
      return { ...keyOf(row[0]), ...Object.fromEntries(TABLE_1_COLUMNS.map((column) => [column, digitsOf(column)])) };
    }),
  );
}

/**
 * Table 1 with a row a cell: value, interval, the paper's figure and the difference to six digits; seeds and run names.
 *
 * @param cells of Table 1, both probes
 * @returns CSV text; several seeds or runs stand in one cell, a blank between
 */
export function table1CellsCsv(cells: readonly Table1Cell[]): string {
  return formatCsv(
    CELL_COLUMNS,
    cells.map((cell) => ({
      ...keyOf(cell),
      probe: cell.probe,
      ...columnParts(cell.measure),
      value: cell.value.toFixed(6),
      low: cell.low.toFixed(6),
      high: cell.high.toFixed(6),
      paper: String(cell.paper),
      difference: cell.difference.toFixed(6),
      seeds: cell.seeds.join(' '),
      runs: cell.runs.join(' '),
    })),
  );
}

/** The cells of each row of the table, in order. */
export function rowsOf(cells: readonly Table1Cell[]): Table1Cell[][] {
  const rows = new Map<string, Table1Cell[]>();
  for (const cell of cells) {
    const key = [...Object.values(keyOf(cell)), cell.probe].join(' ');
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  return [...rows.values()];
}

function keyOf({ model, patchSize, blockDepth, embeddingSize }: Table1Cell) {
  return { model, patch_size: patchSize, block_depth: blockDepth, embedding_size: embeddingSize };
}
