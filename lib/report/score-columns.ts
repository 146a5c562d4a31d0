import type { Measure } from '../metrics/measure';
import { TASKS, type Task } from '../metrics/tasks';

/** The eight scores of Tables 1 and 3-5 in the paper's order; Criteria is their sum. */
export const SCORE_COLUMNS = [
  'auroc_mi',
  'auroc_sttc',
  'auroc_cd',
  'auroc_hyp',
  'auprc_mi',
  'auprc_sttc',
  'auprc_cd',
  'auprc_hyp',
] as const satisfies readonly Measure[];

/** The columns of Table 1 that hold a figure. */
export const TABLE_1_COLUMNS = [...SCORE_COLUMNS, 'criteria'] as const satisfies readonly Measure[];

export type Table1Column = (typeof TABLE_1_COLUMNS)[number];

/** The task of a column, 'all' for those over the four tasks, and its metric: `auroc_mi` is MI's `auroc`. */
export function columnParts(column: Measure): { readonly task: Task | 'all'; readonly metric: string } {
  const [metric, name] = column.split('_');
  const task = TASKS.find((one) => one.toLowerCase() === name);
  return task === undefined ? { task: 'all', metric: column } : { task, metric };
}

/** A column's name in words: 'AUROC MI', 'mean AUROC', 'Criteria'. */
export function columnTitle(column: Measure): string {
  const { task, metric } = columnParts(column);
  if (task !== 'all') return `${metric.toUpperCase()} ${task}`;
  return column === 'criteria' ? 'Criteria' : 'mean AUROC';
}
