import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import { type ParquetColumn, readParquet, writeParquet } from '../../lib/io/parquet';
import { peerPython } from '../peer-python';

const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-parquet-'));
const columns: ParquetColumn[] = [
  { name: 'id', type: 'STRING', values: ['1', 'é,"', ''] },
  { name: 'fold', type: 'INT32', values: Int8Array.from([1, -1, 10]) },
  { name: 'score', type: 'DOUBLE', values: [0.1, Number.NaN, 1e-300] },
  { name: 'half', type: 'FLOAT', values: [0.5, 1, 2] },
  { name: 'yes', type: 'BOOLEAN', values: [true, false, true] },
];
const values = Object.fromEntries(columns.map(({ name, values }) => [name, Array.from(values as ArrayLike<unknown>)]));

describe('parquet', () => {
  it('reads back what it wrote, and equal columns give equal bytes', async () => {
    const [a, b] = [join(folder, 'a.parquet'), join(folder, 'b.parquet')];
    await writeParquet(a, columns);
    await writeParquet(b, columns);
    expect(await readParquet(a)).toEqual(values);
    expect(await readParquet(a, { columns: ['fold'] })).toEqual({ fold: values.fold });
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
  });

  it('reads back many rows and none', async () => {
    const path = join(folder, 'many.parquet');
    const ids = Array.from({ length: 30_000 }, (_, i) => String(i));
    await writeParquet(path, [{ name: 'id', type: 'STRING', values: ids }]);
    expect((await readParquet(path)).id).toEqual(ids);
    await writeParquet(path, [{ name: 'id', type: 'STRING', values: [] }]);
    expect(await readParquet(path)).toEqual({ id: [] });
  });

  it('names missing columns and files, and refuses damaged ones', async () => {
    const path = join(folder, 'c.parquet');
    await writeParquet(path, columns);
    await expect(readParquet(path, { columns: ['fold', 'gone'] })).rejects.toThrow(
      "Parquet columns: expected 'gone', got only 'id', 'fold', 'score', 'half', 'yes'",
    );
    await expect(readParquet(join(folder, 'none.parquet'))).rejects.toThrow(MissingFileError);
    const whole = readFileSync(path);
    for (const bytes of [0, 3, 20, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, bytes));
      await expect(readParquet(path), `${bytes} bytes`).rejects.toThrow(FormatError);
    }
  });

  it('reads nulls, dates, lists and each other type as its documentation says', async () => {
    const read = await readParquet(join(__dirname, '../golden/parquet-types.parquet'));
    const expected: Record<string, readonly [unknown, unknown]> = {
      text: ['a', ''],
      category: ['u', 'u'],
      whole: [1, -3],
      long: [2n ** 53n + 1n, -1n],
      number: [1.5, Number.NaN],
      decimal: [1.25, 0],
      yes: [true, false],
      day: [new Date('2020-02-29T00:00:00Z'), new Date('1969-12-31T00:00:00Z')],
      time: [new Date('2020-02-29T12:30:00.123Z'), new Date(0)],
      zoned: [new Date('2020-02-29T12:30:00Z'), new Date(0)],
      list: [[1, 2], []],
      struct: [{ a: 1 }, { a: null }],
      map: [{ k: 1 }, {}],
      bytes: [Uint8Array.of(0, 255), new Uint8Array(0)],
    };
    expect(Object.keys(read)).toEqual(Object.keys(expected));
    for (const [name, [first, last]] of Object.entries(expected)) {
      expect(read[name], name).toEqual([first, null, last]); // the second row is missing throughout
    }
  });

  it('refuses text that is not UTF-8, with its column and row, and keeps a mark at the start of one', async () => {
    const path = join(folder, 'e.parquet');
    await writeParquet(path, [
      { name: 'id', type: 'STRING', values: ['a', 'b', '\ufeffc'] },
      { name: 'patient_id', type: 'STRING', values: ['Moller', 'Mxller', 'x'] },
    ]);
    expect((await readParquet(path)).id).toEqual(['a', 'b', '\ufeffc']);
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf('Mxl'); at !== -1; at = bytes.indexOf('Mxl', at)) bytes[at + 1] = 0xfc;
    writeFileSync(path, bytes);
    expect((await readParquet(path, { columns: ['id'] })).id[0]).toBe('a');
    await expect(readParquet(path)).rejects.toThrow(FormatError);
    await expect(readParquet(path)).rejects.toThrow(
      'key patient_id, row 1: Parquet text: expected UTF-8, got the bytes 4dfc6c6c6572',
    );
  });

  const python = peerPython('pandas', 'pyarrow');
  it.skipIf(python === undefined)(
    'exchanges files with pandas (skipped without a Python that has pandas and pyarrow)',
    async () => {
      const path = join(folder, 'd.parquet');
      await writeParquet(path, columns);
      const code = `
import json, pandas, sys
d = pandas.read_parquet(sys.argv[1])
print(json.dumps([list(d.columns), [str(t) for t in d.dtypes], d["id"].tolist(), d["fold"].tolist(), d["yes"].tolist()]))
for codec in ["snappy", "gzip", "zstd"]:
    d.to_parquet(sys.argv[1] + "." + codec, compression=codec)
import pyarrow as pa, pyarrow.parquet as pq
bad = pa.array(["M\\u00fcller".encode("latin1")] * 2 + [b"ok", None], pa.binary()).view(pa.string())
for dictionary in [True, False]:
    pq.write_table(pa.table({"n": range(4), "id": bad}), f"{sys.argv[1]}.bad{dictionary:d}", use_dictionary=dictionary)
`;
      const [names, types, ...found] = JSON.parse(execFileSync(python!, ['-c', code, path], { encoding: 'utf8' }));
      expect(names).toEqual(columns.map(({ name }) => name));
      expect(types.slice(1)).toEqual(['int32', 'float64', 'float32', 'bool']);
      expect(found).toEqual([values.id, values.fold, values.yes]);
      for (const codec of ['snappy', 'gzip', 'zstd']) {
        const { id, fold } = await readParquet(`${path}.${codec}`, { columns: ['id', 'fold'] });
        expect({ id, fold: fold.map(Number) }).toEqual({ id: values.id, fold: values.fold });
      }
      for (const dictionary of [0, 1]) {
        const text = readParquet(`${path}.bad${dictionary}`);
        await expect(text).rejects.toThrow('key id, row 0: Parquet text: expected UTF-8, got the bytes 4dfc6c6c6572');
      }
    },
  );
});
