import { MEASURES, type Measure, TASK_MEASURES } from '../metrics/measure';
import { TASKS, type Task } from '../metrics/tasks';

/** The figures of a row of scores: those of `MEASURES` and the mean of the four AUPRCs. */
export type ScoreMeasure = Measure | 'mean_auprc';

export const SCORE_MEASURES = [...MEASURES.slice(0, -1), 'mean_auprc', 'criteria'] as readonly ScoreMeasure[];

/** The columns of Tables 1, 3, 4 and 5 that hold a figure. */
export const SCORE_COLUMNS = [...TASK_MEASURES, 'criteria'] as const satisfies readonly Measure[];

/** The task of a column, 'all' for those over the four tasks, and its metric: `auroc_mi` is MI's `auroc`. */
export function columnParts(column: ScoreMeasure): { readonly task: Task | 'all'; readonly metric: string } {
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
