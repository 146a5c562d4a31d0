import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../lib/io/csv';
import { readPublishedTables } from '../../lib/report/published-tables';
import { table6CellsCsv, table6Csv } from '../../lib/report/table-6-csv';
import { table6Html, table6Text } from '../../lib/report/table-6-html';
import { type DatasetDescription, table6Report } from '../../lib/report/table-6-report';
import type { RecordCounts } from '../../lib/store/record-counts';

const published = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));

function counted(changes: Partial<RecordCounts>): RecordCounts {
  return {
    records: 1000,
    patients: 900,
    kept: 990,
    rejected: [
      { reason: 'not-a-number', records: 7 },
      { reason: 'no-signal', records: 3 },
    ],
    fsHz: [{ fsHz: 500, records: 990 }],
    durationS: { commonest: 10, shortest: 10, longest: 10 },
    choices: {},
    hash: 'f'.repeat(64),
    ...changes,
  };
}

const code15: DatasetDescription = {
  dataset: 'code-15',
  store: 'code-15',
  synthetic: false,
  counts: counted({
    records: 345_779,
    patients: 233_770,
    kept: 345_769,
    fsHz: [{ fsHz: 400, records: 345_769 }],
    durationS: { commonest: 10, shortest: 7, longest: 10.24 },
  }),
};
const part: DatasetDescription = {
  dataset: 'mimic-iv-ecg',
  store: 'mimic-iv-ecg',
  synthetic: false,
  counts: counted({}),
};
const simulated: DatasetDescription = {
  dataset: 'ikem',
  store: 'synthetic-ikem',
  synthetic: true,
  counts: counted({
    durationS: { commonest: 8.192, shortest: 5, longest: 8.192 },
    choices: {
      microvoltsPerCount: 4.88,
      scaleCheck: 'the data contradict it: median peak 9.50 mV',
      leadOrder: 'V1 V2 V3 V4 V5 V6 II I',
      leadCheck: 'the data support it',
    },
  }),
};
const report = table6Report([simulated, code15, part], { published });
const rowOf = (dataset: string) => report.rows.find((row) => row.dataset === dataset)!;
const cellOf = (dataset: string, column: string) => rowOf(dataset).cells.find((cell) => cell.column === column)!;

describe('Table 6', () => {
  it('has the six datasets in the paper’s order, ours beside the paper’s', () => {
    expect(report.rows.map(({ dataset }) => dataset)).toEqual([
      'mimic-iv-ecg',
      'code-15',
      'uk-biobank',
      'sami-trop',
      'ikem',
      'ptb-xl',
    ]);
    expect(cellOf('code-15', 'samples')).toEqual({
      column: 'samples',
      value: 345_779,
      paper: 341_292,
      difference: 4487,
    });
    expect(cellOf('code-15', 'country')).toMatchObject({ value: 'Brazil', paper: 'USA' });
    expect(cellOf('code-15', 'patients').difference).toBe(0);
    expect(cellOf('ikem', 'duration_s').difference).toBeCloseTo(-1.808, 9);
    expect(cellOf('ikem', 'mv_unit')).toMatchObject({ value: 0.00488, paper: 0.004 });
    expect(cellOf('ptb-xl', 'samples')).toMatchObject({ value: undefined, paper: 21_799 });
  });

  it('compares no counts of simulated ECGs', () => {
    expect(cellOf('ikem', 'samples')).toMatchObject({ value: 1000, paper: 98_130, difference: undefined });
    expect(cellOf('ikem', 'country').value).toBeUndefined();
    expect(table6Html(report)).toContain('these numbers mean nothing');
    expect(table6Html(table6Report([code15], { published }))).not.toContain('mean nothing');
  });

  it('explains each disagreement in a sentence', () => {
    const words = (dataset: string) => rowOf(dataset).notes.join('\n');
    expect(words('mimic-iv-ecg')).toMatch(/cites MIMIC-III/);
    expect(words('mimic-iv-ecg')).toMatch(/Here are 1,000 records of the release’s 800,035/);
    expect(words('code-15')).toMatch(/has USA.*Brazil/);
    expect(words('code-15')).toMatch(/no rule that leaves out 4,487/);
    expect(words('code-15')).toMatch(/lasts 7 to 10.24 s, most often 10 s/);
    expect(words('sami-trop')).toMatch(/\(1,959\) than ECGs \(1,631\)/);
    expect(words('ikem')).toMatch(/8\.192 s/);
    expect(words('ikem')).toContain('Here a count is 4.88 µV (the data contradict it: median peak 9.50 mV)');
    expect(words('uk-biobank')).toMatch(/3\.3 of each/);
    expect(report.notes.join()).toContain('1,291,868 ECGs of 442,736 patients');
    // no figure differs from the paper's without a sentence
    for (const { notes, cells, synthetic } of report.rows) {
      const differing = cells.filter(
        ({ value, paper }) => value !== undefined && paper !== undefined && value !== paper,
      );
      if (differing.length > 0 && !synthetic) expect(notes.length).toBeGreaterThan(0);
    }
  });

  it('says so where there is nothing but the paper’s row', () => {
    const rows = parseCsv(table6Csv(report));
    expect(rows.map(({ dataset, source }) => [dataset, source])).toEqual([
      ['MIMIC', 'counted'],
      ['CODE15', 'counted'],
      ['BIOBANK', 'paper'],
      ['SAMI', 'paper'],
      ['IKEM', 'simulated'],
      ['PTB-XL', 'paper'],
    ]);
    expect(rows[3]).toMatchObject({ samples: '1631', patients: '1959', kept: '', rejected: '' });
    expect(rows[1]).toMatchObject({ samples: '345779', kept: '345769', rejected: '10', mv_unit: '1' });
    expect(table6Html(report).match(/not here: the paper alone/g)).toHaveLength(3);
    expect(table6Text(report).match(/not here/g)).toHaveLength(3);
  });

  it('gives each figure, reason and sentence in a row of its own', () => {
    const rows = parseCsv(table6CellsCsv(report)).filter(({ dataset }) => dataset === 'CODE15');
    expect(rows.find(({ column }) => column === 'samples')).toMatchObject({ value: '345779', difference: '4487' });
    expect(rows.find(({ column }) => column === 'rejected: not-a-number')).toMatchObject({ value: '7' });
    expect(rows.filter(({ column }) => column === 'note')).toHaveLength(rowOf('code-15').notes.length);
  });

  it('shows the difference beside the paper’s figure', () => {
    expect(table6Html(report)).toContain('345,779<br><small><i>341,292&nbsp;(+4,487)</i></small>');
    expect(table6Html(report)).toContain('8.192<br><small><i>10&nbsp;(−1.808)</i></small>');
    expect(table6Html(report)).toContain('7&nbsp;not-a-number, 3&nbsp;no-signal');
  });
});
