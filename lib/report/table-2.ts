import { intervalOf } from '../metrics/bootstrap-interval';
import { countParts } from '../risk/stratified-parts';
import { type RiskMode, splitRisks, type TaskRisk } from '../risk/task-risk';
import type { ModelName } from './probed-model';
import type { PublishedTable } from './published-tables';
import { type ResampledRisk, RISK_FIGURES, RISK_PLACES, type RiskFigure, type RiskPlace } from './table-2-resampled';

/** A figure of Table 2 with all that is known of it: a row of `table-2-cells.csv`. */
export interface Table2Cell {
  readonly model: ModelName;
  readonly task: RiskPlace;
  readonly mode: RiskMode;
  readonly term: RiskFigure;
  /** Of the seeds' mean risks; lower is better. The terms of a row add up to its total exactly. */
  readonly value: number;
  /** 95 % bootstrap interval over ECGs, patients whole, and seeds. */
  readonly low: number;
  readonly high: number;
  /** Standard deviation over the resamples. */
  readonly standardError: number;
  /** Standard error of the mean over the splits, of the two terms that r_AS is part of; undefined with one split. */
  readonly splitError: number | undefined;
  /** The paper's figure of the same model and task. */
  readonly paper: number | undefined;
  /** value - paper */
  readonly difference: number | undefined;
  /** Records of the sets; undefined for the average. */
  readonly sets: RiskSetSizes | undefined;
  readonly seeds: readonly number[];
  /** Standard deviation over the seeds; undefined with one seed. */
  readonly spread: number | undefined;
  readonly runs: readonly string[];
}

/** How many records the risks of a task are counted on. */
export interface RiskSetSizes {
  readonly train: { readonly positives: number; readonly negatives: number };
  readonly test: { readonly positives: number; readonly negatives: number };
  /** |S|, of several the mean */
  readonly heldOut: number;
  /** how many S */
  readonly splits: number;
}

/** The paper's column of a figure. */
export const RISK_COLUMNS: Readonly<Record<RiskFigure, string>> = {
  approximation: 'approximation',
  usability: 'usability',
  probeGeneralisation: 'probe_generalisation',
  encoderGeneralisation: 'encoder_generalisation',
  total: 'total',
};

/**
 * The cells of Table 2: each figure of each model and task, and of the tasks' mean, with its interval, the paper's figure
 * and the difference.
 *
 * @param rows from `resampleRisks`
 * @param published the paper's Table 2
 * @returns 25 cells a model and mode
 */
export function table2Cells(rows: readonly ResampledRisk[], published: PublishedTable): Table2Cell[] {
  return rows.flatMap((row) =>
    RISK_PLACES.flatMap((task) => {
      const { model, mode, seeds, runs, risks, ofSeeds, figures } = row;
      const paperRow = published.rows.find((one) => one.model.printed === model && one.task.printed === task);
      return RISK_FIGURES.map((term): Table2Cell => {
        const { value, low, high } = intervalOf(figures[task][term], 0, {});
        const paper = paperRow?.[RISK_COLUMNS[term]].value;
        return {
          model,
          task,
          mode,
          term,
          value,
          low,
          high,
          standardError: deviation(figures[task][term].values),
          splitError: splitErrorOf(row, task, term),
          paper,
          difference: paper === undefined ? undefined : value - paper,
          sets: task === 'average' ? undefined : setSizes(risks[0][task], mode),
          seeds,
          spread: seeds.length < 2 ? undefined : deviation(ofSeeds.map((one) => one[task][term])),
          runs,
        };
      });
    }),
  );
}

/** The cells of each row of the table, in order. */
export function rowsOfTable2(cells: readonly Table2Cell[]): Table2Cell[][] {
  const rows = new Map<string, Table2Cell[]>();
  for (const cell of cells) {
    const key = [cell.mode, cell.model, cell.task].join(' ');
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  return [...rows.values()];
}

function splitErrorOf({ mode, risks }: ResampledRisk, place: RiskPlace, term: RiskFigure): number | undefined {
  if (mode === 'paper' || place === 'average' || !/Generalisation$/.test(term)) return undefined;
  const ofSeeds = risks.map((risk) => splitRisks(risk[place]));
  const means = ofSeeds[0].map((_, split) => ofSeeds.reduce((sum, own) => sum + own[split], 0) / ofSeeds.length);
  return deviation(means) / Math.sqrt(means.length);
}

function setSizes({ train, test }: TaskRisk, mode: RiskMode): RiskSetSizes {
  const sizes = (labels: Uint8Array) => {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    return { positives, negatives: labels.length - positives };
  };
  const splits = mode === 'paper' ? 1 : countParts(train.split);
  const heldOut = mode === 'paper' ? train.split.filter((split) => split === 0).length : train.split.length / splits;
  return { train: sizes(train.labels), test: sizes(test.labels), heldOut, splits };
}

/** The standard deviation (n - 1). */
function deviation(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1));
}
