import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datasetFormat } from '../../lib/datasets/registry';
import { openWfdbFolder } from '../../lib/datasets/wfdb-folder';
import { ArgumentError, FormatError, KitError, MissingFileError } from '../../lib/errors';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { LEADS } from '../../lib/signal/leads';
import { rejection } from '../../lib/signal/quality';
import { memoryTree } from '../memory-tree';
import { realData } from '../real-data';
import { zipBytes } from '../write-zip';

const HEADER = 'record,patient_id,strat_fold,NORM,MI,STTC,CD,HYP';
const ROWS = ['ecgs/a0001,p17,1,1,0,0,0,0', 'ecgs/a0002.hea,p17,1.0,0,1,1.0,0,0', 'ecgs/b0001,p18,,0,0,0,0,0'];
const ADC = LEADS.map((_, i) => Int16Array.from({ length: 2000 }, (_, k) => Math.round((300 + i) * Math.sin(k / 9))));

function folderOf(csv = [HEADER, ...ROWS].join('\n'), name = 'records.csv'): string {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-own-'));
  writeFileSync(join(folder, name), `${csv}\n`);
  for (const record of ['a0001', 'a0002', 'b0001']) {
    writeWfdbRecord(join(folder, 'ecgs', record), { fsHz: 400, leads: LEADS, adc: ADC });
  }
  return folder;
}

describe('openWfdbFolder', () => {
  it('gives the rows of the table and reads its records', () => {
    const dataset = openWfdbFolder(folderOf());
    expect(dataset.rows).toEqual([
      { recordId: 'ecgs/a0001', patientId: 'p17', stratFold: 1, file: 'ecgs/a0001', superclasses: ['NORM'] },
      { recordId: 'ecgs/a0002', patientId: 'p17', stratFold: 1, file: 'ecgs/a0002', superclasses: ['MI', 'STTC'] },
      { recordId: 'ecgs/b0001', patientId: 'p18', stratFold: 0, file: 'ecgs/b0001', superclasses: [] },
    ]);
    const record = dataset.read(dataset.rows[1]);
    expect(record).toMatchObject({ dataset: 'wfdb-folder', recordId: 'ecgs/a0002', patientId: 'p17', fsHz: 400 });
    expect(record.signal[5]).toBe(Math.fround(ADC[0][5] / 1000));
    expect(rejection(record)).toBeUndefined();
  });

  it('needs a record and a patient only', () => {
    const { rows } = openWfdbFolder(folderOf('patient_id,record\n"Müller, A",ecgs/a0001'));
    expect(rows).toEqual([
      { recordId: 'ecgs/a0001', patientId: 'Müller, A', stratFold: 0, file: 'ecgs/a0001', superclasses: undefined },
    ]);
  });

  it('takes another table and other names of columns, inside the folder or elsewhere', async () => {
    const csv = 'file,subject,id,fold\necgs/a0001,9,x,10\n';
    const columns = { record: 'file', patient_id: 'subject', record_id: 'id', strat_fold: 'fold' };
    const row = { recordId: 'x', patientId: '9', stratFold: 10, file: 'ecgs/a0001', superclasses: undefined };
    const inside = folderOf(csv, 'labels.csv');
    expect(openWfdbFolder(inside, { csv: 'labels.csv', columns }).rows).toEqual([row]);
    const elsewhere = join(folderOf(csv, 'labels.csv'), 'labels.csv');
    const dataset = await datasetFormat('wfdb-folder').open(folderOf(), { csv: elsewhere, columns });
    expect(dataset.rows).toEqual([row]);
    expect(dataset.read(row).samples).toBe(2000);
    expect(openWfdbFolder(inside, { csv: 'labels.csv', columns, name: 'clinic' }).read(row).dataset).toBe('clinic');
  });

  it('takes spellings that leave no doubt: of columns, labels, paths and file names', () => {
    const header = 'Record, Patient ID,STRAT_FOLD,norm,Mi,STTC,cd,hyp';
    const rows = ['ecgs\\a0001.HEA,p17,1.00,True,false,0.00,no,FALSE', './ECGS/A0002.dat,p17,2,1.00,yes,0,0,0'];
    const dataset = openWfdbFolder(folderOf([header, ...rows].join('\n')));
    expect(dataset.rows.map(({ superclasses }) => superclasses)).toEqual([['NORM'], ['NORM', 'MI']]);
    expect(dataset.rows.map(({ stratFold }) => stratFold)).toEqual([1, 2]);
    for (const row of dataset.rows) expect(dataset.read(row).samples).toBe(2000);
    const upper = folderOf();
    renameSync(join(upper, 'ecgs/a0001.hea'), join(upper, 'ecgs/A0001.HEA'));
    renameSync(join(upper, 'ecgs/a0001.dat'), join(upper, 'ecgs/A0001.DAT'));
    const read = openWfdbFolder(upper);
    expect(read.read(read.rows[0]).signal).toEqual(dataset.read(dataset.rows[0]).signal);
    for (const label of ['2', 'maybe', 'nan']) {
      const doubtful = [HEADER, ROWS[0].replace(',1,1,', `,1,${label},`)].join('\n');
      expect(() => openWfdbFolder(folderOf(doubtful))).toThrow(/NORM: expected 1 or 0/);
    }
  });

  it.each([
    ['a folder', (folder: string) => folder],
    [
      'a zip',
      (folder: string) => {
        const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
        const files = names.map(({ parentPath, name }) => {
          const path = join(parentPath, name);
          return { name: path.slice(folder.length + 1), bytes: readFileSync(path) };
        });
        writeFileSync(`${folder}.zip`, zipBytes(files));
        return `${folder}.zip`;
      },
    ],
  ])('reads the one folder inside %s, whether the table lies in it or elsewhere', (_, packed) => {
    const due = openWfdbFolder(folderOf());
    const signals = due.rows.map((row) => due.read(row).signal);
    const outer = mkdtempSync(join(tmpdir(), 'hybrid-ecg-outer-'));
    mkdirSync(join(outer, 'clinic'));
    cpSync(folderOf(), join(outer, 'clinic/2024'), { recursive: true });
    const place = packed(outer);
    const dataset = openWfdbFolder(place);
    expect(dataset.rows).toEqual(due.rows);
    expect(dataset.rows.map((row) => dataset.read(row).signal)).toEqual(signals);
    // only the records lie in the folder; the table names them with or without the folder that is the only one
    for (const from of ['ecgs/', '']) {
      const bare = mkdtempSync(join(tmpdir(), 'hybrid-ecg-bare-'));
      cpSync(join(folderOf(), 'ecgs'), join(bare, 'ecgs'), { recursive: true });
      const csv = join(mkdtempSync(join(tmpdir(), 'hybrid-ecg-csv-')), 'labels.csv');
      writeFileSync(csv, [HEADER, ...ROWS].join('\n').replaceAll('ecgs/', from));
      const read = openWfdbFolder(packed(bare), { csv });
      expect(read.rows.map((row) => read.read(row).signal)).toEqual(signals);
    }
  });

  it('reads a zip archive as the folder', () => {
    const folder = folderOf();
    const names = ['records.csv', ...readdirSync(join(folder, 'ecgs')).map((name) => `ecgs/${name}`)];
    const archive = join(folder, 'own.zip');
    writeFileSync(archive, zipBytes(names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))));
    const [inFolder, zipped] = [openWfdbFolder(folder), openWfdbFolder(archive)];
    expect(zipped.rows).toEqual(inFolder.rows);
    for (const row of zipped.rows) expect(zipped.read(row)).toEqual(inFolder.read(row));
  });

  it.each<[string, string, RegExp]>([
    ['has no rows', HEADER, /table: expected a row a record, got none/],
    ['has no records', 'path,patient_id\nx,1', /CSV columns: expected 'record', got only 'path', 'patient_id'/],
    ['has no patients', 'record\nx', /expected 'patient_id'/],
    ['has some of the labels', 'record,patient_id,MI\nx,1,1', /expected 'NORM'/],
    ['has a record without a path', `${HEADER}\n,p,1,0,0,0,0,0`, /row 1: record: expected some text/],
    ['has a record without a patient', `${HEADER}\nx, ,1,0,0,0,0,0`, /record x: patient_id: expected some text/],
    ['has a record twice', `${HEADER}\nx,p,1,0,0,0,0,0\nx.hea,p,1,0,0,0,0,0`, /row 2, record x: record: .* twice/],
    ['has an eleventh fold', `${HEADER}\nx,p,11,0,0,0,0,0`, /strat_fold: expected 1 to 10, 0 or empty, got '11'/],
    ['has an unknown label', `${HEADER}\nx,p,1,0,0,?,0,0`, /record x: STTC: expected 1 or 0, got '\?'/],
    ['has no label', `${HEADER}\nx,p,1,0,,0,0,0`, /MI: expected 1 or 0, got ''/],
  ])('says what is wrong when the table %s', (_, csv, message) => {
    expect(() => openWfdbFolder(folderOf(csv))).toThrow(FormatError);
    expect(() => openWfdbFolder(folderOf(csv))).toThrow(message);
  });

  it.each<[string, string, RegExp]>([
    ['nan', 'ecgs/a0001,nan', /row 1, record ecgs\/a0001: patient_id: expected an id, got 'nan', a missing one/],
    ['None', 'ecgs/a0001,p1\necgs/a0002,None', /row 2, .*got 'None', a missing one/],
    ['NULL', 'ecgs/a0001,NULL', /a missing one: where nobody knows it, give the ECG one of its own/],
    ['<NA>', 'ecgs/a0001,<NA>', /a missing one/],
    ['#N/A', 'ecgs/a0001,#N/A', /a missing one/],
    ['-', 'ecgs/a0001,-', /a missing one/],
    ['#REF!', 'ecgs/a0001,#REF!', /a missing one/],
    ['1.23457E+11', 'ecgs/a0001,1.23457E+11', /saved as text, got '1.23457E\+11', a rounded number/],
    ['4-Mar', 'ecgs/a0001,4-Mar', /'4-Mar', a date/],
    ['a letter lost', 'ecgs/a0001,M\ufffdller', /of which a letter was lost/],
    ['no record', 'NaN,p1', /record: expected an id, got 'NaN', a missing one/],
  ])('refuses a patient or record %s', (_, rows, message) => {
    const open = () => openWfdbFolder(folderOf(`record,patient_id\n${rows}`));
    expect(open).toThrow(FormatError);
    expect(open).toThrow(message);
  });

  it('refuses a record_id that is missing or was changed by a spreadsheet', () => {
    for (const id of ['NaN', '<NA>', '1E+11', '4-Mar', '1.#IND']) {
      const open = () => openWfdbFolder(folderOf(`record,patient_id,record_id\necgs/a0001,p1,${id}`));
      expect(open, id).toThrow(/row 1, record .*: record_id: expected/);
    }
  });

  it('gives one person one spelling, and keeps leading zeros', () => {
    const patients = (...ids: string[]) => {
      const rows = ids.map((id, i) => `ecgs/a${i},${id}`);
      return openWfdbFolder(folderOf(['record,patient_id', ...rows].join('\n'))).rows.map((row) => row.patientId);
    };
    expect(patients('123.0', '123', ' 123 ', '0123', '00123')).toEqual(['123', '123', '123', '0123', '00123']);
    expect(new Set(patients('M\u00fcller', 'Mu\u0308ller')).size).toBe(1);
  });

  it('reads a table of any delimiter, line ends and encoding, and refuses letters that it cannot decode', () => {
    const rows =
      'record;patient_id;note\r\necgs/a0001;Müller;a, b\necgs/a0002;Möller;"c;\r\nd"\recgs/b0001;Mäller;\r\n';
    const folder = folderOf();
    const patients = (encoding?: string) => openWfdbFolder(folder, { encoding }).rows.map((row) => row.patientId);
    writeFileSync(join(folder, 'records.csv'), rows, 'latin1');
    expect(() => patients()).toThrow(/records\.csv, line 2, column 13: CSV: expected UTF-8, .* got byte 0xfc/);
    expect(patients('windows-1252')).toEqual(['Müller', 'Möller', 'Mäller']);
    expect(() => patients('latin-9000')).toThrow(ArgumentError);
    for (const bytes of [Buffer.from(`\ufeff${rows}`, 'utf16le'), Buffer.from(`\ufeff${rows}`, 'utf16le').swap16()]) {
      writeFileSync(join(folder, 'records.csv'), bytes);
      const dataset = openWfdbFolder(folder);
      expect(dataset.rows.map((row) => row.patientId)).toEqual(['Müller', 'Möller', 'Mäller']);
      for (const row of dataset.rows) expect(dataset.read(row).samples).toBe(2000); // no CR in a path
    }
    writeFileSync(join(folder, 'records.csv'), Buffer.from(rows, 'utf16le'));
    expect(() => patients()).toThrow(/got UTF-16LE without a byte order mark/);
    expect(patients('utf-16le')).toEqual(['Müller', 'Möller', 'Mäller']);
  });

  it('says that a table, a named column or a record is missing, and that a record leaves the folder', () => {
    const folder = folderOf();
    expect(() => openWfdbFolder(folder, { csv: 'none.csv' })).toThrow(MissingFileError);
    expect(() => openWfdbFolder(folder, { csv: '/nowhere/none.csv' })).toThrow(KitError);
    expect(() => openWfdbFolder(folder, { columns: { patient: 'x' } })).toThrow(ArgumentError);
    expect(() => openWfdbFolder(folder, { columns: { record_id: 'id' } })).toThrow(/expected 'id'/);
    const dataset = openWfdbFolder(folderOf('record,patient_id\necgs/none,1\n../x,2'));
    expect(() => dataset.read(dataset.rows[0])).toThrow(MissingFileError);
    expect(() => dataset.read(dataset.rows[1])).toThrow(/expected a file inside the dataset/);
  });

  it('gives rows or a typed error, whatever the table holds (10,000 cases)', () => {
    const field = fc.oneof(
      fc.constantFrom('x', '1', '0', '', '"', '"a,b"', '1.0', '__proto__', '../x', '\r', 'NORM'),
      fc.string({ maxLength: 5 }),
    );
    const row = fc.array(field, { minLength: 1, maxLength: 9 });
    const header = fc.oneof({ weight: 3, arbitrary: fc.constant(HEADER.split(',')) }, row);
    fc.assert(
      fc.property(header, fc.array(row, { maxLength: 4 }), fc.boolean(), (names, rows, pad) => {
        const shaped = rows.map((fields) => (pad ? names.map((_, i) => fields[i % fields.length]) : fields));
        const csv = [names, ...shaped].map((fields) => fields.join(',')).join('\n');
        try {
          for (const { recordId, patientId } of openWfdbFolder(memoryTree({ 'records.csv': Buffer.from(csv) })).rows) {
            expect(recordId !== '' && patientId !== '').toBe(true);
          }
        } catch (fault) {
          if (!(fault instanceof KitError)) throw fault;
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

const real = realData('code-15');
describe.skipIf(real === undefined)('300 real exams as WFDB (skipped without HYBRID_ECG_REAL_DATA)', () => {
  it('opens with a table of its own and reads every one', () => {
    const records = readdirSync(join(real!, 'wfdb'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hea'))
      .map((name) => name.slice(0, -'.hea'.length));
    const csv = join(mkdtempSync(join(tmpdir(), 'hybrid-ecg-own-')), 'table.csv');
    writeFileSync(csv, `record,patient_id\n${records.map((record) => `${record},${record}`).join('\n')}\n`);
    const dataset = openWfdbFolder(join(real!, 'wfdb'), { csv });
    expect(dataset.rows.length).toBeGreaterThan(100);
    for (const row of dataset.rows) {
      const { fsHz, leads } = dataset.read(row);
      expect([fsHz, leads.length]).toEqual([400, 12]);
    }
  });
});
