import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import { parseCsv } from '../../lib/io/csv';
import { TASKS } from '../../lib/metrics/tasks';
import { readPublishedTables } from '../../lib/report/published-tables';
import { table7CellsCsv, table7Csv, table7RuleCsv } from '../../lib/report/table-7-csv';
import { table7Html, table7Text } from '../../lib/report/table-7-html';
import { type LabelledDescription, table7Report } from '../../lib/report/table-7-report';
import { readStatementSums, STATEMENTS_FILE } from '../../lib/report/table-7-rule';

const folder = resolve(__dirname, '../../paper-tables/published');
const published = readPublishedTables(folder);
const statements = readStatementSums(folder);
const scratch = mkdtempSync(join(tmpdir(), 'table-7-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** PTB-XL 1.0.3 with fold 10 for testing; statements of any likelihood. */
const ptbXl: LabelledDescription = {
  labels: [
    { task: 'MI', statements: undefined, records: 5469, patients: 4670, testCases: 550 },
    { task: 'STTC', statements: undefined, records: 5235, patients: 4577, testCases: 521 },
    { task: 'CD', statements: undefined, records: 4898, patients: 4295, testCases: 496 },
    { task: 'HYP', statements: undefined, records: 2649, patients: 2384, testCases: 262 },
  ],
  testRecords: 2198,
  testName: 'fold 10',
  synthetic: false,
  graded: false,
  leads: 12,
  fsHz: 100,
  durationS: 10,
};
const report = table7Report(ptbXl, { published, statements });
const ruleOf = (figure: string, { rules } = report) => rules.find((rule) => rule.figure === figure)!;
const derived = (figure: string) => ruleOf(figure).cells.map((cell) => cell.derived);

describe('the rules behind the paper’s Table 7', () => {
  it('#Sample: statements of PTB-XL 1.0.1, which sum to what section 3.1 calls ECG samples', () => {
    expect(derived('#Sample')).toEqual([6886, 5788, 5772, 2819]);
    expect(ruleOf('#Sample').cells.map(({ agrees }) => agrees)).toEqual([true, true, true, true]);
    expect(ruleOf('#Sample').remark).toContain('21,265');
  });

  it('#Patients: ECGs, which cannot be counted where likelihoods are not the publisher’s', () => {
    expect(derived('#Patients')).toEqual([undefined, undefined, undefined, undefined]);
    expect(ruleOf('#Patients').remark).toMatch(/cannot be checked here.*5,469 \/ 5,235 \/ 4,898 \/ 2,649 ECGs/);
    const native = table7Report({ ...ptbXl, graded: true }, { published, statements });
    expect(ruleOf('#Patients', native).cells.map((cell) => [cell.derived, cell.printed, cell.agrees])).toEqual([
      [5469, 5466, false],
      [5235, 5107, false],
      [4898, 4897, false],
      [2649, 2648, false],
    ]);
    expect(ruleOf('#Patients', native).remark).toMatch(/dozen ECGs that the paper dropped/);
    const none = table7Report({ ...ptbXl, synthetic: true }, { published, statements });
    expect(ruleOf('#Patients', none).cells[0]).toMatchObject({ derived: undefined, agrees: undefined });
  });

  it('Case ratio: 549, 518, 481 and 263 of 2,175 test ECGs, no other number of ECGs near it', () => {
    expect(derived('Case ratio')).toEqual([0.2524, 0.2382, 0.2211, 0.1209]);
    expect(ruleOf('Case ratio').rule).toContain('2,175 test ECGs, 549 / 518 / 481 / 263');
    expect(ruleOf('Case ratio').remark).toContain('21,787 - 2 x 9,806');
    expect(ruleOf('Case ratio').remark).toContain('the only number from 1,697 to 2,455');
    // by going through them all
    const ratios = published['table-7'].rows.map((row) => row.case_ratio.printed);
    const giving = Array.from({ length: 759 }, (_, i) => 1697 + i).filter((size) =>
      ratios.every((ratio) => (Math.round(Number(ratio) * size) / size).toFixed(4) === ratio),
    );
    expect(giving).toEqual([2175]);
  });

  it('labels in section 3.1: shares of statements', () => {
    expect(derived('labels in section 3.1')).toEqual([1738, 1389, 1269, 341]);
  });

  it('rest on the published counts of statements, which are checked when they are read', () => {
    expect(() => readStatementSums(scratch)).toThrow(MissingFileError);
    const wrong = (row: string) => {
      writeFileSync(join(scratch, STATEMENTS_FILE), `statement,superclass,records\n${row}\n`);
      return () => readStatementSums(scratch);
    };
    expect(wrong('IMI,MI,many')).toThrow(/row 1, key IMI: records: expected a whole number, got 'many'/);
    expect(wrong('IMI,XX,7')).toThrow(FormatError);
  });
});

describe('Table 7', () => {
  it('has statements, ECGs and patients in columns of their own, with the paper’s names for them', () => {
    expect(parseCsv(table7Csv(report)).map((row) => Object.values(row).join(' '))).toEqual([
      'MI  5469 4670 0.2502 12 1000 10 100',
      'STTC  5235 4577 0.2370 12 1000 10 100',
      'CD  4898 4295 0.2257 12 1000 10 100',
      'HYP  2649 2384 0.1192 12 1000 10 100',
    ]);
    const cells = parseCsv(table7CellsCsv(report)).filter(({ label }) => label === 'MI');
    expect(cells.map(({ column, paper_column: name, paper }) => [column, name, paper]).slice(0, 4)).toEqual([
      ['statements', '#Sample', '6886'],
      ['records', '#Patients', '5466'],
      ['patients', '', ''],
      ['case_ratio', 'Case ratio', '0.2524'],
    ]);
    expect(cells[1].difference).toBe('3');
  });

  it('says why statements are not counted, which test split it is, and which rate was read', () => {
    const notes = report.notes.join('\n');
    expect(notes).toMatch(/every diagnostic likelihood is 0 or 100/);
    expect(notes).toContain('fold 10: 550 / 521 / 496 / 262 of 2,198 ECGs');
    expect(notes).toContain('100 Hz');
    const elsewhere = table7Report({ ...ptbXl, graded: undefined, fsHz: 500 }, { published, statements });
    expect(elsewhere.notes.join('\n')).toMatch(/not under data\/raw/);
    expect(elsewhere.notes.join('\n')).not.toContain('100 Hz');
  });

  it('compares no counts of simulated ECGs', () => {
    const simulated = table7Report({ ...ptbXl, synthetic: true }, { published, statements });
    const counts = simulated.cells.filter(({ column }) => ['records', 'case_ratio'].includes(column));
    expect(counts.every(({ difference }) => difference === undefined)).toBe(true);
    expect(table7Html(simulated)).toContain('these numbers mean nothing');
  });

  it('is shown with differences and with the rules', () => {
    const html = table7Html(report);
    expect(html).toContain('5,235<br><small><i>5,107&nbsp;(+128)</i></small>');
    expect(html).toContain('0.2502<br><small><i>0.2524&nbsp;(−0.0022)</i></small>');
    expect(html.match(/&nbsp;✓/g)).toHaveLength(12);
    expect(html.match(/&nbsp;✗/g)).toBeNull();
    expect(table7Text(report)).toContain('MI - | 5466, STTC - | 5107');
    const native = table7Report({ ...ptbXl, graded: true }, { published, statements });
    expect(table7Html(native).match(/&nbsp;✗/g)).toHaveLength(4);
    expect(table7Text(native)).toContain('MI 5469 ≠ 5466, STTC 5235 ≠ 5107');
    expect(parseCsv(table7RuleCsv(report))).toHaveLength(4 * TASKS.length);
  });
});
