import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMimicIvEcg } from '../../lib/datasets/mimic-iv-ecg';
import { FormatError, KitError, MissingFileError } from '../../lib/errors';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { rejection } from '../../lib/signal/quality';
import { standardise } from '../../lib/signal/standardise';
import { memoryTree } from '../memory-tree';
import { zipBytes } from '../write-zip';

/** The publisher's order: aVF before aVL. */
const LEADS = ['I', 'II', 'III', 'aVR', 'aVF', 'aVL', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const HEADER = 'subject_id,study_id,file_name,ecg_time,path';
const STUDIES = [
  [10000032, 40689238],
  [10000032, 44458630],
  [10000117, 45090959],
];
const pathOf = (subject: number, study: number) =>
  `files/p${String(subject).slice(0, 4)}/p${subject}/s${study}/${study}`;
const line = ([subject, study]: number[]) =>
  `${subject},${study},${study},2180-07-23 08:44:00,${pathOf(subject, study)}`;
const wave = (amplitude: number) =>
  Int16Array.from({ length: 5000 }, (_, i) => Math.round(amplitude * Math.sin(i / 20)));

function folderOf(lines: string[] = STUDIES.map(line)): string {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-mimic-'));
  writeFileSync(join(folder, 'record_list.csv'), `${[HEADER, ...lines].join('\n')}\n`);
  return folder;
}

describe('openMimicIvEcg', () => {
  it('gives a row a study, in the order of the list', () => {
    const folder = folderOf();
    const dataset = openMimicIvEcg(folder);
    const { name, choices } = dataset;
    expect({ name, choices, folder: dataset.folder }).toEqual({ name: 'mimic-iv-ecg', choices: {}, folder });
    const rows = dataset.rows.map(({ recordId, patientId, stratFold, file, superclasses }) => {
      return { recordId, patientId, stratFold, file, superclasses };
    });
    expect(rows).toEqual(
      STUDIES.map(([subject, study]) => ({
        recordId: String(study),
        patientId: String(subject),
        stratFold: 0,
        file: pathOf(subject, study),
        superclasses: undefined,
      })),
    );
  });

  it('takes the floats that pandas writes for the same studies, and refuses missing and rounded ids', () => {
    const floats = STUDIES.map((study) => line(study).replace(/^(\d+),(\d+),/, '$1.0,$2.0,'));
    const ids = (lines: string[]) => openMimicIvEcg(folderOf(lines)).rows.map((row) => [row.patientId, row.recordId]);
    expect(ids(floats)).toEqual(ids(STUDIES.map(line)));
    for (const id of ['', 'NaN', '1.00E+07', '#N/A']) {
      const lines = [`${id},40689238,1,t,files/x`];
      expect(() => ids(lines)).toThrow(`row 1, record 40689238: subject_id: expected a whole number, got '${id}', a`);
    }
  });

  it('takes ids written as decimals, and columns in any case', () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'record_list.csv'), 'Subject_ID,STUDY_ID,Path\n10000032.0,40689238.0,files/x\n');
    const [row] = openMimicIvEcg(folder).rows;
    expect([row.recordId, row.patientId, row.file]).toEqual(['40689238', '10000032', 'files/x']);
  });

  it('keeps a path of its own, columns in another order, quoted fields', () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'record_list.csv'), 'path,"study_id",subject_id\n"part, two/x",7,3\n');
    const [row] = openMimicIvEcg(folder).rows;
    expect([row.file, row.recordId, row.patientId]).toEqual(['part, two/x', '7', '3']);
  });

  it('reads records in millivolts, leads by name; invalid samples and flat leads stay for the quality checks', () => {
    const folder = folderOf();
    const dataset = openMimicIvEcg(folder);
    const adc = LEADS.map((_, i) => wave(100 + 10 * i));
    const write = (row: number, leads: Int16Array[]) =>
      writeWfdbRecord(join(folder, dataset.rows[row].file), { fsHz: 500, leads: LEADS, adc: leads, gainPerMv: 200 });
    write(0, adc);
    const invalid = adc[3].slice();
    invalid[1234] = -32768;
    write(1, adc.with(3, invalid));
    write(2, adc.with(11, new Int16Array(5000)));

    const records = dataset.rows.map((row) => dataset.read(row));
    expect(records[0]).toMatchObject({
      dataset: 'mimic-iv-ecg',
      recordId: '40689238',
      patientId: '10000032',
      fsHz: 500,
    });
    expect(records[0].leads).toEqual(LEADS);
    expect([...records[0].signal.subarray(0, 5000)]).toEqual([...adc[0]].map((value) => Math.fround(value / 200)));
    expect(rejection(records[0])).toBeUndefined();
    expect(rejection(records[1])).toEqual({ reason: 'not-a-number', detail: 'invalid samples: aVR 1 of 5000' });
    expect(rejection(records[2], { maxFlatLeads: 0 })).toMatchObject({ detail: 'flat: V6' });
    // aVL is the sixth of the publisher's leads and the fifth of a standardised ECG
    const standard = standardise(records[0]);
    const amplitude = (lead: number) => Math.max(...standard.subarray(lead * 2500 + 500, lead * 2500 + 2000));
    expect(amplitude(4) / amplitude(5)).toBeCloseTo(150 / 140, 2);
  });

  it('reads a zip archive as the folder', () => {
    const folder = folderOf();
    const file = pathOf(STUDIES[0][0], STUDIES[0][1]);
    writeWfdbRecord(join(folder, file), { fsHz: 500, leads: LEADS, adc: LEADS.map(() => wave(50)), gainPerMv: 200 });
    const names = ['record_list.csv', `${file}.hea`, `${file}.dat`];
    const top = 'mimic-iv-ecg-diagnostic-electrocardiogram-matched-subset-1.0';
    const archive = join(folder, 'mimic.zip');
    writeFileSync(
      archive,
      zipBytes(names.map((name) => ({ name: `${top}/${name}`, bytes: readFileSync(join(folder, name)) }))),
    );
    const [inFolder, zipped] = [openMimicIvEcg(folder), openMimicIvEcg(archive)];
    expect(zipped.read(zipped.rows[0])).toEqual(inFolder.read(inFolder.rows[0]));
    expect(() => zipped.read(zipped.rows[1])).toThrow(MissingFileError);
    zipped.close?.();
    expect(() => zipped.read(zipped.rows[0])).toThrow(KitError);
  });

  it.each<[string, string[], RegExp]>([
    ['a subject is no number', [line(STUDIES[0]).replace('10000032,', 'p1,')], /row 1, record 40689238: subject_id/],
    ['a study is no number', ['1,4e3,4,t,x'], /study_id: expected a whole number, got '4e3'/],
    ['a study has a leading zero', ['1,07,4,t,x'], /study_id: expected a whole number, got '07'/],
    [
      'a study comes twice',
      [line(STUDIES[0]), line(STUDIES[1]), line(STUDIES[0])],
      /record 40689238: study_id: .* twice/,
    ],
    ['a row is short', [line(STUDIES[0]), '1,2'], /line 3: CSV: expected rows of equal length, got 2 fields/],
  ])('says what is wrong when %s', (_, lines, message) => {
    expect(() => openMimicIvEcg(folderOf(lines))).toThrow(FormatError);
    expect(() => openMimicIvEcg(folderOf(lines))).toThrow(message);
  });

  it('says that the list or a column is missing, and that a path leaves the folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-mimic-'));
    expect(() => openMimicIvEcg(folder)).toThrow(MissingFileError);
    writeFileSync(join(folder, 'record_list.csv'), 'subject_id,path\n1,x\n');
    expect(() => openMimicIvEcg(folder)).toThrow(/expected 'study_id', got only 'subject_id', 'path'/);
    const dataset = openMimicIvEcg(folderOf(['1,2,2,t,../../etc/passwd']));
    expect(() => dataset.read(dataset.rows[0])).toThrow(/expected a file inside the dataset/);
  });

  it('opens 100,000 rows in little memory', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => line([10_000_000 + (i >> 2), 40_000_000 + i]));
    const folder = folderOf(many);
    const start = performance.now();
    const { rows } = openMimicIvEcg(folder);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(rows).toHaveLength(100_000);
    expect(rows[99_999].file).toBe('files/p1002/p10024999/s40099999/40099999');
    expect(Object.keys(rows[7]).length).toBeLessThanOrEqual(3); // what a row holds
  });

  it('gives rows or a typed error for a list with any bytes changed (10,000 cases)', () => {
    const good = Buffer.from(`${[HEADER, ...STUDIES.map(line)].join('\n')}\n`);
    const byte = fc.oneof(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x20, 0xff, 0), fc.integer({ min: 0, max: 255 }));
    const change = fc.record({ at: fc.nat(good.length - 1), byte });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(good.length), (changes, cut) => {
        const bytes = Buffer.from(good);
        for (const { at, byte } of changes) bytes[at] = byte;
        const files = memoryTree({ 'record_list.csv': cut % 3 === 0 ? bytes.subarray(0, cut) : bytes });
        try {
          for (const row of openMimicIvEcg(files).rows) expect(row.recordId).toMatch(/^\d+$/);
        } catch (fault) {
          if (!(fault instanceof KitError)) throw fault;
          expect(fault.message).toContain('record_list.csv');
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
