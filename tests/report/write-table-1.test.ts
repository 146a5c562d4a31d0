import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { StorageError } from '../../lib/errors';
import type { Provenance } from '../../lib/report/provenance';
import { readPublishedTables } from '../../lib/report/published-tables';
import { table1Report } from '../../lib/report/table-1-report';
import { writeTable1 } from '../../lib/report/write-table-1';
import { simulatedModels } from './simulated-models';

const published = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));
const report = table1Report(simulatedModels({ records: 300 }), { published, resamples: 100 });
const provenance: Provenance = {
  profile: 'tiny',
  data: 'synthetic cohort, 300 ECGs',
  synthetic: true,
  seeds: [0, 1],
  engine: 'wasm 4.22.0',
  durationS: 12,
};
const scratch = mkdtempSync(join(tmpdir(), 'table-1-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const read = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'base64')]),
  );

test('tables, claims, provenance and figures are written, twice the same bytes', async () => {
  const [first, second] = ['a', 'b'].map((name) => join(scratch, name));
  const write = (folder: string) =>
    writeTable1(report, { tables: join(folder, 'tables'), figures: join(folder, 'figures'), provenance });
  const paths = await write(first);
  await write(second);
  expect(read(second)).toEqual(read(first));
  expect(paths.map((path) => path.slice(first.length + 1))).toEqual([
    'tables/table-1.csv',
    'tables/table-1-weak.csv',
    'tables/table-1-cells.csv',
    'tables/table-1.provenance.json',
    'tables/claims.csv',
    'figures/table-1.vl.json',
    'figures/table-1.svg',
    'figures/table-1.png',
    'figures/table-1-weak.vl.json',
    'figures/table-1-weak.svg',
    'figures/table-1-weak.png',
  ]);
  expect(Object.keys(read(first)).sort()).toEqual(paths.map((path) => path.split('/').at(-1)).sort());
});

test('the provenance of synthetic ECGs says that the numbers mean nothing', () => {
  const written = JSON.parse(readFileSync(join(scratch, 'a/tables/table-1.provenance.json'), 'utf8'));
  const runs = report.cells.filter(({ measure }) => measure === 'criteria').flatMap((cell) => cell.runs);
  expect(written).toEqual({ note: 'Synthetic ECGs: mechanics only, these numbers mean nothing.', ...provenance, runs });
  expect(runs).toHaveLength(16);
});

test('a folder that cannot be written leaves the old table as it was', async () => {
  const tables = join(scratch, 'c');
  mkdirSync(tables);
  writeFileSync(join(tables, 'table-1.csv'), 'old');
  const figures = join(tables, 'table-1.csv', 'figures'); // below a file
  await expect(writeTable1(report, { tables: join(tables, 'table-1.csv'), figures, provenance })).rejects.toThrow(
    StorageError,
  );
  expect(readFileSync(join(tables, 'table-1.csv'), 'utf8')).toBe('old');
  expect(readdirSync(tables)).toEqual(['table-1.csv']);
});
