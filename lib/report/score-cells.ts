import { intervalOf } from '../metrics/bootstrap-interval';
import type { BootstrappedMeasure } from '../metrics/bootstrap-measures';
import { TASKS } from '../metrics/tasks';
import { percentDrop } from './percent-drop';
import { publishedMeasure, publishedRowOf } from './published-scores';
import type { PublishedTables } from './published-tables';
import type { ResampledModel } from './resampled-models';
import { columnParts, type ScoreMeasure } from './score-columns';
import type { ScoreTable } from './score-table';
import { type RowKey, rowName, shapeName } from './scored-model';

/** A figure of a table of scores with all that is known of it: a row of `table-N-cells.csv`. */
export interface ScoreCell extends RowKey {
  readonly measure: ScoreMeasure;
  /** The mean over the seeds; 0 to 1, Criteria 0 to 8. */
  readonly value: number;
  /** 95 % bootstrap interval over the test patients. */
  readonly low: number;
  readonly high: number;
  /** The paper's figure of the same model; its Criteria and means are recomputed from its cells. */
  readonly paper: number | undefined;
  /** value - paper */
  readonly difference: number | undefined;
  readonly seeds: readonly number[];
  /** Standard deviation over the seeds; undefined with one seed. */
  readonly spread: number | undefined;
  /** Names of the run folders that it comes from. */
  readonly runs: readonly string[];
  /**
   * Of an AUPRC of Table 4: what it would be on ECGs of which as few are cases as among the training ECGs, the mean over
   * the seeds, with its 95 % interval (`prevalenceCorrectedAuprc`); the test set has its own, higher share.
   */
  readonly corrected?: Figure;
  /** Of an AUROC: the same on the validation ECGs, the mean over the seeds; where it is told (Table 1). */
  readonly validation?: number;
  /** How much is lost against the model on all labels (Table 3). */
  readonly drop?: Drop;
}

/** A figure with its 95 % bootstrap interval over the test patients. */
export interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A loss against the same model on all labels, in percent of what it had: 2.52 is 'a drop of 2.52 %'. */
export interface Drop extends Figure {
  /** The paper's, from its cells. */
  readonly paper: number | undefined;
}

/**
 * The cells of a table: each measure of each row with its interval, the paper's figure and the difference.
 *
 * @param rows from `resampleModels`
 * @param options.table which table; options.published the paper's; options.reference the rows of Table 3, for drops
 * @returns a cell a row and measure of the table
 */
export function scoreCells(
  rows: readonly ResampledModel[],
  options: {
    readonly table: ScoreTable;
    readonly published: PublishedTables;
    readonly reference?: readonly ResampledModel[];
  },
): ScoreCell[] {
  const { table, published, reference = [] } = options;
  return rows.flatMap((row, r) => {
    const { model, architecture, setting, seeds, runs } = row;
    const alike = rows.slice(0, r).filter((other) => nameWithoutShape(other) === nameWithoutShape(row));
    const paperRow = publishedRowOf(row, published[table.name], { place: alike.length });
    const whole = sameShape(row, reference);
    const paperWhole =
      whole &&
      publishedRowOf(whole, published['table-3'], {
        place: reference.filter((other) => other.model === model).indexOf(whole),
      });
    return table.measures.map((measure) => {
      const { value, low, high } = figureOf(row.measured[measure]);
      const paper = publishedMeasure(paperRow, measure);
      const cell = { model, architecture, setting, measure, value, low, high, paper, seeds };
      const difference = paper === undefined ? undefined : value - paper;
      const corrected = correctedAuprc(row, measure);
      const validation = validationAuroc(row, measure);
      const own = {
        ...cell,
        difference,
        spread: row.spread?.[measure],
        runs: runsOf(runs, measure),
        ...(corrected === undefined ? {} : { corrected }),
        ...(validation === undefined ? {} : { validation }),
      };
      if (whole === undefined) return own;
      const drop = figureOf(percentDrop(whole.measured[measure], row.measured[measure]));
      const before = publishedMeasure(paperWhole, measure);
      const lost = before === undefined || paper === undefined ? undefined : (100 * (before - paper)) / before;
      return { ...own, drop: { ...drop, paper: lost } };
    });
  });
}

/** The AUPRC at the case ratio of the row, where it has one; of `mean_auprc` the mean of the tasks. */
function correctedAuprc({ atCaseRatio }: ResampledModel, measure: ScoreMeasure): Figure | undefined {
  return atCaseRatio !== undefined && measure.includes('auprc') ? figureOf(atCaseRatio[measure]) : undefined;
}

/** The AUROC on the validation ECGs of the task, of `mean_auroc` the mean of the tasks. */
function validationAuroc({ validationAurocs }: ResampledModel, measure: ScoreMeasure): number | undefined {
  if (validationAurocs === undefined || !measure.includes('auroc')) return undefined;
  const { task } = columnParts(measure);
  if (task !== 'all') return validationAurocs[task];
  return TASKS.reduce((sum, one) => sum + validationAurocs[one], 0) / TASKS.length;
}

function figureOf(measured: BootstrappedMeasure): Figure {
  const { value, low, high } = intervalOf(measured, 0, {});
  return { value, low, high };
}

/** The runs of all seeds that a measure comes from: that of its task where there is one a task. */
function runsOf(runs: ResampledModel['runs'], measure: ScoreMeasure): string[] {
  const task = (TASKS as readonly string[]).indexOf(columnParts(measure).task);
  return runs.flatMap((own) => (own.length === TASKS.length && task >= 0 ? [own[task]] : own));
}

/** The cells of each row of the table, in order. */
export function rowsOfCells<Cell extends ScoreCell>(cells: readonly Cell[]): Cell[][] {
  const rows = new Map<string, Cell[]>();
  for (const cell of cells) rows.set(rowName(cell), [...(rows.get(rowName(cell)) ?? []), cell]);
  return [...rows.values()];
}

/** Of some rows that of the same model and architecture, else the model's first. */
export function sameShape<Row extends RowKey>(row: RowKey, rows: readonly Row[]): Row | undefined {
  const own = rows.filter(({ model }) => model === row.model);
  return own.find(({ architecture }) => shapeName(architecture) === shapeName(row.architecture)) ?? own[0];
}

function nameWithoutShape({ model, setting }: RowKey): string {
  return rowName({ model, setting });
}
