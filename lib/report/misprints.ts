import { formatCsv } from '../io/csv';
import { TASK_MEASURES } from '../metrics/measure';
import type { PublishedCell, PublishedRow, PublishedTable, PublishedTables } from './published-tables';

/** A figure of the paper that its own other figures contradict. */
export interface Misprint {
  readonly table: string;
  /** The row in words, e.g. 'Contrastive Learning 250/2/1024'. */
  readonly row: string;
  readonly column: string;
  /** `sum`: not what its parts add up to; `copy`: another figure for the same model elsewhere; `bold`: not the best. */
  readonly kind: 'sum' | 'copy' | 'bold';
  readonly printed: string;
  /** The sum, the other figure, or the best figure of the column. */
  readonly recomputed: string;
  readonly detail: string;
}

/** Printed cells are summed as they stand, so a sum may differ by rounding in the last digit only. */
const CRITERIA_TOLERANCE = 0.00005;
/** Table 2 cuts every term and the total after four digits: five cuts of at most .0001 each. */
const RISK_TOLERANCE = 0.0005;
/** A mean of printed cells, rounded or cut after four digits. */
const AVERAGE_TOLERANCE = 0.0001;
const RISK_TERMS = ['approximation', 'usability', 'probe_generalisation', 'encoder_generalisation'];
const ARCHITECTURE = ['patch_size', 'block_depth', 'embedding_size'];

/**
 * The paper's own misprints: Criteria, totals and averages that do not add up, one model's figures that differ between
 * tables, and bold marks on figures that are not the best of their column.
 *
 * The best is the highest of the column; in Tables 4 and 5 among the rows of one setting; in Table 2 the lowest average.
 */
export function findMisprints(tables: PublishedTables): Misprint[] {
  return [
    ...(['table-1', 'table-3', 'table-4', 'table-5'] as const).flatMap((name) => criteriaMisprints(tables[name])),
    ...riskMisprints(tables['table-2']),
    ...gridMisprints(tables),
    ...copyMisprints(tables),
    ...boldMisprints(tables),
  ];
}

/** The misprints as CSV text. */
export function misprintsCsv(misprints: readonly Misprint[]): string {
  const rows = misprints.map((misprint) => ({ ...misprint }));
  return formatCsv(['table', 'row', 'column', 'kind', 'printed', 'recomputed', 'detail'], rows);
}

function criteriaMisprints(table: PublishedTable): Misprint[] {
  return table.rows.flatMap((row) =>
    sumMisprint(table, row, {
      column: 'criteria',
      parts: TASK_MEASURES.map((column) => row[column]),
      tolerance: CRITERIA_TOLERANCE,
      detail: 'the sum of the eight scores',
    }),
  );
}

/** Tables 10 and 11 share a Criteria column: the four AUROCs of one and the four AUPRCs of the other. */
function gridMisprints({ 'table-10': auroc, 'table-11': auprc }: PublishedTables): Misprint[] {
  return auroc.rows.flatMap((row, r) => {
    const other = auprc.rows[r];
    const parts = [...TASK_MEASURES.slice(0, 4).map((c) => row[c]), ...TASK_MEASURES.slice(4).map((c) => other[c])];
    const rule = { column: 'criteria', parts, tolerance: CRITERIA_TOLERANCE, detail: 'the sum of Tables 10 and 11' };
    return [...sumMisprint(auroc, row, rule), ...sumMisprint(auprc, other, rule)];
  });
}

function riskMisprints(table: PublishedTable): Misprint[] {
  return table.rows.flatMap((row) => {
    const terms = RISK_TERMS.map((term) => row[term]);
    const detail = 'the sum of the four errors';
    const total = sumMisprint(table, row, { column: 'total', parts: terms, tolerance: RISK_TOLERANCE, detail });
    if (row.task.printed !== 'average') return total;
    const tasks = table.rows.filter((one) => one.model.printed === row.model.printed && one !== row);
    const averages = [...RISK_TERMS, 'total'].flatMap((column) =>
      sumMisprint(table, row, {
        column,
        parts: tasks.map((one) => one[column]),
        divisor: tasks.length,
        tolerance: AVERAGE_TOLERANCE,
        detail: 'the mean over the four tasks',
      }),
    );
    return [...total, ...averages];
  });
}

interface SumRule {
  readonly column: string;
  readonly parts: readonly PublishedCell[];
  readonly divisor?: number;
  readonly tolerance: number;
  readonly detail: string;
}

function sumMisprint(table: PublishedTable, row: PublishedRow, rule: SumRule): Misprint[] {
  const { column, parts, divisor = 1, tolerance, detail } = rule;
  const values = [row[column], ...parts].map(({ value }) => value);
  if (values.every((value) => value === undefined)) return []; // out of memory in the whole row
  const [printed, ...rest] = values as number[];
  const sum = rest.reduce((total, value) => total + value, 0) / divisor;
  if (Math.abs(printed - sum) <= tolerance + 1e-9) return [];
  return [misprint(table, row, { column, kind: 'sum', recomputed: sum.toFixed(4), detail })];
}

/** Table 3's CL, GL and HL are cases of Tables 10 and 11. */
function copyMisprints({ 'table-3': tuned, 'table-10': auroc, 'table-11': auprc }: PublishedTables): Misprint[] {
  return tuned.rows.flatMap((row) =>
    TASK_MEASURES.flatMap((column) => {
      const grid = column.startsWith('auroc') ? auroc : auprc;
      const same = grid.rows.find((one) => ['model', ...ARCHITECTURE].every((k) => one[k].printed === row[k].printed));
      if (same === undefined || same[column].printed === row[column].printed) return [];
      const detail = `case ${same.case.printed} of ${grid.name}`;
      return [misprint(tuned, row, { column, kind: 'copy', recomputed: same[column].printed, detail })];
    }),
  );
}

function boldMisprints(tables: PublishedTables): Misprint[] {
  return Object.values(tables).flatMap((table) => {
    const sign = table.name === 'table-2' ? -1 : 1;
    const setting = ['case_ratio_percent', 'data_usage_percent', 'task'].find((key) => table.columns.includes(key));
    return table.rows.flatMap((row) =>
      table.columns.flatMap((column) => {
        if (!row[column].bold) return [];
        const group = table.rows.filter(
          (one) => setting === undefined || one[setting].printed === row[setting].printed,
        );
        const best = group.reduce((a, b) => (sign * b[column].value! > sign * a[column].value! ? b : a));
        if (best[column].value === row[column].value) return [];
        const detail = `the best is ${rowName(best)}`;
        return [misprint(table, row, { column, kind: 'bold', recomputed: best[column].printed, detail })];
      }),
    );
  });
}

type Finding = Pick<Misprint, 'column' | 'kind' | 'recomputed' | 'detail'>;

function misprint(table: PublishedTable, row: PublishedRow, finding: Finding): Misprint {
  return { table: table.name, row: rowName(row), printed: row[finding.column].printed, ...finding };
}

function rowName(row: PublishedRow): string {
  const architecture = ARCHITECTURE.map((key) => row[key]?.printed ?? '').filter((text) => text !== '');
  const percent = row.case_ratio_percent ?? row.data_usage_percent;
  const setting = percent === undefined ? row.task?.printed : `${percent.printed} %`;
  return [row.model.printed, architecture.join('/'), setting].filter((text) => text).join(' ');
}
