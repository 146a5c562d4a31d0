import type { Dataset, DatasetRow } from '../../lib/datasets/dataset';
import { SUPERCLASSES } from '../../lib/datasets/superclass';
import { FormatError } from '../../lib/errors';
import { exampleRecord } from '../signal/example-record';

/**
 * A dataset of made-up records: number i is scaled by 1 + i / 100; every `badEvery`-th cannot be read, the one after it
 * is all zero.
 */
export function exampleDataset(records: number, badEvery = Number.POSITIVE_INFINITY): Dataset {
  const rows = Array.from(
    { length: records },
    (_, i): DatasetRow => ({
      recordId: String(100 + i),
      patientId: String(1 + Math.floor(i / 2)),
      stratFold: (Math.floor(i / 2) % 10) + 1,
      file: `records/${i}`,
      superclasses: SUPERCLASSES.filter((_, k) => (i + k) % 4 === 0),
    }),
  );
  return {
    name: 'example',
    folder: '/data/example',
    choices: { rate: 100 },
    rows,
    read: (row) => {
      const i = Number(row.file.slice('records/'.length));
      if (i % badEvery === badEvery - 2) {
        const where = { file: `/data/example/${row.file}.dat` };
        throw new FormatError('bytes', { expected: '240', actual: '7', where });
      }
      const record = exampleRecord({ dataset: 'example', recordId: row.recordId, fsHz: 100, file: row.file });
      const scale = i % badEvery === badEvery - 1 ? 0 : 1 + i / 100;
      return { ...record, patientId: row.patientId, signal: record.signal.map((value) => scale * value) };
    },
  };
}
