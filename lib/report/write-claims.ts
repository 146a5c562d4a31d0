import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv, writeCsv } from '../io/csv';
import type { JudgedClaim } from './claim';

const COLUMNS = ['id', 'table', 'sentence', 'on_paper', 'on_ours', 'seeds', 'detail'] as const;
type ClaimRow = Record<(typeof COLUMNS)[number], string>;

/**
 * Writes judged claims to `claims.csv`; the claims of other tables that are already there stay.
 *
 * @param judged of one table or of several
 * @param options.folder where, e.g. `paper-tables/tiny`; options.seeds of our trainings: with one seed an interval covers
 *   other test patients, not another training
 * @returns the file's path
 * @throws FormatError when there is a `claims.csv` that is none; StorageError when the disk refuses
 */
export function writeClaims(
  judged: readonly JudgedClaim[],
  options: { readonly folder: string; readonly seeds: readonly number[] },
): string {
  const path = join(options.folder, 'claims.csv');
  const rows = judged.map((one) => claimRow(one, options.seeds));
  const judgedTables = new Set(rows.map(({ table }) => table));
  const others = existsSync(path)
    ? readCsv(path, { columns: COLUMNS }).filter(({ table }) => !judgedTables.has(table))
    : [];
  const number = ({ table }: ClaimRow) => Number(table.replace(/\D+/g, ''));
  writeCsv(
    path,
    COLUMNS,
    [...others, ...rows].sort((a, b) => number(a) - number(b) || compared(a.table, b.table)),
  );
  return path;
}

function compared(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function claimRow({ claim, onPaper, onOurs, detail }: JudgedClaim, seeds: readonly number[]): ClaimRow {
  const { id, table, sentence } = claim;
  return { id, table, sentence, on_paper: onPaper, on_ours: onOurs, seeds: seeds.join(' '), detail };
}
