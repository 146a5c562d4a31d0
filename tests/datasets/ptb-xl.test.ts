import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { DATASETS, datasetFormat } from '../../lib/datasets/registry';
import { countStatements } from '../../lib/datasets/statement-counts';
import { SUPERCLASSES } from '../../lib/datasets/superclass';
import { ArgumentError, FormatError, MissingFileError } from '../../lib/errors';
import { readCsv } from '../../lib/io/csv';
import { folderTree } from '../../lib/io/file-tree';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { realData } from '../real-data';
import { zipBytes } from '../write-zip';

const HEADER = 'ecg_id,patient_id,age,report,scp_codes,strat_fold,filename_lr,filename_hr';
const FIRST = `1,15709.0,56.0,"sinus, ""normal""\nline two","{'NORM': 100.0, 'SR': 0.0}",3,records100/00000/00001_lr,records500/00000/00001_hr`;
const SECOND = `2,13243.0,,,"{'IMI': 35.0, 'LVH': 0.0, 'NDT': 15.0}",10,records100/00000/00002_lr,records500/00000/00002_hr`;
const STATEMENTS = `,description,diagnostic,diagnostic_class
NORM,normal,1.0,NORM
IMI,infarct,1.0,MI
LVH,large,1.0,HYP
NDT,T,1.0,STTC
SR,rhythm,,
`;

interface Layout {
  header?: string;
  rows?: string[];
  statements?: string;
  rates?: (100 | 500)[];
}

function folderOf({ header = HEADER, rows = [FIRST, SECOND], statements = STATEMENTS, rates = [100] }: Layout): string {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-ptb-xl-'));
  writeFileSync(join(folder, 'ptbxl_database.csv'), `${[header, ...rows].join('\n')}\n`);
  writeFileSync(join(folder, 'scp_statements.csv'), statements);
  for (const rate of rates) mkdirSync(join(folder, `records${rate}`));
  return folder;
}

describe('openPtbXl', () => {
  it('gives rows with ids, folds, files and superclasses of likelihood > 0', () => {
    expect(openPtbXl(folderOf({})).rows).toEqual([
      {
        recordId: '1',
        patientId: '15709',
        stratFold: 3,
        file: 'records100/00000/00001_lr',
        superclasses: ['NORM'],
      },
      {
        recordId: '2',
        patientId: '13243',
        stratFold: 10,
        file: 'records100/00000/00002_lr',
        superclasses: ['MI', 'STTC'],
      },
    ]);
  });

  it('takes spellings that leave no doubt, and needs no column of the other rate', () => {
    const header = HEADER.replace('patient_id', 'Patient_ID').replace('strat_fold', 'Strat-Fold');
    const [, fold] = [FIRST, SECOND].map((row) => row.replace(/^(\d)/, '$1.0').replace(',10,', ',10.0,'));
    const rows = openPtbXl(
      folderOf({ header, rows: [FIRST, fold], statements: STATEMENTS.replace(',HYP', ', hyp') }),
    ).rows;
    expect(rows.map(({ recordId, stratFold }) => [recordId, stratFold])).toEqual([
      ['1', 3],
      ['2', 10],
    ]);
    const one = {
      header: HEADER.replace(',filename_hr', ''),
      rows: [FIRST, SECOND].map((row) => row.replace(/,[^,]*$/, '')),
    };
    expect(openPtbXl(folderOf(one)).rows[1].file).toBe('records100/00000/00002_lr');
    expect(() => openPtbXl(folderOf({ ...one, rates: [500] }))).toThrow(/expected 'filename_hr'/);
    expect(openPtbXl(folderOf({ rows: [SECOND.replace("{'IMI': 35.0", "{'IMI': 0")] })).rows[0].superclasses).toEqual([
      'STTC',
    ]);
  });

  it('reads the one folder inside a folder or a zip', () => {
    const outer = mkdtempSync(join(tmpdir(), 'hybrid-ecg-ptb-xl-'));
    const inner = join(outer, 'physionet.org/ptb-xl-1.0.3');
    cpSync(folderOf({}), inner, { recursive: true });
    writeFileSync(join(outer, 'wget.log'), '');
    expect(openPtbXl(outer).rows).toEqual(openPtbXl(inner).rows);
    expect(openPtbXl(outer).folder).toBe(inner);
    expect(countStatements(outer)).toEqual(countStatements(inner));
    writeFileSync(join(inner, 'records100/README'), '');
    const names = folderTree(outer).list();
    const archive = join(mkdtempSync(join(tmpdir(), 'hybrid-ecg-ptb-xl-')), 'x.zip');
    writeFileSync(archive, zipBytes(names.map((name) => ({ name, bytes: readFileSync(join(outer, name)) }))));
    expect(openPtbXl(archive).rows).toEqual(openPtbXl(inner).rows);
  });

  it('takes 500 Hz where it is there, and the rate asked for', () => {
    expect(openPtbXl(folderOf({ rates: [100] })).choices).toEqual({ rate: 100 });
    const both = folderOf({ rates: [100, 500] });
    expect(openPtbXl(both).choices).toEqual({ rate: 500 });
    expect(openPtbXl(both).rows[0].file).toBe('records500/00000/00001_hr');
    expect(openPtbXl(both, { rate: 100 }).choices).toEqual({ rate: 100 });
    expect(() => openPtbXl(folderOf({ rates: [100] }), { rate: 500 })).toThrow(
      /expected records500\/, got only records100\//,
    );
    expect(() => openPtbXl(folderOf({ rates: [] }))).toThrow(MissingFileError);
    expect(() => openPtbXl(both, { rate: 250 })).toThrow(ArgumentError);
  });

  it('reads a record in millivolts, also from microvolts', () => {
    const folder = folderOf({});
    const dataset = openPtbXl(folder);
    const adc = [Int16Array.of(1000, -500, -32768), Int16Array.of(1, 2, 3)];
    writeWfdbRecord(join(folder, dataset.rows[0].file), { fsHz: 100, leads: ['I', 'AVR'], adc });
    expect(dataset.read(dataset.rows[0])).toEqual({
      dataset: 'ptb-xl',
      recordId: '1',
      patientId: '15709',
      fsHz: 100,
      leads: ['I', 'AVR'],
      signal: Float32Array.of(1, -0.5, Number.NaN, 0.001, 0.002, 0.003),
      samples: 3,
      file: 'records100/00000/00001_lr',
    });
    const header = (unit: string) =>
      `r 2 100 3\n00002_lr.dat 16 1(0)/${unit} 16 0 1000 0 0 I\n00002_lr.dat 16 1000(0)/mV 16 0 1 6 0 AVR\n`;
    const second = join(folder, dataset.rows[1].file);
    adc[0][2] = -500;
    writeWfdbRecord(second, { fsHz: 100, leads: ['I', 'AVR'], adc });
    writeFileSync(`${second}.hea`, header('uV'));
    expect([...dataset.read(dataset.rows[1]).signal]).toEqual([1, -0.5, -0.5, 0.001, 0.002, 0.003].map(Math.fround));
    writeFileSync(`${second}.hea`, header('mmHg'));
    expect(() => dataset.read(dataset.rows[1])).toThrow(/lead I: unit: expected mV, uV or V, got 'mmHg'/);
  });

  it.each<[string, Layout, RegExp]>([
    [
      'a column is missing',
      { header: HEADER.replace('strat_fold', 'fold') },
      /expected 'strat_fold', got only 'ecg_id', .*fold/,
    ],
    [
      'a statement is unknown',
      { rows: [FIRST, SECOND.replace('NDT', 'XYZ')] },
      /row 2, record 2, key XYZ: SCP statement: expected one of the 5 .*, got 'XYZ'/,
    ],
    [
      'codes are no dict',
      { rows: [FIRST.replace("'NORM': 100.0", "'NORM' 100.0")] },
      /record 1: scp_codes: expected a dict/,
    ],
    [
      'a likelihood is no number',
      { rows: [FIRST.replace('100.0', "'high'")] },
      /record 1: scp_codes: expected a likelihood/,
    ],
    [
      'a fold is out of range',
      { rows: [SECOND.replace(',10,', ',11,')] },
      /record 2: strat_fold: expected 1 to 10, got '11'/,
    ],
    [
      'a patient id is no number',
      { rows: [FIRST.replace('15709.0', 'nobody')] },
      /patient_id: expected such as 15709.0, got 'nobody'/,
    ],
    [
      'a patient is missing',
      { rows: [FIRST.replace('15709.0', 'nan')] },
      /row 1, record 1: patient_id: expected an id, got 'nan', a missing one/,
    ],
    ['a patient is rounded', { rows: [FIRST.replace('15709.0', '1.5709E+04')] }, /patient_id: .* a rounded number/],
    ['an ecg_id is missing', { rows: [FIRST.replace(/^1,/, '<NA>,')] }, /ecg_id: expected an id, got '<NA>'/],
    ['an ecg_id is no number', { rows: [FIRST.replace(/^1,/, 'one,')] }, /ecg_id: expected a whole number, got 'one'/],
    ['an ecg_id comes twice', { rows: [FIRST, FIRST] }, /record 1: ecg_id: expected each once, got twice/],
    ...[
      ["{'NORM': 101.0}", 'above 100'],
      ["{'NORM': -1.0}", 'below 0'],
      ["{'NORM': nan}", 'no number'],
      ["{'NORM': inf}", 'endless'],
      ["{'NORM': True}", 'a truth value'],
      ["{'NORM': '100'}", 'a text'],
      ["{'NORM': None}", 'none'],
      ['[]', 'a list'],
      ['[100.0]', 'a list of numbers'],
      ['()', 'a tuple'],
      ['100.0', 'a number alone'],
    ].map(([codes, what]): [string, Layout, RegExp] => [
      `codes are ${what}`,
      { rows: [FIRST.replace("{'NORM': 100.0, 'SR': 0.0}", codes)] },
      /row 1, record 1: scp_codes: expected a likelihood, 0 to 100, for each statement, got '/,
    ]),
    ['a row is short', { rows: ['1,15709.0'] }, /CSV: expected rows of equal length/],
    [
      'a statement has an unknown class',
      { statements: STATEMENTS.replace('1.0,HYP', '1.0,HYPER') },
      /key LVH: diagnostic_class: expected NORM, MI, STTC, CD, HYP, got 'HYPER'/,
    ],
    [
      'the table of statements lacks a column',
      { statements: STATEMENTS.replace('diagnostic_class', 'class') },
      /scp_statements.csv: CSV columns: expected 'diagnostic_class'/,
    ],
  ])('says what is wrong when %s', (_, layout, message) => {
    expect(() => openPtbXl(folderOf(layout))).toThrow(FormatError);
    expect(() => openPtbXl(folderOf(layout))).toThrow(message);
  });

  it('reads a zip archive, with its folder at the top as PhysioNet ships it, as the folder', () => {
    const folder = folderOf({});
    const adc = [Int16Array.of(1000, -500), Int16Array.of(1, 2)];
    const inFolder = openPtbXl(folder);
    for (const { file } of inFolder.rows) writeWfdbRecord(join(folder, file), { fsHz: 100, leads: ['I', 'II'], adc });
    const archive = join(folder, 'ptb-xl.zip');
    const names = folderTree(folder).list();
    const top = 'ptb-xl-a-large-publicly-available-electrocardiography-dataset-1.0.3';
    const files = names.map((name) => ({ name: `${top}/${name}`, bytes: readFileSync(join(folder, name)) }));
    writeFileSync(archive, zipBytes(files));
    const zipped = openPtbXl(archive);
    expect(zipped.folder).toBe(archive);
    expect(zipped.choices).toEqual({ rate: 100 });
    expect(zipped.rows).toEqual(inFolder.rows);
    for (const row of zipped.rows) expect(zipped.read(row)).toEqual(inFolder.read(row));
    zipped.close?.();
    expect(() => zipped.read(zipped.rows[0])).toThrow(/expected an open file, got closed/);
    writeFileSync(archive, zipBytes(files.filter(({ name }) => !name.endsWith('scp_statements.csv'))));
    expect(() => openPtbXl(archive)).toThrow(
      `${archive}/scp_statements.csv: file: expected scp_statements.csv, got none`,
    );
  });

  it('says that there is no dataset', () => {
    expect(() => openPtbXl('/nowhere')).toThrow(MissingFileError);
  });
});

describe('datasets by name', () => {
  it('finds each, and offers them where a name is wrong', () => {
    for (const format of DATASETS) expect(datasetFormat(format.name)).toBe(format);
    expect(() => datasetFormat('ptbxl')).toThrow(/^dataset: expected ptb-xl or .*, got 'ptbxl'$/);
  });
});

const real = realData('ptb-xl-100hz');
describe.skipIf(real === undefined)('real PTB-XL (skipped without HYBRID_ECG_REAL_DATA)', () => {
  const rows = real === undefined ? [] : openPtbXl(real, { rate: 100 }).rows;
  const ofFolds = (...folds: number[]) => rows.filter((row) => folds.includes(row.stratFold));
  const counts = (some: typeof rows) =>
    Object.fromEntries(SUPERCLASSES.map((s) => [s, some.filter((row) => row.superclasses!.includes(s)).length]));

  it('has the published counts of records, patients and superclasses', () => {
    expect(rows).toHaveLength(21_799);
    expect(new Set(rows.map((row) => row.patientId)).size).toBe(18_869);
    expect(counts(rows)).toEqual({ NORM: 9514, MI: 5469, STTC: 5235, CD: 4898, HYP: 2649 });
    expect(rows.filter((row) => row.superclasses!.length === 0)).toHaveLength(411);
  });

  it('has the published folds, no patient in two', () => {
    const folds = [ofFolds(1, 2, 3, 4, 5, 6, 7, 8), ofFolds(9), ofFolds(10)];
    expect(folds.map((some) => some.length)).toEqual([17_418, 2183, 2198]);
    expect(folds.map(counts).map(({ NORM: _, ...tasks }) => Object.values(tasks))).toEqual([
      [4379, 4186, 3907, 2119],
      [540, 528, 495, 268],
      [550, 521, 496, 262],
    ]);
    const fold = new Map<string, number>();
    for (const { patientId, stratFold } of rows) {
      expect(fold.get(patientId) ?? stratFold).toBe(stratFold);
      fold.set(patientId, stratFold);
    }
  });

  it('has the superclasses that are published row by row', () => {
    const published = readCsv(join(real!, 'ptbxl_labels.csv'));
    published.forEach((labels, i) => {
      expect(rows[i].recordId).toBe(labels.ecg_id);
      expect(rows[i].superclasses, `record ${labels.ecg_id}`).toEqual(SUPERCLASSES.filter((s) => labels[s] === '1'));
    });
  });
});

const native = realData('ptb-xl-500hz-500');
describe.skipIf(native === undefined)('500 native PTB-XL rows (skipped without HYBRID_ECG_REAL_DATA)', () => {
  it('opens with quoted reports, and every record reads', () => {
    const dataset = openPtbXl(native!);
    expect(dataset.rows).toHaveLength(500);
    for (const row of dataset.rows.slice(0, 50)) {
      const { fsHz, samples, leads } = dataset.read(row);
      expect({ fsHz, samples, leads: leads.length }).toEqual({ fsHz: 500, samples: 5000, leads: 12 });
    }
  });
});
