import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv, writeCsv } from '../io/csv';
import { awaitFolderLock } from '../io/folder-lock';
import type { JudgedClaim } from './claim';

const COLUMNS = ['id', 'table', 'sentence', 'on_paper', 'on_ours', 'seeds', 'detail'] as const;
type ClaimRow = Record<(typeof COLUMNS)[number], string>;

/**
 * Writes judged claims to `claims.csv`; the claims of other tables that are already there stay, also those that another
 * process writes at the same time.
 *
 * @param judged of one table or of several
 * @param options.folder where, e.g. `paper-tables/tiny`; options.seeds of our trainings: with one seed an interval covers
 *   other test patients, not another training
 * @returns the file's path
 * @throws FormatError when there is a `claims.csv` that is none; StorageError when the disk refuses, or another process holds the file for long
 */
export async function writeClaims(
  judged: readonly JudgedClaim[],
  { folder, seeds }: { readonly folder: string; readonly seeds: readonly number[] },
): Promise<string> {
  const path = join(folder, 'claims.csv');
  const rows = judged.map((one) => claimRow(one, seeds));
  const judgedTables = new Set(rows.map(({ table }) => table));
  const number = ({ table }: ClaimRow) => Number(table.replace(/\D+/g, ''));
  const unlock = await awaitFolderLock(folder, { file: 'claims.lock' });
  try {
    const written = existsSync(path) ? readCsv(path, { columns: COLUMNS }) : [];
    const others = written.filter(({ table }) => !judgedTables.has(table));
    const all = [...others, ...rows].sort((a, b) => number(a) - number(b) || compared(a.table, b.table));
    writeCsv(path, COLUMNS, all);
  } finally {
    unlock();
  }
  return path;
}

function compared(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function claimRow({ claim, onPaper, onOurs, detail }: JudgedClaim, seeds: readonly number[]): ClaimRow {
  const { id, table, sentence } = claim;
  return { id, table, sentence, on_paper: onPaper, on_ours: onOurs, seeds: seeds.join(' '), detail };
}
