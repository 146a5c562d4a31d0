import { TASK_MEASURES } from '../metrics/measure';
import type { PublishedRow, PublishedTable } from './published-tables';
import type { ScoreMeasure } from './score-columns';
import type { RowKey } from './scored-model';

const AUROCS = TASK_MEASURES.slice(0, 4);
const AUPRCS = TASK_MEASURES.slice(4);

/**
 * The paper's row beside one of ours: that of the same model and setting; of several the one of the same architecture,
 * else of the same place, else the first.
 *
 * @param key of our row; a setting that is no column of the paper's table does not count
 * @param options.place of our row among those of its model and setting, from 0
 * @returns undefined where the paper has no such row
 */
export function publishedRowOf(
  { model, architecture, setting }: RowKey,
  published: PublishedTable,
  { place }: { readonly place: number },
): PublishedRow | undefined {
  const columns = Object.entries(setting).filter(([column]) => published.columns.includes(column));
  const rows = published.rows.filter(
    (row) => row.model.printed === model && columns.every(([column, value]) => row[column].printed === value),
  );
  const same = rows.find(
    (row) =>
      architecture !== undefined &&
      row.patch_size?.value === architecture.patchSize &&
      row.block_depth?.value === architecture.blockDepth &&
      row.embedding_size?.value === architecture.embeddingSize,
  );
  return same ?? rows[place] ?? rows[0];
}

/**
 * A measure of a row of the paper; Criteria and means from its cells, since a printed Criteria can be wrong.
 *
 * @returns undefined where the paper prints no number or the row lacks a score that the measure needs
 */
export function publishedMeasure(row: PublishedRow | undefined, measure: ScoreMeasure): number | undefined {
  const sum = (columns: readonly string[], divisor: number): number | undefined => {
    const values = columns.map((column) => row?.[column]?.value);
    if (values.some((value) => value === undefined)) return undefined;
    return digits((values as number[]).reduce((total, value) => total + value, 0) / divisor);
  };
  if (measure === 'criteria') return sum(TASK_MEASURES, 1);
  if (measure === 'mean_auroc') return sum(AUROCS, AUROCS.length);
  if (measure === 'mean_auprc') return sum(AUPRCS, AUPRCS.length);
  return row?.[measure]?.value;
}

/** Sums of four printed digits, without the noise of binary fractions. */
function digits(value: number): number {
  return Number(value.toFixed(6));
}
