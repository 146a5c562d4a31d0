import { formatCsv } from '../io/csv';
import type { RiskDecomposition } from '../risk/decompose-risk';
import { printedRisk } from '../risk/printed-risk';
import type { RiskMode } from '../risk/task-risk';
import { RISK_COLUMNS, rowsOfTable2, type Table2Cell } from './table-2';
import { RISK_FIGURES } from './table-2-resampled';

const CELL_COLUMNS = [
  'model',
  'task',
  'mode',
  'term',
  'value',
  'low',
  'high',
  'standard_error',
  'split_error',
  'paper',
  'difference',
  'train_positives',
  'train_negatives',
  'test_positives',
  'test_negatives',
  'held_out',
  'splits',
  'seeds',
  'spread',
  'runs',
] as const;

/**
 * Table 2 as the paper prints it: a row a model and task, then the average; four digits, the terms of a row adding up to
 * its total as printed.
 *
 * @param cells of Table 2
 * @param options.mode which mode's rows
 * @returns CSV text
 */
export function table2Csv(cells: readonly Table2Cell[], options: { readonly mode: RiskMode }): string {
  return formatCsv(
    ['model', 'task', ...RISK_FIGURES.map((figure) => RISK_COLUMNS[figure])],
    rowsOfTable2(cells.filter(({ mode }) => mode === options.mode)).map((row) => {
      const printed = printedRisk(decompositionOf(row));
      const figures = RISK_FIGURES.map((figure) => [RISK_COLUMNS[figure], printed[figure]]);
      return { model: row[0].model, task: row[0].task, ...Object.fromEntries(figures) };
    }),
  );
}

/**
 * Table 2 with a row a cell, both modes: value, interval, standard errors over resamples and over splits, the paper's
 * figure and the difference; records of the sets, |S| and splits; seeds, their standard deviation, and run names.
 *
 * @param cells of Table 2
 * @returns CSV text; several seeds or runs stand in one cell, a blank between
 */
export function table2CellsCsv(cells: readonly Table2Cell[]): string {
  return formatCsv(
    CELL_COLUMNS,
    rowsOfTable2(cells).flatMap((row) => {
      const printed = printedRisk(decompositionOf(row), { digits: 6 });
      return row.map(({ sets, ...cell }) => ({
        model: cell.model,
        task: cell.task,
        mode: cell.mode,
        term: RISK_COLUMNS[cell.term],
        value: printed[cell.term],
        low: cell.low.toFixed(6),
        high: cell.high.toFixed(6),
        standard_error: cell.standardError.toFixed(6),
        split_error: cell.splitError?.toFixed(6),
        paper: cell.paper,
        difference: cell.difference?.toFixed(6),
        train_positives: sets?.train.positives,
        train_negatives: sets?.train.negatives,
        test_positives: sets?.test.positives,
        test_negatives: sets?.test.negatives,
        held_out: sets?.heldOut,
        splits: sets?.splits,
        seeds: cell.seeds.join(' '),
        spread: cell.spread?.toFixed(6),
        runs: cell.runs.join(' '),
      }));
    }),
  );
}

/** A row's cells as the decomposition that they are of. */
export function decompositionOf(row: readonly Table2Cell[]): RiskDecomposition {
  return Object.fromEntries(row.map(({ term, value }) => [term, value])) as unknown as RiskDecomposition;
}
