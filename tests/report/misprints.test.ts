import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findMisprints } from '../../lib/report/misprints';
import { type PublishedTables, readPublishedTables } from '../../lib/report/published-tables';

const tables = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));

test("the paper's misprints are these eight and no others", () => {
  const found = findMisprints(tables).map(({ detail, ...misprint }) => Object.values(misprint).join(' | '));
  expect(found).toEqual([
    'table-1 | Contrastive Learning 250/2/1024 | 4.8867 | criteria | sum | 4.8822',
    'table-3 | Supervised Learning (ViT) 250/2/1024 | 6.9715 | criteria | sum | 6.9705',
    'table-1 | Contrastive Learning 250/2/1024 | 0.3632 | auprc_hyp | bold | 0.3724',
    'table-3 | Hybrid Learning 60/2/512 | 0.8778 | auprc_cd | bold | 0.8810',
    'table-4 | Hybrid Learning 1 % | 0.6166 | auprc_hyp | bold | 0.6477',
    'table-5 | Hybrid Learning 50 % | 0.8609 | auprc_cd | bold | 0.8623',
    'table-5 | Hybrid Learning 25 % | 0.7882 | auprc_sttc | bold | 0.7906',
    'table-5 | Hybrid Learning 10 % | 0.8064 | auprc_cd | bold | 0.8077',
  ]);
});

test.each([
  ['a Criteria of Table 4', 'table-4', 0, 'criteria', '6.7961', 'sum'],
  ['a total of Table 2', 'table-2', 0, 'total', '0.2785', 'sum'],
  ['an average of Table 2', 'table-2', 4, 'usability', '0.1009', 'sum'],
  ['a Criteria of Table 11', 'table-11', 1, 'criteria', '6.9672', 'sum'],
  ["a score of Table 3 that is not Table 10's", 'table-3', 5, 'auroc_mi', '0.9447', 'copy'],
] as const)('a changed figure is found: %s', (_, name, row, column, printed, kind) => {
  const changed = structuredClone(tables) as { -readonly [Name in keyof PublishedTables]: PublishedTables[Name] };
  const rows = changed[name].rows as Record<string, { printed: string; value: number | undefined; bold: boolean }>[];
  rows[row][column] = { ...rows[row][column], printed, value: Number(printed) };
  const known = new Set(findMisprints(tables).map((one) => JSON.stringify(one)));
  const found = findMisprints(changed).filter((one) => !known.has(JSON.stringify(one)));
  expect(found).toContainEqual(expect.objectContaining({ table: name, column, kind, printed }));
});

test('every column of Tables 1 and 3-5 has one bold figure in each setting', () => {
  for (const name of ['table-1', 'table-3', 'table-4', 'table-5'] as const) {
    const { columns, rows } = tables[name];
    const settingOf = (row: (typeof rows)[number]) => (row.case_ratio_percent ?? row.data_usage_percent)?.printed ?? '';
    for (const setting of new Set(rows.map(settingOf))) {
      for (const column of columns.filter((one) => /^au|^criteria$/.test(one))) {
        const bold = rows.filter((row) => settingOf(row) === setting && row[column].bold);
        expect(bold, `${name} ${setting} ${column}`).toHaveLength(1);
      }
    }
  }
});
