import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openSamiTrop } from '../../lib/datasets/sami-trop';
import { FormatError, KitError, MissingFileError } from '../../lib/errors';
import { writeHdf5 } from '../../lib/io/write-hdf5';
import { memoryTree } from '../memory-tree';
import { zipBytes } from '../write-zip';

const LENGTH = 4096;
const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const EXAMS = [294669, 291057, 16169];
const SAMPLES = [1568, 4096, 2934];
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** mV of a sample of a lead of the n-th exam; never 0. */
const value = (n: number, sample: number, lead: number) => Math.fround(n + 1 + sample / 10_000 + lead / 100);

async function folderOf(exams: readonly (number | string)[] = EXAMS, shape = [3, LENGTH, 12]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-sami-trop-'));
  folders.push(folder);
  const lines = exams.map((exam) => `${exam},67,True,False,,2.1,63.5`);
  const table = ['exam_id,age,is_male,normal_ecg,death,timey,nn_predicted_age', ...lines].join('\n');
  writeFileSync(join(folder, 'exams.csv'), `${table}\n`);
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  for (const [n, samples] of SAMPLES.entries()) {
    const start = Math.floor((LENGTH - samples) / 2);
    for (let i = 0; i < samples; i++) {
      for (let lead = 0; lead < 12; lead++) values[(n * LENGTH + start + i) * 12 + lead] = value(n, i, lead);
    }
  }
  await writeHdf5(join(folder, 'exams.hdf5'), { tracings: { values, shape } });
  return folder;
}

describe('openSamiTrop', () => {
  it('joins table and file by position; each exam is of another patient', async () => {
    const folder = await folderOf();
    const dataset = await openSamiTrop(folder);
    const { name, choices, rows } = dataset;
    expect({ name, choices, folder: dataset.folder }).toEqual({ name: 'sami-trop', choices: {}, folder });
    expect(rows.map(({ recordId, patientId, stratFold, file }) => [recordId, patientId, stratFold, file])).toEqual(
      EXAMS.map((exam) => [String(exam), String(exam), 0, 'exams.hdf5']),
    );
    for (const [n, row] of rows.entries()) {
      const { signal, ...record } = dataset.read(row);
      const recordId = String(EXAMS[n]);
      const samples = SAMPLES[n];
      expect(record).toEqual({
        dataset: 'sami-trop',
        recordId,
        patientId: recordId,
        fsHz: 400,
        leads: LEADS,
        samples,
        file: 'exams.hdf5',
      });
      const expected = Float32Array.from({ length: 12 * samples }, (_, i) =>
        value(n, i % samples, Math.floor(i / samples)),
      );
      expect(Buffer.from(signal.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
    dataset.close?.();
    expect(() => dataset.read(rows[0])).toThrow(KitError);
  });

  it('reads the publisher’s zip, and a zip of everything, as the folder', async () => {
    const folder = await folderOf();
    const [hdf5, table] = ['exams.hdf5', 'exams.csv'].map((name) => readFileSync(join(folder, name)));
    const plain = await openSamiTrop(folder);
    const expected = plain.rows.map((row) => plain.read(row).signal);
    plain.close?.();
    const whole = join(folder, 'sami.zip');
    writeFileSync(
      whole,
      zipBytes([
        { name: 'exams.csv', bytes: table },
        { name: 'exams.hdf5', bytes: hdf5, method: 0 },
      ]),
    );
    writeFileSync(join(folder, 'exams.zip'), zipBytes([{ name: 'exams.hdf5', bytes: hdf5 }]));
    rmSync(join(folder, 'exams.hdf5'));
    for (const path of [folder, whole]) {
      const dataset = await openSamiTrop(path);
      expect(dataset.rows.map((row) => dataset.read(row).signal)).toEqual(expected);
      dataset.close?.();
    }
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'an exam more in the table',
      () => folderOf([...EXAMS, 5]),
      /exams.hdf5: exams: expected 4, as exams.csv has.*, got 3/,
    ],
    ['an exam less', () => folderOf(EXAMS.slice(1)), /exams: expected 2, .*, got 3/],
    [
      'another number of leads',
      () => folderOf(EXAMS, [3, LENGTH * 2, 8]),
      /shape: expected \(any, any, 12\), got \(3, 8192, 8\)/,
    ],
    ['an exam twice', () => folderOf([1, 2, 1]), /row 3, record 1: exam_id: expected each once, got twice/],
    [
      'an exam without a number',
      () => folderOf([1, 2, 'x']),
      /row 3, record x: exam_id: expected a whole number, got 'x'/,
    ],
  ])('refuses %s', async (_, make, message) => {
    const opening = openSamiTrop(await make());
    await expect(opening).rejects.toThrow(FormatError);
    await expect(opening).rejects.toThrow(message);
  });

  it('says what is missing or cut', async () => {
    const folder = await folderOf();
    truncateSync(join(folder, 'exams.hdf5'), 400_000);
    await expect(openSamiTrop(folder)).rejects.toThrow(/exams.hdf5: HDF5 file: .*truncated file/);
    renameSync(join(folder, 'exams.hdf5'), join(folder, 'x'));
    await expect(openSamiTrop(folder)).rejects.toThrow(/expected exams.hdf5 or exams.zip, got none/);
    rmSync(join(folder, 'exams.csv'));
    await expect(openSamiTrop(folder)).rejects.toThrow(MissingFileError);
    await expect(openSamiTrop(folder, { rate: 500 })).rejects.toThrow(/rate: expected 400 Hz, got 500/);
  });

  it('any table gives a typed error where there is no file (10,000 tables)', { timeout: 60_000 }, async () => {
    const field = fc.oneof(fc.nat(99).map(String), fc.constantFrom('', '-1', '1.0', '"', '"a\nb"', 'NaN'), fc.string());
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const csv = ['exam_id,age', ...rows.map((fields) => fields.join(','))].join('\n');
        const error = await openSamiTrop(memoryTree({ 'exams.csv': Buffer.from(csv) })).then(
          () => undefined,
          (fault) => fault,
        );
        expect(error instanceof FormatError || error instanceof MissingFileError).toBe(true);
      }),
      { numRuns: 10_000, seed: 2003 },
    );
  });
});
