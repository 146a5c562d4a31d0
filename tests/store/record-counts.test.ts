import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { MissingFileError } from '../../lib/errors';
import { countRecords } from '../../lib/store/record-counts';
import { writeStore } from '../../lib/store/write-store';
import { exampleRecord } from '../signal/example-record';
import { exampleDataset } from './example-dataset';

const folder = mkdtempSync(join(tmpdir(), 'record-counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('counts kept and rejected records, patients of both, rates and lengths as published', async () => {
  const dataset = exampleDataset(20, 5);
  const read = (row: (typeof dataset.rows)[number]) => {
    const record = dataset.read(row);
    const number = Number(row.recordId);
    if (number % 10 === 1) return { ...exampleRecord({ fsHz: 400, samples: 2800 }), patientId: row.patientId };
    return number % 10 === 2 ? { ...exampleRecord({ fsHz: 400 }), patientId: row.patientId } : record;
  };
  // the last patient has no record that can be used
  const listed = dataset.rows.map((row, i) => (i === 19 ? { ...row, patientId: 'nobody' } : row));
  // a file holds one more than the publisher's table
  const rows = [...listed, { ...listed[18], recordId: 'unlisted', patientId: '' }];
  const store = join(folder, 'store');
  const { manifest } = await writeStore(store, { ...dataset, rows, read }, { quality: { rejectDuplicates: false } });
  expect(await countRecords(store)).toEqual({
    records: 20,
    patients: 11,
    kept: 12,
    rejected: [
      { reason: 'unreadable', records: 5 },
      { reason: 'no-signal', records: 4 },
    ],
    fsHz: [
      { fsHz: 100, records: 8 },
      { fsHz: 400, records: 4 },
    ],
    durationS: { commonest: 10, shortest: 7, longest: 10 },
    choices: { rate: 100 },
    hash: manifest.hash,
  });
});

it('refuses tables that are not those which the store wrote', async () => {
  const store = join(folder, 'changed');
  await writeStore(store, exampleDataset(20, 5));
  const rejected = join(store, 'rejected.csv');
  const lines = readFileSync(rejected, 'utf8').split('\n');
  writeFileSync(rejected, lines.slice(0, -3).join('\n'));
  await expect(countRecords(store)).rejects.toMatchObject({ tag: 'FormatError', where: { file: rejected } });
});

it('says that there is no store', async () => {
  await expect(countRecords(join(folder, 'none'))).rejects.toThrow(MissingFileError);
});
