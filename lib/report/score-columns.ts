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
] as const;

export type ScoreColumn = (typeof SCORE_COLUMNS)[number];

/** A column of Table 1 that holds a figure. */
export type Table1Column = ScoreColumn | 'criteria';

export const TABLE_1_COLUMNS: readonly Table1Column[] = [...SCORE_COLUMNS, 'criteria'];

/** A column's name in words: `auroc_mi` is 'AUROC MI'. */
export function columnTitle(column: string): string {
  if (column === 'criteria') return 'Criteria';
  const [metric, task] = column.split('_');
  return task === undefined ? metric : `${metric.toUpperCase()} ${task.toUpperCase()}`;
}
