import { type CsvValue, formatCsv } from '../io/csv';
import { DATASET_FACTS, TABLE_6_COLUMNS } from './dataset-facts';
import type { Table6Report, Table6Row } from './table-6-report';

/**
 * Table 6 as CSV: a row a dataset. `source` says whose figures a row has: `counted` where the dataset is there, `simulated`
 * where that is a simulation of it, `paper` where there is nothing but the paper's row.
 */
export function table6Csv({ rows }: Table6Report): string {
  return formatCsv(
    ['dataset', ...TABLE_6_COLUMNS, 'kept', 'rejected', 'source'],
    rows.map((row) => {
      const figures = row.cells.map(({ column, value, paper }) => [column, row.counts === undefined ? paper : value]);
      return {
        dataset: nameOf(row),
        ...(Object.fromEntries(figures) as Record<string, CsvValue>),
        kept: row.counts?.kept,
        rejected: row.counts && row.counts.records - row.counts.kept,
        source: row.counts === undefined ? 'paper' : row.synthetic ? 'simulated' : 'counted',
      };
    }),
  );
}

/** Table 6 with a row a figure: ours, the paper's, the difference; then a row a reason of rejection; then the notes. */
export function table6CellsCsv({ rows }: Table6Report): string {
  const cells = rows.flatMap((row) => [
    ...row.cells.map(({ column, value, paper, difference }) => ({
      dataset: nameOf(row),
      store: row.store,
      column,
      value,
      paper,
      difference: difference === undefined ? undefined : Number(difference.toPrecision(12)),
    })),
    ...(row.counts === undefined ? [] : [{ column: 'kept', value: row.counts.kept }, ...rejectedCells(row)]).map(
      (cell) => ({ dataset: nameOf(row), store: row.store, ...cell }),
    ),
    ...row.notes.map((note) => ({ dataset: nameOf(row), store: row.store, column: 'note', value: note })),
  ]);
  return formatCsv(['dataset', 'store', 'column', 'value', 'paper', 'difference'], cells);
}

function rejectedCells({ counts }: Table6Row) {
  return (counts?.rejected ?? []).map(({ reason, records }) => ({ column: `rejected: ${reason}`, value: records }));
}

/** The paper's name of a dataset. */
function nameOf({ dataset }: Table6Row): string {
  return DATASET_FACTS[dataset].paper ?? 'PTB-XL';
}
