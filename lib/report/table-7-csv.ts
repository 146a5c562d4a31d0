import { type CsvValue, formatCsv } from '../io/csv';
import { TASKS } from '../metrics/tasks';
import { TABLE_7_COLUMNS, type Table7Report } from './table-7-report';

/** Table 7 as CSV: a row a label; what each column counts is in its name. */
export function table7Csv({ cells }: Table7Report): string {
  return formatCsv(
    ['label', ...TABLE_7_COLUMNS.map(({ column }) => column)],
    TASKS.map((task) => {
      const own = cells.filter((cell) => cell.task === task);
      const figures = own.map(({ column, value }) => [column, column === 'case_ratio' ? value?.toFixed(4) : value]);
      return { label: task, ...(Object.fromEntries(figures) as Record<string, CsvValue>) };
    }),
  );
}

/** Table 7 with a row a figure: ours, the paper's and its name there, the difference; then the notes. */
export function table7CellsCsv({ cells, notes }: Table7Report): string {
  const figures = cells.map(({ task, column, value, paper, difference }) => ({
    label: task,
    column,
    value: column === 'case_ratio' ? value?.toFixed(6) : value,
    paper_column: TABLE_7_COLUMNS.find((one) => one.column === column)!.printedAs,
    paper,
    difference: column === 'case_ratio' ? difference?.toFixed(6) : difference,
  }));
  return formatCsv(
    ['label', 'column', 'value', 'paper_column', 'paper', 'difference'],
    [...figures, ...notes.map((note) => ({ column: 'note', value: note }))],
  );
}

/** How the paper's Table 7 comes about: a row a figure and label, the rule, what it gives and what is printed. */
export function table7RuleCsv({ rules }: Table7Report): string {
  return formatCsv(
    ['figure', 'label', 'rule', 'derived', 'printed', 'agrees', 'remark'],
    rules.flatMap(({ figure, rule, cells, remark }) =>
      cells.map(({ task, derived, printed, agrees }) => ({
        figure,
        label: task,
        rule,
        derived,
        printed,
        agrees,
        remark,
      })),
    ),
  );
}
