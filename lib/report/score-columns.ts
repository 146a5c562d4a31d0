import { type Measure, TASK_MEASURES } from '../metrics/measure';
import { TASKS, type Task } from '../metrics/tasks';

/** The columns of Table 1 that hold a figure. */
export const TABLE_1_COLUMNS = [...TASK_MEASURES, 'criteria'] as const satisfies readonly Measure[];

export type Table1Column = (typeof TABLE_1_COLUMNS)[number];

/** The task of a column, 'all' for those over the four tasks, and its metric: `auroc_mi` is MI's `auroc`. */
export function columnParts(column: Measure): { readonly task: Task | 'all'; readonly metric: string } {
  const [metric, name] = column.split('_');
  const task = TASKS.find((one) => one.toLowerCase() === name);
  return task === undefined ? { task: 'all', metric: column } : { task, metric };
}

/** A column's name in words: `auroc_mi` is 'AUROC MI', `mean_auroc` 'mean AUROC', `total` 'total'. */
export function columnTitle(column: string): string {
  const words = column
    .split('_')
    .map((word) => (/^(auroc|auprc|mi|sttc|cd|hyp)$/.test(word) ? word.toUpperCase() : word));
  return column === 'criteria' ? 'Criteria' : words.join(' ');
}
