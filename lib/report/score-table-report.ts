import { type JudgedClaim, judgeClaims } from './claim';
import type { PublishedTables } from './published-tables';
import { type ResampledModel, type ResampleOptions, resampleModels } from './resampled-models';
import { type ScoreCell, scoreCells } from './score-cells';
import { publishedEvidenceRows, resampledEvidenceRows, scoreEvidence } from './score-evidence';
import { type ScoreTable, TABLE_3, TABLE_4, TABLE_5 } from './score-table';
import type { ScoredModel } from './scored-model';

/** A table of scores with what the paper claims about it. */
export interface ScoreTableReport {
  readonly table: ScoreTable;
  readonly cells: readonly ScoreCell[];
  readonly claims: readonly JudgedClaim[];
  /** What the cells were made of, for tables that are compared with this one. */
  readonly rows: readonly ResampledModel[];
  /** Of Tables 4 and 5: the cells of Table 3, all labels at their own case ratio, where their lines begin. */
  readonly reference?: readonly ScoreCell[];
}

export interface ScoreTableReportOptions extends ResampleOptions {
  /** The paper's tables. */
  readonly published: PublishedTables;
}

type Rows = Pick<ScoreTableReport, 'rows'>;

/**
 * Makes a table of scores and judges its claims.
 *
 * @param models one per row and seed, all on the same test ECGs
 * @param options.table which table; options.published the paper's tables; resamples, seed, unit of the bootstrap;
 *   options.others reports of other tables on the same test ECGs and resamples, for drops (Table 3) and for claims that
 *   compare tables; options.judged which rows the claims are about, default all
 * @returns cells with 95 % intervals, and claims judged on the paper's figures and on ours
 */
export function scoreTableReport(
  models: readonly ScoredModel[],
  options: ScoreTableReportOptions & {
    readonly table: ScoreTable;
    readonly others?: Readonly<Record<string, Rows | undefined>>;
    readonly judged?: (row: ResampledModel) => boolean;
  },
): ScoreTableReport {
  const { table, published, others = {}, judged = () => true, ...resampling } = options;
  const rows = resampleModels(models, { ...resampling, models: table.models });
  const whole = table.setting === undefined ? undefined : others['table-3']?.rows;
  const paper = (['table-1', 'table-3', 'table-4', 'table-5'] as const).map((name) => {
    return [name, publishedEvidenceRows(published[name])] as const;
  });
  const compared = Object.entries(others).map(([name, other]) => [name, other?.rows ?? []] as const);
  const ours = [...compared, [table.name, rows.filter(judged)] as const].map(([name, own]) => {
    return [name, resampledEvidenceRows(own)] as const;
  });
  return {
    table,
    cells: scoreCells(rows, { table, published, reference: whole }),
    claims: judgeClaims(table.claims, {
      paper: scoreEvidence(Object.fromEntries(paper), { table: table.name }),
      ours: scoreEvidence(Object.fromEntries(ours), { table: table.name }),
    }),
    rows,
    ...(whole === undefined ? {} : { reference: scoreCells(whole, { table: TABLE_3, published }) }),
  };
}

/** Table 3: fine-tuned CL, GL and HL beside the ViT and the ResNet from scratch. */
export function table3Report(models: readonly ScoredModel[], options: ScoreTableReportOptions): ScoreTableReport {
  return scoreTableReport(models, { ...options, table: TABLE_3 });
}

/**
 * Table 4: few cases among the training ECGs.
 *
 * @param models each with the setting `{ case_ratio_percent: '5' }`, as the paper's column says it
 * @param options.table3 the report of Table 3, against which drops are told, on the same test ECGs and resamples
 */
export function table4Report(
  models: readonly ScoredModel[],
  { table3, ...options }: ScoreTableReportOptions & { readonly table3: Rows },
): ScoreTableReport {
  return scoreTableReport(models, { ...options, table: TABLE_4, others: { 'table-3': table3 } });
}

/**
 * Table 5: a part of the labels.
 *
 * @param models each with the setting `{ data_usage_percent: '50' }`
 * @param options.table3 the report of Table 3; options.table4 that of Table 4, which one claim is about too: without it
 *   the claim is undecided
 */
export function table5Report(
  models: readonly ScoredModel[],
  { table3, table4, ...options }: ScoreTableReportOptions & { readonly table3: Rows; readonly table4?: Rows },
): ScoreTableReport {
  return scoreTableReport(models, { ...options, table: TABLE_5, others: { 'table-3': table3, 'table-4': table4 } });
}
