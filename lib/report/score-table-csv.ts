import { type CsvValue, formatCsv } from '../io/csv';
import { rowsOfCells, type ScoreCell } from './score-cells';
import { columnParts } from './score-columns';
import type { ScoreTable } from './score-table';

const ARCHITECTURE = ['patch_size', 'block_depth', 'embedding_size'] as const;
const CORRECTED_COLUMNS = ['auprc_at_case_ratio', 'auprc_at_case_ratio_low', 'auprc_at_case_ratio_high'] as const;
const DROP_COLUMNS = ['drop_percent', 'drop_low', 'drop_high', 'drop_paper'] as const;

/**
 * A table of scores as the paper prints it: a row a model and setting, its scores and Criteria to four digits, the mean
 * over the seeds.
 *
 * @param cells of the table
 * @param options.table which table
 * @returns CSV text
 */
export function scoreTableCsv(cells: readonly ScoreCell[], { table }: { readonly table: ScoreTable }): string {
  return formatCsv(
    [...table.keys, ...table.columns],
    rowsOfCells(cells).map((row) => {
      const figures = table.columns.map((column) => {
        return [column, row.find(({ measure }) => measure === column)!.value.toFixed(4)] as const;
      });
      return { ...keyOf(row[0]), ...Object.fromEntries(figures) };
    }),
  );
}

/**
 * A table of scores with a row a cell: value, interval, the paper's figure and the difference to six digits; where the
 * table has them, the AUROC on the validation ECGs, the AUPRC at the training's case ratio and the drop against all
 * labels in percent; seeds, their standard deviation, and run names.
 *
 * @param cells of the table
 * @returns CSV text; several seeds or runs stand in one cell, a blank between
 */
export function scoreCellsCsv(cells: readonly ScoreCell[]): string {
  const settings = [...new Set(cells.flatMap(({ setting }) => Object.keys(setting)))];
  const drops = cells.some(({ drop }) => drop !== undefined) ? DROP_COLUMNS : [];
  const keys = ['model', ...ARCHITECTURE, ...settings, 'task', 'metric'];
  const atCaseRatio = cells.some((cell) => cell.corrected !== undefined) ? CORRECTED_COLUMNS : [];
  const validation = cells.some((cell) => cell.validation !== undefined) ? ['validation'] : [];
  const figures = ['value', 'low', 'high', 'paper', 'difference', ...validation, ...atCaseRatio, ...drops];
  return formatCsv(
    [...keys, ...figures, 'seeds', 'spread', 'runs'],
    cells.map(({ drop, corrected, ...cell }) => ({
      ...keyOf(cell),
      ...columnParts(cell.measure),
      value: cell.value.toFixed(6),
      low: cell.low.toFixed(6),
      high: cell.high.toFixed(6),
      paper: cell.paper,
      difference: cell.difference?.toFixed(6),
      validation: cell.validation?.toFixed(6),
      auprc_at_case_ratio: corrected?.value.toFixed(6),
      auprc_at_case_ratio_low: corrected?.low.toFixed(6),
      auprc_at_case_ratio_high: corrected?.high.toFixed(6),
      drop_percent: drop?.value.toFixed(4),
      drop_low: drop?.low.toFixed(4),
      drop_high: drop?.high.toFixed(4),
      drop_paper: drop?.paper?.toFixed(4),
      seeds: cell.seeds.join(' '),
      spread: cell.spread?.toFixed(6),
      runs: cell.runs.join(' '),
    })),
  );
}

function keyOf({ model, architecture, setting }: ScoreCell): Record<string, CsvValue> {
  return {
    model,
    patch_size: architecture?.patchSize,
    block_depth: architecture?.blockDepth,
    embedding_size: architecture?.embeddingSize,
    ...setting,
  };
}
