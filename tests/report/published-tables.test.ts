import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { publishedFiles } from '../../data-scripts/published-tables';
import { FormatError, MissingFileError } from '../../lib/errors';
import { findMisprints, misprintsCsv } from '../../lib/report/misprints';
import { readPublishedTables } from '../../lib/report/published-tables';

const folder = resolve(__dirname, '../../paper-tables/published');
const scratch = mkdtempSync(join(tmpdir(), 'published-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test.each(publishedFiles())('the committed $name is what the script writes', ({ name, text }) => {
  expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
});

test('the committed misprints.csv is what the checks find', () => {
  expect(readFileSync(join(folder, 'misprints.csv'), 'utf8')).toBe(
    misprintsCsv(findMisprints(readPublishedTables(folder))),
  );
});

test('tables have the rows of the paper', () => {
  const tables = readPublishedTables(folder);
  const sizes = Object.values(tables).map(({ name, rows }) => [name, rows.length]);
  expect(sizes).toEqual([
    ['table-1', 5],
    ['table-2', 15],
    ['table-3', 6],
    ['table-4', 12],
    ['table-5', 12],
    ['table-6', 5],
    ['table-7', 4],
    ['table-10', 81],
    ['table-11', 81],
  ]);
  const models = tables['table-1'].rows.map((row) => `${row.model.printed} ${row.patch_size.printed}`);
  expect(models).toEqual([
    'Random Initialization 250',
    'Random Initialization 60',
    'Contrastive Learning 250',
    'Generative Learning 60',
    'Hybrid Learning 60',
  ]);
});

test('cells keep their digits, their bold marks and OOM', () => {
  const tables = readPublishedTables(folder);
  expect(tables['table-1'].rows[4].criteria).toEqual({ printed: '5.2047', value: 5.2047, bold: true });
  expect(tables['table-1'].rows[1].criteria).toEqual({ printed: '4.8580', value: 4.858, bold: false });
  const oom = (name: 'table-10' | 'table-11') =>
    tables[name].rows
      .filter((row) => row.criteria.printed === 'OOM')
      .map((r) => `${r.case.printed} ${r.model.printed}`);
  expect(oom('table-10')).toHaveLength(8);
  expect(oom('table-11')).toEqual(oom('table-10'));
  expect(tables['table-10'].rows[24].criteria).toEqual({ printed: 'OOM', value: undefined, bold: false });
});

test("the text's sums over Tables 6 and 7 are those of the tables", () => {
  const tables = readPublishedTables(folder);
  const sum = (name: 'table-6' | 'table-7', column: string) =>
    tables[name].rows.reduce((total, row) => total + row[column].value!, 0);
  expect(sum('table-6', 'samples')).toBe(1_291_868);
  expect(sum('table-6', 'patients')).toBe(442_736);
  expect(sum('table-7', 'samples')).toBe(21_265);
  // Section 3.1 gives 1,738 / 1,389 / 1,269 / 341 labels: the case ratio times the statements. 1,379 and 1,276 are what
  // STTC and CD come to.
  const labels = tables['table-7'].rows.map((row) => Math.round(row.case_ratio.value! * row.samples.value!));
  expect(labels).toEqual([1738, 1379, 1276, 341]);
});

test('a missing table and a bold mark on no cell are named', () => {
  expect(() => readPublishedTables(scratch)).toThrow(MissingFileError);
  cpSync(folder, scratch, { recursive: true });
  writeFileSync(join(scratch, 'bold-marks.csv'), 'table,row,column\ntable-1,9,criteria\n');
  expect(() => readPublishedTables(scratch)).toThrow(FormatError);
  expect(() => readPublishedTables(scratch)).toThrow(/expected a cell of table-1.csv, got row 9, column criteria/);
});
