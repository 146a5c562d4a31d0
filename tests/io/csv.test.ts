import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, KitError, MissingFileError, StorageError } from '../../lib/errors';
import { columnNamed, forEachCsvRow, formatCsv, parseCsv, readCsv, writeCsv } from '../../lib/io/csv';
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

  const read = (csv: string | Buffer, options: Parameters<typeof readCsv>[1] = {}) =>
    readCsv('x', { ...options, files: memoryTree({ x: Buffer.from(csv) }) });
  const TWO = [
    { id: '1', note: 'a' },
    { id: '2', note: 'b' },
  ];

  it.each([
    ['LF, then CRLF', 'id,note\n1,a\r\n2,b\r\n'],
    ['CRLF, then LF', 'id,note\r\n1,a\n2,b\n'],
    ['CR alone', 'id,note\r1,a\r2,b\r'],
    ['all three', 'id,note\r\n1,a\r2,b\n'],
    ['CRLF and a last line without an end', 'id,note\n1,a\r\n2,b'],
    ['blank lines of any kind', '\r\nid,note\n\r\n1,a\r\r\n\n2,b\n\n'],
    ['quotes', '"id","note"\r\n"1","a"\n"2","b"\r'],
    ['semicolons', 'id;note\n1;a\n2;b\n'],
    ['tabs', 'id\tnote\r\n1\ta\r\n2\tb\r\n'],
    ['sep=,', 'sep=,\r\nid,note\r\n1,a\r\n2,b\r\n'],
    ['sep=; in quotes, with a mark', '\ufeff"sep=;"\nid;note\n1;a\n2;b\n'],
    ['sep=| ', 'SEP=|\nid|note\n1|a\n2|b\n'],
    ['Ctrl-Z at the end', 'id,note\r\n1,a\r\n2,b\r\n\x1a'],
    ['UTF-16LE', Buffer.from('\ufeffid,note\r\n1,a\r\n2,b\r\n', 'utf16le')],
    ['UTF-16BE, as Excel’s text', Buffer.from('\ufeffid\tnote\r\n1\ta\r\n2\tb\r\n', 'utf16le').swap16()],
  ])('reads a table with %s, with columns asked for or not', (_, csv) => {
    expect(read(csv)).toEqual(TWO);
    expect(read(csv, { columns: ['id', 'note'] })).toEqual(TWO);
    expect(read(csv, { columns: ['note'], optional: ['id', 'gone'] })).toEqual(TWO);
    const rows: unknown[] = [];
    const files = memoryTree({ x: Buffer.from(csv) });
    forEachCsvRow('x', ([id, note]) => rows.push({ id, note }), { columns: ['id', 'note'], files });
    expect(rows).toEqual(TWO);
  });

  it('takes the delimiter from the whole table, not from its first line', () => {
    expect(read('id;first, last;x, y\n1;a, b;c\n2;d;e\n')[1]).toEqual({ id: '2', 'first, last': 'd', 'x, y': 'e' });
    expect(read('id,a;b;c\n1,x\n2,y;z\n')).toEqual([
      { id: '1', 'a;b;c': 'x' },
      { id: '2', 'a;b;c': 'y;z' },
    ]);
    expect(read('"a;b",c\n"1,2\r\n3",";"\n')).toEqual([{ 'a;b': '1,2\r\n3', c: ';' }]);
    expect(read('note;id, old\n1;2\n', { columns: ['note'] })).toEqual([{ note: '1' }]);
    expect(() => read('id;note\n1;a,b\n2\n')).toThrow('line 3: CSV: expected rows of equal length, got 1 fields');
  });

  it('names line, columns that are missing or there twice, and characters that nobody sees', () => {
    expect(() => read('sep=;\r\nid;note\r\n1;a\r\n2\r\n')).toThrow(/^\/data\/x, line 4: CSV: .* got 1 fields/);
    expect(() => read('id,note\n1,"a\n')).toThrow(/line 2: CSV: expected quotes/);
    expect(() => read('\u200bid, note\n1,2\n', { columns: ['id'] })).toThrow(/'id', got only '\\u200bid', ' note'/);
    expect(() => read('id;b\n1;2\n', { columns: ['id', 'c'] })).toThrow(/expected 'c', got only 'id', 'b'$/);
    expect(() => read('id,id\n1,2\n', { columns: ['id'] })).toThrow(/CSV columns: expected 'id' once, got twice/);
    expect(() => read('id,id\n1,2\n')).toThrow(FormatError);
    expect(read('id,,\n1,2,3\n')).toEqual([{ id: '1', '': '2' }]);
  });

  it('refuses bytes that the encoding does not allow, and reads them once it is named', () => {
    const bytes = Buffer.from('id,note\n1,M\xfcller\n2,M\xf6ller\n', 'latin1');
    expect(() => read(bytes)).toThrow(FormatError);
    expect(() => read(bytes)).toThrow(/^\/data\/x, line 2, column 4: CSV: expected UTF-8, .* got byte 0xfc/);
    expect(read(bytes, { encoding: 'windows-1252' }).map(({ note }) => note)).toEqual(['Müller', 'Möller']);
  });

  it.skipIf(python === undefined)(
    'reads what pandas and Python read (skipped without a Python that has pandas)',
    () => {
      const piece = fc.constantFrom('a', '1', ';', '\n', '\r\n', '\r', ',', '""', ' ', 'é');
      const quotedField = fc.array(piece, { maxLength: 4 }).map((pieces) => `"${pieces.join('')}"`);
      const plainField = fc.constantFrom('1', 'x y', 'é', '0012', 'nan');
      const end = fc.constantFrom('\n', '\r\n', '\r');
      const cell = fc.oneof(quotedField, plainField);
      const rows = fc.array(fc.tuple(cell, cell, end), { minLength: 1, maxLength: 6 });
      const tables = fc.sample(
        fc
          .tuple(fc.constantFrom(',', ';', '\t'), end, rows)
          .map(([by, first, lines]) => `id${by}note${first}${lines.map(([a, b, last]) => a + by + b + last).join('')}`),
        { numRuns: 200, seed: 5 },
      );
      const code = `
import csv, io, json, pandas, sys
out = []
for text in json.load(sys.stdin):
    by = text[2]
    frame = pandas.read_csv(io.BytesIO(text.encode()), sep=by, dtype=str, keep_default_na=False)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=by) if row]
    out.append([frame.to_dict("records"), [dict(zip(rows[0], row)) for row in rows[1:]]])
print(json.dumps(out))`;
      const input = JSON.stringify(tables);
      const peers = JSON.parse(execFileSync(python!, ['-c', code], { input, encoding: 'utf8' }));
      for (const [i, text] of tables.entries()) {
        const found = read(text, { columns: ['id', 'note'] });
        expect(found, JSON.stringify(text)).toEqual(peers[i][0]);
        expect(found, JSON.stringify(text)).toEqual(peers[i][1]);
      }
    },
  );

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

describe('columnNamed', () => {
  it('takes the name as it is spelled, else the only one that is alike', () => {
    expect(columnNamed(['Patient_ID', 'patient_id'], 'patient_id')).toBe('patient_id');
    for (const spelled of ['Patient_ID', 'PATIENT_ID', ' patient_id', 'Patient ID', 'patient-id']) {
      expect(columnNamed(['record', spelled], 'patient_id')).toBe(spelled);
      expect(parseCsv(`record,${spelled}\na,b\n`, { columns: ['patient_id'] })).toEqual([{ patient_id: 'b' }]);
    }
    expect(columnNamed(['Patient_ID', 'PATIENT_ID'], 'patient_id')).toBeUndefined();
    expect(columnNamed(['patientid', 'id'], 'patient_id')).toBeUndefined();
    expect(columnNamed(['x', ''], '')).toBe('');
  });
});
