import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openCode15 } from '../../lib/datasets/code-15';
import type { Dataset } from '../../lib/datasets/dataset';
import { withoutZeroPadding } from '../../lib/datasets/zero-padding';
import { ArgumentError, FormatError, KitError, MissingFileError } from '../../lib/errors';
import { readWfdbRecord } from '../../lib/io/wfdb';
import { type Hdf5Source, writeHdf5 } from '../../lib/io/write-hdf5';
import { LEADS } from '../../lib/signal/leads';
import { rejection } from '../../lib/signal/quality';
import { standardise } from '../../lib/signal/standardise';
import { memoryTree } from '../memory-tree';
import { peerPython } from '../peer-python';
import { realData } from '../real-data';
import { zipBytes } from '../write-zip';

const LENGTH = 4096;
const HEADER =
  'exam_id,age,is_male,nn_predicted_age,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,death,timey,normal_ecg,trace_file';
const line = (exam: number | string, patient: number | string, part: string) =>
  `${exam},46,True,38.7,True,False,False,False,False,False,${patient},,,False,${part}`;

/** mV of a sample of a lead; in no lead 0. */
const value = (exam: number, sample: number, lead: number) =>
  Math.fround(0.001 + Math.sin((sample + 1) * (lead + 1) * 0.01 + exam) * 0.5 || 0.001);

/** A row of `tracings`: an exam of so many samples, padded on both ends. */
function tracing(exam: number, samples: number): Float32Array {
  const row = new Float32Array(LENGTH * 12);
  const start = Math.floor((LENGTH - samples) / 2);
  for (let i = 0; i < samples; i++) {
    for (let lead = 0; lead < 12; lead++) row[(start + i) * 12 + lead] = value(exam, i, lead);
  }
  return row;
}

interface Part {
  /** Exam and samples of each row. */
  readonly rows: readonly (readonly [number, number])[];
  readonly chunkRows?: number;
}

async function writePart(folder: string, name: string, { rows, chunkRows }: Part): Promise<void> {
  const packing = chunkRows === undefined ? {} : { chunks: [chunkRows, 512, 12], gzip: 1 };
  await writeHdf5(join(folder, name), {
    exam_id: { values: BigInt64Array.from(rows, ([exam]) => BigInt(exam)) },
    tracings: {
      values: rows.map(([exam, samples]) => tracing(exam, samples)),
      shape: [rows.length, LENGTH, 12],
      ...packing,
    },
  });
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Two parts, the table in another order than the files. */
async function folderOf(lines?: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-code-15-'));
  folders.push(folder);
  const [first, second] = ['exams_part0.hdf5', 'exams_part10.hdf5'];
  await writePart(folder, first, {
    rows: [
      [11, 4000],
      [12, 2800],
      [13, 4096],
      [0, 0],
    ],
  });
  await writePart(folder, second, {
    rows: [
      [21, 2934],
      [22, 4000],
      [0, 0],
    ],
    chunkRows: 2,
  });
  const table = lines ?? [
    line(22, 7, second),
    line(13, 8, first),
    line(11, 7, first),
    line(21, 9, second),
    line(12, 5, first),
  ];
  writeFileSync(join(folder, 'exams.csv'), `${[HEADER, ...table].join('\n')}\n`);
  return folder;
}

function expectSignal(dataset: Dataset, recordId: string, samples: number): void {
  const row = dataset.rows.find((candidate) => candidate.recordId === recordId)!;
  const record = dataset.read(row);
  expect({ ...record, signal: undefined }).toEqual({
    dataset: 'code-15',
    recordId,
    patientId: row.patientId,
    fsHz: 400,
    leads: LEADS,
    signal: undefined,
    samples,
    file: row.file,
  });
  const expected = new Float32Array(12 * samples);
  for (let lead = 0; lead < 12; lead++) {
    for (let i = 0; i < samples; i++) expected[lead * samples + i] = value(Number(recordId), i, lead);
  }
  expect(Buffer.from(record.signal.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
}

const faultOf = (act: () => unknown): KitError => {
  try {
    act();
  } catch (fault) {
    expect(fault).toBeInstanceOf(KitError);
    return fault as KitError;
  }
  throw new Error('no error was thrown');
};

describe('openCode15', () => {
  it('gives rows in the order of the files, joined by exam, without the last row of a part', async () => {
    const folder = await folderOf();
    const dataset = await openCode15(folder);
    const { name, choices } = dataset;
    expect({ name, choices, folder: dataset.folder }).toEqual({
      name: 'code-15',
      choices: { parts: '2 of 2' },
      folder,
    });
    expect(
      dataset.rows.map(({ recordId, patientId, stratFold, file, superclasses }) => [
        recordId,
        patientId,
        stratFold,
        file,
        superclasses,
      ]),
    ).toEqual([
      ['11', '7', 0, 'exams_part0.hdf5', undefined],
      ['12', '5', 0, 'exams_part0.hdf5', undefined],
      ['13', '8', 0, 'exams_part0.hdf5', undefined],
      ['21', '9', 0, 'exams_part10.hdf5', undefined],
      ['22', '7', 0, 'exams_part10.hdf5', undefined],
    ]);
    dataset.close?.();
  });

  it('takes the padding off both ends: a trace of 7 s stays one of 7 s', async () => {
    const dataset = await openCode15(await folderOf());
    expectSignal(dataset, '11', 4000);
    expectSignal(dataset, '12', 2800);
    expectSignal(dataset, '13', 4096);
    expectSignal(dataset, '21', 2934);
    expectSignal(dataset, '22', 4000);
    expectSignal(dataset, '12', 2800); // back in the first part
    dataset.close?.();
  });

  it('takes 400 Hz and no other rate', async () => {
    await expect(openCode15(await folderOf(), { rate: 400 })).resolves.toMatchObject({ name: 'code-15' });
    await expect(openCode15('/nowhere', { rate: 500 })).rejects.toThrow(/rate: expected 400 Hz, got 500/);
  });

  it('reads the publisher’s zips, and a zip of everything, as the folder; leaves nothing behind', async () => {
    const folder = await folderOf();
    const names = ['exams_part0', 'exams_part10'];
    const whole = join(folder, 'all.zip');
    const everything = ['exams.csv', ...names.map((name) => `${name}.hdf5`)];
    writeFileSync(
      whole,
      zipBytes(everything.map((name) => ({ name: `code-15/${name}`, bytes: readFileSync(join(folder, name)) }))),
    );
    for (const name of names) {
      const bytes = readFileSync(join(folder, `${name}.hdf5`));
      writeFileSync(
        join(folder, `${name}.zip`),
        zipBytes([{ name: `${name}.hdf5`, bytes, method: name === names[0] ? 8 : 0 }]),
      );
      rmSync(join(folder, `${name}.hdf5`));
    }
    const before = readdirSync(folder);
    for (const path of [folder, whole]) {
      const dataset = await openCode15(path);
      expect(dataset.choices).toEqual({ parts: '2 of 2' });
      // the order of the table, part by part: that of a zipped file is not known
      expect(dataset.rows.map((row) => row.recordId)).toEqual(['13', '11', '12', '22', '21']);
      expectSignal(dataset, '11', 4000);
      expectSignal(dataset, '12', 2800);
      expectSignal(dataset, '21', 2934);
      expectSignal(dataset, '13', 4096);
      expect(readdirSync(folder)).toEqual(before);
      dataset.close?.();
      expect(faultOf(() => dataset.read(dataset.rows[0]))).toBeInstanceOf(KitError);
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  it('prefers a part that is unpacked', async () => {
    const folder = await folderOf();
    writeFileSync(join(folder, 'exams_part0.zip'), 'no archive');
    const dataset = await openCode15(folder);
    expect(dataset.rows[0].file).toBe('exams_part0.hdf5');
    expectSignal(dataset, '11', 4000);
    dataset.close?.();
  });

  it('standardises the parts that are there; exams of the others come last and say so', async () => {
    const folder = await folderOf();
    renameSync(join(folder, 'exams_part0.hdf5'), join(folder, 'elsewhere'));
    const dataset = await openCode15(folder);
    expect(dataset.choices).toEqual({ parts: '1 of 2' });
    expect(dataset.rows.map((row) => row.recordId)).toEqual(['21', '22', '13', '11', '12']);
    expectSignal(dataset, '21', 2934);
    const fault = faultOf(() => dataset.read(dataset.rows[3]));
    expect(fault).toBeInstanceOf(MissingFileError);
    expect(fault.message).toBe(`${folder}: HDF5 file: expected exams_part0.hdf5 or exams_part0.zip, got none`);
    dataset.close?.();
    rmSync(join(folder, 'exams_part10.hdf5'));
    await expect(openCode15(folder)).rejects.toThrow(MissingFileError);
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    [
      'a part is cut short',
      (folder) => truncateSync(join(folder, 'exams_part0.hdf5'), 300_000),
      /part0.hdf5: HDF5 file: .*truncated/,
    ],
    [
      'a part is no HDF5 file',
      (folder) => writeFileSync(join(folder, 'exams_part0.hdf5'), 'x'),
      /part0.hdf5: HDF5 file/,
    ],
    [
      'a part is a folder',
      (folder) => {
        rmSync(join(folder, 'exams_part0.hdf5'));
        mkdirSync(join(folder, 'exams_part0.hdf5'));
      },
      /part0.hdf5: HDF5 file: expected a file/,
    ],
    [
      'a zip is none',
      (folder) => {
        rmSync(join(folder, 'exams_part0.hdf5'));
        writeFileSync(join(folder, 'exams_part0.zip'), 'PK');
      },
      /exams_part0.zip: /,
    ],
    [
      'a zip holds something else',
      (folder) => {
        rmSync(join(folder, 'exams_part0.hdf5'));
        writeFileSync(join(folder, 'exams_part0.zip'), zipBytes([{ name: 'readme.txt', bytes: Buffer.from('a') }]));
      },
      /expected exams_part0.hdf5 or exams_part0.zip, got none/,
    ],
  ])('reads the other part when %s', async (_, damage, message) => {
    const folder = await folderOf();
    damage(folder);
    const dataset = await openCode15(folder);
    expect(dataset.choices).toEqual({ parts: '1 of 2' });
    expectSignal(dataset, '22', 4000);
    expect(faultOf(() => dataset.read(dataset.rows.at(-1)!)).message).toMatch(message);
    dataset.close?.();
  });

  it.each<[string, (zip: Buffer) => Buffer, RegExp]>([
    [
      'damaged',
      (zip) => {
        zip.fill(0x55, 2000, 2100);
        return zip;
      },
      /part0.zip\/exams_part0.hdf5: (zip entry|CRC-32): expected/,
    ],
    [
      'of a wrong sum',
      () => zipBytes([{ name: 'exams_part0.hdf5', bytes: Buffer.alloc(9999, 1), claims: { crc: 5 } }]),
      /CRC-32: expected 00000005, got/,
    ],
    [
      'of more than it claims',
      () => zipBytes([{ name: 'exams_part0.hdf5', bytes: Buffer.alloc(9999, 1), claims: { size: 600 } }]),
      /zip entry: expected 600 bytes when inflated, got more than 600 bytes/,
    ],
    [
      'of less than it claims',
      () => zipBytes([{ name: 'exams_part0.hdf5', bytes: Buffer.alloc(9999, 1), claims: { size: 10_500 } }]),
      /expected 10500 bytes when inflated, got 9999/,
    ],
    [
      'of 2 GB in some bytes',
      () => zipBytes([{ name: 'exams_part0.hdf5', bytes: Buffer.alloc(99, 1), claims: { size: 2e9 } }]),
      /size: expected at most \d+ bytes \(\d+ in the archive\), got 2000000000/,
    ],
    [
      'encrypted',
      () => zipBytes([{ name: 'exams_part0.hdf5', bytes: Buffer.alloc(99, 1), flags: 0x801 }]),
      /zip entry: expected a plain one, got an encrypted one/,
    ],
    [
      'no HDF5 file inside',
      () => zipBytes([{ name: 'exams_part0.hdf5', bytes: Buffer.alloc(99, 1) }]),
      /part0.zip\/exams_part0.hdf5: HDF5 file: .*signature not found/,
    ],
  ])('an exam of a zip that is %s is unreadable, the others are read', async (_, change, message) => {
    const folder = await folderOf();
    const bytes = readFileSync(join(folder, 'exams_part0.hdf5'));
    writeFileSync(join(folder, 'exams_part0.zip'), change(zipBytes([{ name: 'exams_part0.hdf5', bytes }])));
    rmSync(join(folder, 'exams_part0.hdf5'));
    const dataset = await openCode15(folder);
    const fault = faultOf(() => dataset.read(dataset.rows[0]));
    expect(fault).toBeInstanceOf(FormatError);
    expect(fault.message).toMatch(message);
    expectSignal(dataset, '22', 4000);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    dataset.close?.();
  });

  it.skipIf(process.getuid?.() === 0)(
    'unpacks to the system’s folder where the data’s is read-only (skipped as root, who may write there)',
    async () => {
      const folder = await folderOf();
      const bytes = readFileSync(join(folder, 'exams_part0.hdf5'));
      writeFileSync(join(folder, 'exams_part0.zip'), zipBytes([{ name: 'exams_part0.hdf5', bytes }]));
      rmSync(join(folder, 'exams_part0.hdf5'));
      chmodSync(folder, 0o500);
      const dataset = await openCode15(folder);
      expectSignal(dataset, '11', 4000);
      chmodSync(folder, 0o700);
    },
  );

  it('what does not fit with the table is unreadable and says why', async () => {
    const part = 'exams_part0.hdf5';
    const folder = await folderOf([line(11, 1, part), line(99, 2, part)]);
    await writePart(folder, part, {
      rows: [
        [12, 4000],
        [11, 2800],
        [11, 4000],
        [0, 900],
        [0, 0],
      ],
    });
    const dataset = await openCode15(folder);
    expect(dataset.rows.map((row) => row.recordId)).toEqual([
      `12 (row 0 of ${part})`,
      '11',
      `11 (row 2 of ${part})`,
      `0 (row 3 of ${part})`,
      '99',
    ]);
    expectSignal(dataset, '11', 2800);
    const faults = [0, 2, 3, 4].map((i) => faultOf(() => dataset.read(dataset.rows[i])).message);
    const table = join(folder, 'exams.csv');
    expect(faults).toEqual([
      `${table}, record 12: exam_id: expected a row for an exam of ${part}, got none`,
      `${join(folder, part)}, record 11, row 2: exam_id: expected each once, got twice`,
      `${table}, record 0: exam_id: expected a row for an exam of ${part}, got none`,
      `${join(folder, part)}, record 99: exam_id: expected the exam, which exams.csv says is here, got none`,
    ]);
    dataset.close?.();

    // zipped, its order is the table's, and what the table lacks has no row
    writeFileSync(join(folder, 'exams_part0.zip'), zipBytes([{ name: part, bytes: readFileSync(join(folder, part)) }]));
    rmSync(join(folder, part));
    const zipped = await openCode15(folder);
    expect(zipped.rows.map((row) => row.recordId)).toEqual(['11', '99']);
    expectSignal(zipped, '11', 2800);
    expect(faultOf(() => zipped.read(zipped.rows[1])).message).toMatch(/record 99: exam_id: expected the exam/);
    zipped.close?.();
  });

  it('one damaged chunk takes its exams alone', async () => {
    const part = 'exams_part0.hdf5';
    const rows = Array.from({ length: 9 }, (_, i) => [i + 1, 4000] as const);
    const folder = await folderOf(rows.map(([exam]) => line(exam, exam, part)));
    await writePart(folder, part, { rows, chunkRows: 1 });
    const bytes = readFileSync(join(folder, part));
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0x5a, middle, middle + 64);
    writeFileSync(join(folder, part), bytes);
    const dataset = await openCode15(folder);
    const unreadable = dataset.rows.filter((row) => {
      try {
        dataset.read(row);
        return false;
      } catch (fault) {
        expect((fault as Error).message).toMatch(/part0.hdf5, key tracings, row \d: HDF5 file: expected whole data/);
        return true;
      }
    });
    expect(unreadable).toHaveLength(1);
    dataset.close?.();
  });

  it.each<[string, { exam_id?: number; shape?: number[]; noIds?: boolean; ints?: boolean }, RegExp]>([
    ['leads are 8', { shape: [3, 10, 8] }, /key tracings: shape: expected \(any, any, 12\), got \(3, 10, 8\)/],
    ['there are two axes', { shape: [3, 12] }, /shape: expected \(any, any, 12\), got \(3, 12\)/],
    ['ids are fewer', { exam_id: 2, shape: [3, 10, 12] }, /key exam_id: shape: expected \(3\), got \(2\)/],
    ['there are no ids', { noIds: true, shape: [3, 10, 12] }, /HDF5 dataset: expected 'exam_id', got only tracings/],
  ])('refuses a part where %s', async (_, { exam_id: count = 3, shape = [], noIds = false }, message) => {
    const folder = await folderOf([line(1, 1, 'exams_part0.hdf5')]);
    const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    const ids: Record<string, Hdf5Source> = noIds
      ? {}
      : { exam_id: { values: BigInt64Array.from({ length: count }, (_, i) => BigInt(i + 1)) } };
    await writeHdf5(join(folder, 'exams_part0.hdf5'), { ...ids, tracings: { values, shape } });
    await expect(openCode15(folder)).rejects.toThrow(message);
  });

  it.each<[string, string[], RegExp]>([
    [
      'an exam is no number',
      [line('e1', 1, 'exams_part0.hdf5')],
      /exams.csv, row 1, record e1: exam_id: expected a whole number, got 'e1'/,
    ],
    [
      'a patient is no number',
      [line(1, '', 'exams_part0.hdf5')],
      /record 1: patient_id: expected a whole number, got ''/,
    ],
    [
      'a patient is missing',
      [line(1, 'NaN', 'exams_part0.hdf5')],
      /record 1: patient_id: expected a whole number, got 'NaN', a missing one/,
    ],
    ['an exam was rounded', [line('1.2E+06', 1, 'exams_part0.hdf5')], /exam_id: .*'1.2E\+06', a rounded number/],
    [
      'an exam comes twice',
      [line(1, 1, 'a.hdf5'), line(1, 1, 'b.hdf5')],
      /row 2, record 1: exam_id: expected each once, got twice/,
    ],
    [
      'a part lies outside',
      [line(1, 1, '../exams_part0.hdf5')],
      /trace_file: expected a file name such as exams_part0.hdf5, got '..\/exams/,
    ],
    ['a part is absolute', [line(1, 1, '/etc/passwd')], /trace_file: expected a file name/],
    ['a row is short', ['1,2'], /CSV: expected rows of equal length/],
  ])('says what is wrong when %s', async (_, lines, message) => {
    const folder = await folderOf(lines);
    const opening = openCode15(folder);
    await expect(opening).rejects.toThrow(FormatError);
    await expect(opening).rejects.toThrow(message);
  });

  it('says that there is no dataset, and no such row', async () => {
    await expect(openCode15('/nowhere')).rejects.toThrow(MissingFileError);
    const folder = await folderOf();
    writeFileSync(join(folder, 'exams.csv'), 'exam_id,trace_file\n');
    await expect(openCode15(folder)).rejects.toThrow(
      /CSV columns: expected 'patient_id', got only 'exam_id', 'trace_file'/,
    );
    const dataset = await openCode15(await folderOf());
    expect(faultOf(() => dataset.read({ ...dataset.rows[0] }))).toBeInstanceOf(ArgumentError);
    dataset.close?.();
  });

  it('any table gives a dataset or a typed error (10,000 tables)', { timeout: 60_000 }, async () => {
    const parts = await folderOf([]);
    const real = readFileSync(join(parts, 'exams_part0.hdf5'));
    expect(real.length).toBeGreaterThan(0);
    const field = fc.oneof(
      fc.constantFrom('', '0', '11', '-1', '1e3', '12.0', '9007199254740993', 'NaN', '"', '"a\nb"', '\0', '../x', '11'),
      fc.string({ maxLength: 6 }),
      fc.nat(99).map(String),
    );
    const part = fc.oneof(
      fc.constantFrom('exams_part0.hdf5', 'exams_part0.h5', '..', 'a/b.hdf5', '/etc/passwd', ''),
      field,
    );
    const row = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.nat(30).map(String), fc.nat(9).map(String), part) },
      { weight: 1, arbitrary: fc.tuple(field, field, part) },
    );
    const table = fc.tuple(
      fc.constantFrom('exam_id,patient_id,trace_file', 'exam_id,patient_id', ''),
      fc.array(row, { maxLength: 5 }),
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(table, async ([header, rows]) => {
        const csv = [header, ...rows.map((fields) => fields.join(','))].join('\n');
        try {
          const dataset = await openCode15(memoryTree({ 'exams.csv': Buffer.from(csv) }));
          for (const each of dataset.rows) expect(() => dataset.read(each)).toThrow(KitError);
        } catch (fault) {
          if (!(fault instanceof FormatError) && !(fault instanceof MissingFileError)) throw fault;
          refused++;
        }
      }),
      { numRuns: 10_000, seed: 2003 },
    );
    expect(refused).toBeGreaterThan(5000);
  });
});

describe('withoutZeroPadding', () => {
  it('keeps zeros inside, also of single leads at the ends', () => {
    const values = Float32Array.of(0, 0, 0, 3, 0, 0, 5, 0, 0, 0);
    expect(withoutZeroPadding(values, { leads: 2 })).toEqual({ signal: Float32Array.of(0, 0, 5, 3, 0, 0), samples: 3 });
    expect(withoutZeroPadding(values, { leads: 1 })).toEqual({ signal: Float32Array.of(3, 0, 0, 5), samples: 4 });
  });

  it('keeps an ECG of zeros whole, and invalid samples', () => {
    expect(withoutZeroPadding(new Float32Array(6), { leads: 2 })).toEqual({ signal: new Float32Array(6), samples: 3 });
    const invalid = Float32Array.of(0, 0, Number.NaN, 0, 0, 0);
    expect(withoutZeroPadding(invalid, { leads: 2 })).toEqual({ signal: Float32Array.of(Number.NaN, 0), samples: 1 });
  });

  it('gives back what was padded, for any lengths', () => {
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.nat(9),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (before, after, samples, leads) => {
          const values = new Float32Array((before + samples + after) * leads);
          const own = Array.from({ length: samples * leads }, (_, i) => i + 1);
          values.set(own, before * leads);
          const { signal } = withoutZeroPadding(values, { leads });
          expect([...signal]).toEqual(own.map((_, i) => (i % samples) * leads + Math.floor(i / samples) + 1));
        },
      ),
    );
  });
});

const real = realData('code-15');
describe.skipIf(real === undefined)('real CODE-15 and SaMi-Trop exams (skipped without HYBRID_ECG_REAL_DATA)', () => {
  it('reads ten exams through HDF5, and they standardise', async () => {
    const dataset = await openCode15(join(real!, 'hdf5'));
    expect(dataset.choices).toEqual({ parts: '1 of 1' });
    const records = dataset.rows.map((row) => dataset.read(row));
    expect(records.map(({ recordId, patientId, samples }) => [recordId, patientId, samples])).toEqual([
      ['438277', '185323', 2934],
      ['358121', '1295924', 2934],
      ['1594286', '1599228', 4096],
      ['975093', '1219958', 4096],
      ['795649', '618483', 2934],
      ['1238362', '648630', 2934],
      ['2969044', '918688', 4096],
      ['2754228', '725849', 2934],
      ['2657522', '1266252', 2934],
      ['270272', '125585', 4096],
    ]);
    for (const record of records) {
      expect(rejection(record)).toBeUndefined();
      expect(standardise(record)).toHaveLength(12 * 2500);
      // III = II - I and aVF = II - I/2, as far as a file in microvolts can say: the leads are in the order that is said
      const at = (lead: string, i: number) => record.signal[record.leads.indexOf(lead) * record.samples + i];
      let misfit = 0;
      for (let i = 0; i < record.samples; i++) {
        misfit +=
          Math.abs(at('II', i) - at('I', i) - at('III', i)) + Math.abs(at('II', i) - at('I', i) / 2 - at('aVF', i));
      }
      expect(misfit / record.samples).toBeLessThan(0.02);
    }
    dataset.close?.();
  });

  const python = peerPython('h5py', 'numpy');
  it.skipIf(python === undefined)(
    'equals what h5py and NumPy read (skipped without a Python that has h5py)',
    async () => {
      const program = [
        'import sys, json, hashlib, h5py, numpy as np',
        'f = h5py.File(sys.argv[1], "r")',
        'out = {}',
        'for i, exam in enumerate(f["exam_id"][:]):',
        '    x = f["tracings"][i]',
        '    own = np.flatnonzero((x != 0).any(axis=1))',
        '    out[str(exam)] = hashlib.sha256(np.ascontiguousarray(x[own[0]:own[-1] + 1].T).tobytes()).hexdigest()',
        'print(json.dumps(out))',
      ].join('\n');
      const path = join(real!, 'hdf5', 'exams_part0.hdf5');
      const expected = JSON.parse(execFileSync(python!, ['-c', program, path], { encoding: 'utf8' }));
      const dataset = await openCode15(join(real!, 'hdf5'));
      const found = dataset.rows.map((row) => {
        const { signal } = dataset.read(row);
        return [row.recordId, createHash('sha256').update(new Uint8Array(signal.buffer)).digest('hex')];
      });
      expect(Object.fromEntries(found)).toEqual(expected);
      dataset.close?.();
    },
  );

  it('reads all exams as WFDB; those in both sets are alike, to the resolution of WFDB', async () => {
    const folder = join(real!, 'wfdb');
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.hea'))
      .map((name) => basename(name, '.hea'));
    expect(names.length).toBeGreaterThan(100);
    const lengths = new Map<number, number>();
    const wfdb = names.map((name) => {
      const record = readWfdbRecord(join(folder, name));
      expect(record.fsHz).toBe(400);
      expect(record.leads.map((lead) => lead.toLowerCase())).toEqual(LEADS.map((lead) => lead.toLowerCase()));
      lengths.set(record.samples, (lengths.get(record.samples) ?? 0) + 1);
      const { fsHz, leads, signal, samples } = record;
      return { dataset: 'code-15', recordId: name, patientId: '', fsHz, leads, signal, samples, file: name };
    });
    for (const record of wfdb) expect(standardise(record)).toHaveLength(12 * 2500);
    const usable = wfdb.filter((record) => rejection(record) === undefined).length;
    const dataset = await openCode15(join(real!, 'hdf5'));
    const both = dataset.rows.filter((row) => names.includes(row.recordId));
    console.log(`${names.length} exams as WFDB, ${usable} usable, ${both.length} of the ten HDF5 exams among them`);
    for (const row of both) {
      const [ours, twin] = [dataset.read(row), wfdb.find((record) => record.recordId === row.recordId)!];
      expect(ours.samples).toBe(twin.samples);
      expect(Math.max(...ours.signal.map((mv, i) => Math.abs(mv - twin.signal[i])))).toBeLessThan(0.00101);
    }
    // the same machines and unit: lengths of both sets are among each other's, and so are amplitudes
    const ten = dataset.rows.map((row) => dataset.read(row));
    for (const { samples } of ten) expect(lengths.get(samples)).toBeGreaterThan(10);
    const amplitude = ({ signal }: { signal: Float32Array }) =>
      Math.sqrt(signal.reduce((sum, mv) => sum + mv * mv, 0) / signal.length);
    const sorted = wfdb.map(amplitude).sort((a, b) => a - b);
    const middle = ten.map(amplitude).sort((a, b) => a - b)[5];
    expect(middle).toBeGreaterThan(sorted[Math.floor(0.05 * sorted.length)]);
    expect(middle).toBeLessThan(sorted[Math.floor(0.95 * sorted.length)]);
    dataset.close?.();
  });
});
