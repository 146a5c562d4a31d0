import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, KitError, MissingFileError, StorageError } from '../../lib/errors';
import { forEachCsvRow, formatCsv, parseCsv, readCsv, writeCsv } from '../../lib/io/csv';
import { memoryTree } from '../memory-tree';
import { peerPython } from '../peer-python';

const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-csv-'));
const field = fc.string({ unit: fc.constantFrom('a', 'é', '1', ',', '"', '\n', '\r\n', ' ', "'", ';'), maxLength: 8 });
const table = fc.array(fc.record({ id: fc.nat().map(String), report: field, note: field }), { maxLength: 8 });

describe('csv', () => {
  it('keeps commas, quotes and line breaks in quoted fields', () => {
    const rows = parseCsv('id,report\n1,"sinus, ""normal""\nline two"\n2,\n');
    expect(rows).toEqual([
      { id: '1', report: 'sinus, "normal"\nline two' },
      { id: '2', report: '' },
    ]);
  });

  it('reads a byte order mark, CRLF, and a column without a name', () => {
    expect(parseCsv('\ufeff,description\r\nNDT,T\r\n')).toEqual([{ '': 'NDT', description: 'T' }]);
  });

  it('keeps only the columns asked for', () => {
    expect(parseCsv('a,b,c\n1,2,3\n', { columns: ['c', 'a'] })).toEqual([{ c: '3', a: '1' }]);
  });

  it('names the missing columns, those found, and the file', () => {
    expect(() => parseCsv('a,b\n1,2\n', { columns: ['a', 'strat_fold'], file: 'x.csv' })).toThrow(
      "x.csv: CSV columns: expected 'strat_fold', got only 'a', 'b'",
    );
  });

  it.each([
    ['a short row', 'a,b\n1\n'],
    ['a long row', 'a,b\n1,2,3\n'],
    ['an open quote', 'a,b\n1,"2\n'],
    ['no header', ''],
  ])('refuses %s', (_, text) => {
    expect(() => parseCsv(text)).toThrow(FormatError);
  });

  it('names a file that is missing', () => {
    expect(() => readCsv('/nowhere/x.csv')).toThrow(MissingFileError);
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(table, (rows) => {
        expect(parseCsv(formatCsv(['id', 'report', 'note'], rows))).toEqual(rows);
      }),
    );
  });

  const python = peerPython('pandas');
  it.skipIf(python === undefined)(
    'is read by pandas as it was written (skipped without a Python that has pandas)',
    () => {
      const rows = fc.sample(table, { numRuns: 20, seed: 7 }).flat();
      const path = join(folder, 'peer.csv');
      writeCsv(path, ['id', 'report', 'note'], rows);
      const code =
        'import pandas,sys; d=pandas.read_csv(sys.argv[1],dtype=str,keep_default_na=False); print(d.to_json(orient="records"))';
      expect(JSON.parse(execFileSync(python!, ['-c', code, path], { encoding: 'utf8' }))).toEqual(rows);
    },
  );

  it('reads a table row by row, from a tree', () => {
    const files = memoryTree({ 'a/x.csv': Buffer.from('id,note,fold\n1,"a,\nb",3\n2,,4\n') });
    const rows: unknown[] = [];
    forEachCsvRow('a/x.csv', (fields, row) => rows.push([row, ...fields]), { columns: ['fold', 'id', 'note'], files });
    expect(rows).toEqual([
      [1, '3', '1', 'a,\nb'],
      [2, '4', '2', ''],
    ]);
    expect(readCsv('a/x.csv', { files, columns: ['id'] })).toEqual([{ id: '1' }, { id: '2' }]);
    expect(() => readCsv('x.csv', { files })).toThrow('/data/x.csv: file: expected x.csv, got none');
    expect(() => readCsv(folder)).toThrow(StorageError);
    const stop = new Error('enough');
    const halt = () => {
      throw stop;
    };
    const plain = memoryTree({ x: Buffer.from('a\n1\n') });
    expect(() => forEachCsvRow('x', halt, { columns: ['a'], files: plain })).toThrow(stop);
  });

  it('splits a table without quotes as the parser reads it, over a megabyte too', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'é', '中', ' ', "'", ';', '\t', '😀'), maxLength: 6 });
    const read = (text: string) => readCsv('x', { files: memoryTree({ x: Buffer.from(text) }) });
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, plain)), fc.boolean(), fc.boolean(), (rows, mark, end) => {
        const lines = ['one,two', ...rows.map((fields) => fields.join(','))].join('\n\n');
        const text = `${mark ? '\ufeff' : ''}${lines}${end ? '\n' : ''}`;
        expect(read(text)).toEqual(parseCsv(text));
      }),
    );
    const long = Array.from({ length: 200_000 }, (_, i) => `${i},é${i % 97}`);
    const rows = read(['id,note', ...long].join('\n'));
    expect(rows).toHaveLength(200_000);
    expect(rows.every((row, i) => `${row.id},${row.note}` === long[i])).toBe(true);
  });

  it('gives rows or a typed error, whatever it is given (10,000 cases)', () => {
    const piece = fc.oneof(
      fc.constantFrom('a', 'b', ',', '"', '""', '\n', '\r\n', '\r', '\ufeff', '\0', ' ', '__proto__', '1'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, header) => {
        const csv = Buffer.from(`${header ? 'a,b\n' : ''}${pieces.join('')}`);
        try {
          for (const row of readCsv('x', { files: memoryTree({ x: csv }) })) expect(typeof row).toBe('object');
        } catch (fault) {
          if (!(fault instanceof KitError)) throw fault;
          expect(fault.where.file).toBe('/data/x');
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('keeps a row whose one field is empty', () => {
    expect(parseCsv(formatCsv(['a'], [{ a: '' }, { a: 'x' }]))).toEqual([{ a: '' }, { a: 'x' }]);
  });

  it('writes numbers, NaN and nothing', () => {
    const row = { a: 0.1, b: Number.NaN, c: undefined, d: null, e: true };
    expect(formatCsv(['a', 'b', 'c', 'd', 'e'], [row])).toBe('a,b,c,d,e\n0.1,NaN,,,true\n');
    writeFileSync(join(folder, 'x.csv'), formatCsv(['a'], [{ a: 1 }]));
    expect(readCsv(join(folder, 'x.csv'))).toEqual([{ a: '1' }]);
  });
});
