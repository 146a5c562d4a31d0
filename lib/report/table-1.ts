import { intervalOf } from '../metrics/bootstrap-interval';
import { MEASURES, type Measure, TASK_MEASURES } from '../metrics/measure';
import type { ModelName, ProbeName } from './probed-model';
import type { PublishedRow, PublishedTable } from './published-tables';
import type { ResampledModel } from './resampled-models';

/** A figure of Table 1 with all that is known of it: a row of `table-1-cells.csv`. */
export interface Table1Cell {
  readonly model: ModelName;
  readonly patchSize: number;
  readonly blockDepth: number;
  readonly embeddingSize: number;
  readonly probe: ProbeName;
  readonly measure: Measure;
  /** The mean over the seeds; 0 to 1, Criteria 0 to 8. */
  readonly value: number;
  /** 95 % bootstrap interval over the test patients. */
  readonly low: number;
  readonly high: number;
  /** The paper's figure of the same model; its Criteria and mean AUROC are recomputed from its cells. */
  readonly paper: number;
  /** value - paper */
  readonly difference: number;
  readonly seeds: readonly number[];
  readonly runs: readonly string[];
}

/**
 * The cells of Table 1: each measure of each model with its interval, the paper's figure and the difference.
 *
 * The paper's row is that of the same model; of its two random encoders the one of the same architecture, else of the
 * same place (ours first, the paper's first), else the first.
 *
 * @param rows from `resampleModels`
 * @param published the paper's Table 1
 * @returns ten cells a row: eight scores, the mean AUROC, Criteria
 */
export function table1Cells(rows: readonly ResampledModel[], published: PublishedTable): Table1Cell[] {
  return rows.flatMap(({ measured, ...row }, r) => {
    const alike = rows.slice(0, r).filter(({ model, probe }) => model === row.model && probe === row.probe);
    const paperRow = publishedRowOf(row, published, { place: alike.length });
    return MEASURES.map((measure) => {
      const { value, low, high } = intervalOf(measured[measure], 0, {});
      const paper = publishedMeasure(paperRow, measure);
      return { ...row, measure, value, low, high, paper, difference: value - paper };
    });
  });
}

/** What names a row of Table 1. */
export type Table1Key = Pick<Table1Cell, 'model' | 'patchSize' | 'blockDepth' | 'embeddingSize'>;

/** The paper's row of a model: of several the one of the same architecture, else of the same place, else the first. */
export function publishedRowOf(
  key: Table1Key,
  published: PublishedTable,
  { place }: { readonly place: number },
): PublishedRow {
  const rows = published.rows.filter((row) => row.model.printed === key.model);
  const same = rows.find(
    (row) =>
      row.patch_size.value === key.patchSize &&
      row.block_depth.value === key.blockDepth &&
      row.embedding_size.value === key.embeddingSize,
  );
  return same ?? rows[place] ?? rows[0];
}

/** A measure of a row of the paper; Criteria and the mean AUROC from its cells, since a printed Criteria can be wrong. */
export function publishedMeasure(row: PublishedRow, measure: Measure): number {
  const sum = (columns: readonly string[]) => columns.reduce((total, column) => total + row[column].value!, 0);
  if (measure === 'criteria') return digits(sum(TASK_MEASURES));
  if (measure === 'mean_auroc') return digits(sum(TASK_MEASURES.slice(0, 4)) / 4);
  return row[measure].value!;
}

/** Sums of four printed digits, without the noise of binary fractions. */
function digits(value: number): number {
  return Number(value.toFixed(6));
}
