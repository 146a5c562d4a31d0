import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, FormatError, KitError, MissingFileError } from '../../lib/errors';
import { Hdf5File, MAX_SLICE_BYTES, openHdf5 } from '../../lib/io/hdf5';
import { type Hdf5Library, loadHdf5, MEMORY_BYTES } from '../../lib/io/hdf5-library';
import { type Hdf5Writable, writeHdf5 } from '../../lib/io/write-hdf5';
import { randomStream } from '../../lib/random';
import { peerPython } from '../peer-python';
import { realData } from '../real-data';

const GOLDEN = resolve(__dirname, '../golden');
const golden = (name: string) => join(GOLDEN, 'hdf5', `${name}.h5`);

type Expected = Record<string, { shape: number[]; values: (number | string)[] }>;

let library: Hdf5Library;
beforeAll(async () => {
  library = await loadHdf5();
});

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'hybrid-ecg-hdf5-'));
}

function fault(act: () => unknown): KitError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(KitError);
    return error as KitError;
  }
  throw new Error('no error was thrown');
}

/** All values of a dataset as h5py lists them. */
function valuesOf(file: Hdf5File, name: string): (number | string)[] {
  return file.dataset(name).type === 'text' ? file.readTexts(name) : [...file.read(name)];
}

describe('Hdf5File', () => {
  const expected = JSON.parse(readFileSync(join(GOLDEN, 'hdf5.json'), 'utf8')) as Record<string, Expected>;

  it.each(Object.keys(expected))('equals h5py on %s', (name) => {
    const file = new Hdf5File(library, golden(name));
    expect(file.names().sort()).toEqual(Object.keys(expected[name]).sort());
    for (const [dataset, { shape, values }] of Object.entries(expected[name])) {
      expect(file.dataset(dataset).shape).toEqual(shape);
      expect(valuesOf(file, dataset), dataset).toEqual(values);
    }
    file.close();
  });

  it('reads any rows, of chunks that cut rows and axes too', () => {
    const { shape, values } = expected.latest.split;
    const rowValues = shape[1] * shape[2];
    const file = new Hdf5File(library, golden('latest'));
    for (let from = 0; from <= shape[0]; from++) {
      for (let to = from; to <= shape[0]; to++) {
        for (const name of ['split', 'gzip', 'tracings']) {
          const rows = [...file.read(name, { from, to })].map((value) => Number(value.toFixed(3)));
          expect(rows).toEqual(values.slice(from * rowValues, to * rowValues));
        }
      }
    }
    expect(file.dataset('gzip')).toMatchObject({ type: 'float32', rowBytes: 64, chunkRows: 2 });
    expect(file.dataset('tracings').chunkRows).toBeUndefined();
    expect(file.readTexts('exam_id', { from: 1 })).toEqual(['1099511627776', '0']);
    file.close();
  });

  it('refuses rows that are not there, rather than giving fewer', () => {
    const file = new Hdf5File(library, golden('latest'));
    for (const rows of [
      { to: 4 },
      { from: 4 },
      { from: -1 },
      { from: 2, to: 1 },
      { from: 0.5 },
      { from: Number.NaN },
    ]) {
      const error = fault(() => file.read('tracings', rows));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toMatch(/latest.h5, key tracings: rows: expected 0 to 3, got/);
    }
    file.close();
    file.close();
    expect(fault(() => file.read('tracings')).message).toMatch(/expected an open one, got closed/);
  });

  it.each([
    ['lzf', /key lzf: filter: expected gzip, shuffle, .* or scale-offset, got 'lzf' \(32000\)/],
    [
      'compound',
      /key compound: type: expected numbers of 8 to 64 bits, or text of fixed length, got class 6 of 8 bytes/,
    ],
    ['half', /type: expected numbers .*, got class 1 of 2 bytes/],
    ['vary', /type: expected numbers .*, got text of varying length/],
    ['big', /key big, row 0: value: expected a whole number within 2\^53, got 9007199254740994/],
    ['scalar', /shape: expected at least one axis, got none/],
    ['null', /shape: expected at least one axis, got none/],
    ['group', /HDF5 dataset: expected 'group', got a group or a link/],
    ['soft', /HDF5 dataset: expected 'soft', got (a group or a link|only )/],
    ['elsewhere', /refused.h5: HDF5 dataset: expected 'elsewhere', got a group or a link/],
    ['virtual', /layout: expected values in the file, got values in other files/],
    ['outside', /a fault: unable to open external raw data file/],
    ['huge', /key huge: size: expected at most \d+ bytes in a file of \d+, got 196608000000000 for/],
    ['hugechunk', /expected .* bytes.*, got 442368000 for \(9000, 4096, 12\)/],
    ['nothing', /HDF5 dataset: expected 'nothing', got only big, compound, /],
  ])('refuses %s, and says why', (name, message) => {
    const file = new Hdf5File(library, golden('refused'));
    const error = fault(() => file.read(name, { to: 1 }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(golden('refused'));
    file.close();
  });

  it('tells text from numbers', () => {
    const file = new Hdf5File(library, golden('types'));
    expect(fault(() => file.read('utf8')).message).toMatch(/key utf8: type: expected numbers, got text/);
    expect(fault(() => file.readTexts('le-f4')).message).toMatch(/type: expected text or whole numbers, got float32/);
    file.close();
    const other = new Hdf5File(library, golden('latest'));
    expect(fault(() => other.readTexts('tracings')).message).toMatch(/shape: expected one axis, got \(3, 8, 2\)/);
    other.close();
  });

  it('says what is no HDF5 file', () => {
    const folder = temporary();
    const text = join(folder, 'text.h5');
    writeFileSync(text, 'exam_id,patient_id\n');
    expect(fault(() => new Hdf5File(library, text)).message).toMatch(/text.h5: HDF5 file: .*file signature not found/);
    expect(fault(() => new Hdf5File(library, join(folder, 'none.h5')))).toBeInstanceOf(MissingFileError);
    expect(fault(() => new Hdf5File(library, folder))).toBeInstanceOf(FormatError);
    writeFileSync(text, '');
    expect(fault(() => new Hdf5File(library, text, { shown: 'a.zip/text.h5' })).message).toMatch(/^a.zip\/text.h5: /);
  });

  it('finds a file cut short', () => {
    const path = join(temporary(), 'cut.h5');
    for (const bytes of [4, 100, 2000, 2900]) {
      copyFileSync(golden('latest'), path);
      truncateSync(path, bytes);
      expect(fault(() => new Hdf5File(library, path)).message).toMatch(/got a fault: (truncated file|file signature)/);
    }
  });

  it('sees the new bytes of a file that was damaged and has been mended, in place', () => {
    const path = join(temporary(), 'mended.h5');
    const good = readFileSync(golden('earliest'));
    for (let round = 0; round < 3; round++) {
      const bad = Buffer.from(good);
      bad.fill(0xff, 90 + 40 * round, 400);
      writeFileSync(path, bad);
      fault(() => new Hdf5File(library, path).read('tracings')); // and stays open
      writeFileSync(path, good);
      const file = new Hdf5File(library, path);
      expect([...file.read('exam_id')]).toEqual([7, 2 ** 40, 0]);
      file.close();
    }
  });

  it('a chunk that unpacks to more than may be held is refused within bounds', async () => {
    const path = join(temporary(), 'bomb.h5');
    const stream = randomStream(1, 'bomb');
    const noise = Float32Array.from({ length: 4 * 80_000 }, () => stream.uniform());
    await writeHdf5(path, { tracings: { values: noise, shape: [4, 80_000], chunks: [4, 80_000], gzip: 1 } });
    const bytes = readFileSync(path);
    deflateSync(Buffer.alloc(MEMORY_BYTES + 2 ** 24), { level: 1 }).copy(
      bytes,
      bytes.indexOf(Buffer.from([0x78, 0x01])),
    );
    writeFileSync(path, bytes);
    const before = process.memoryUsage().rss;
    const file = new Hdf5File(library, path);
    expect(fault(() => file.read('tracings', { to: 1 })).message).toMatch(/filter returned failure during read/);
    file.close();
    expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY_BYTES * 1.2);
    const good = new Hdf5File(library, golden('latest'));
    expect([...good.read('exam_id')]).toEqual([7, 2 ** 40, 0]);
    good.close();
  });

  it('reads no more at once than it may hold', async () => {
    const path = join(temporary(), 'long.h5');
    const rows = 3;
    const row = MAX_SLICE_BYTES / 2;
    await writeHdf5(path, { zeros: { values: new Uint8Array(rows * row), shape: [rows, row] } });
    const file = await openHdf5(path);
    expect(file.read('zeros', { to: 2 })).toHaveLength(2 * row);
    expect(fault(() => file.read('zeros')).message).toMatch(/rows: expected at most 67108864 bytes, got 100663296/);
    file.close();
  });
});

describe('writeHdf5', () => {
  const kinds = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array];

  it('is read back equal: any type, shape, chunks and compression', async () => {
    const path = join(temporary(), 'any.h5');
    const options = fc.record({
      Kind: fc.constantFrom(...kinds),
      shape: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
      chunk: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      gzip: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      blockRows: fc.integer({ min: 1, max: 6 }),
      inBlocks: fc.boolean(),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(options, async ({ Kind, shape, chunk, gzip, blockRows, inBlocks, seed }) => {
        const stream = randomStream(seed, 'values');
        const count = shape.reduce((product, extent) => product * extent, 1);
        const values = new Kind(count).map(() => (stream.uniform() - 0.5) * 1e5);
        const rowValues = count / shape[0];
        const blocks: Hdf5Writable[] = [];
        for (let at = 0; at < count; at += blockRows * rowValues) {
          blocks.push(values.slice(at, at + blockRows * rowValues));
        }
        const chunks = chunk === undefined ? undefined : shape.map((extent) => Math.min(chunk, extent));
        const packed = chunks === undefined ? undefined : gzip;
        await writeHdf5(path, { a: { values: inBlocks ? blocks : values, shape, chunks, gzip: packed } });
        const file = new Hdf5File(library, path);
        expect(file.dataset('a').shape).toEqual(shape);
        expect(file.read('a')).toEqual(values);
        file.close();
      }),
      { numRuns: 60 },
    );
    expect(readdirSync(resolve(path, '..'))).toEqual(['any.h5']);
  });

  it('writes ids and texts', async () => {
    const path = join(temporary(), 'deeper', 'ids.h5');
    const texts = ['a', 'žluť', ''];
    await writeHdf5(path, { ids: { values: BigInt64Array.of(5n, -1n, 2n ** 50n) }, texts: { values: texts } });
    const file = await openHdf5(path);
    expect([...file.read('ids')]).toEqual([5, -1, 2 ** 50]);
    expect(file.readTexts('texts')).toEqual(texts);
    file.close();
  });

  it('refuses text that is not UTF-8, with its row', async () => {
    const path = join(temporary(), 'latin.h5');
    await writeHdf5(path, { ids: { values: ['Moller', 'Mxller', 'Mzller'] } });
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('Mzller') + 1] = 0xfc;
    writeFileSync(path, bytes);
    const file = await openHdf5(path);
    expect(file.readTexts('ids', { to: 2 })).toEqual(['Moller', 'Mxller']);
    expect(() => file.readTexts('ids', { from: 1 })).toThrow(FormatError);
    expect(() => file.readTexts('ids', { from: 1 })).toThrow(/latin.h5, key ids, row 2: text: expected UTF-8/);
    file.close();
  });

  it('names the row of a value that is too large, also in a part of the rows', async () => {
    const path = join(temporary(), 'large.h5');
    const values = BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 2n ** 53n + 2n, 7n, 8n);
    await writeHdf5(path, { pairs: { values, shape: [4, 2] } });
    const file = await openHdf5(path);
    expect(() => file.read('pairs', { from: 1 })).toThrow(/key pairs, row 2: value/);
    expect(() => file.read('pairs', { from: 2, to: 3 })).toThrow(/key pairs, row 2: value/);
    file.close();
  });

  it('writes nothing where it cannot write all', async () => {
    const folder = temporary();
    const path = join(folder, 'a.h5');
    await writeHdf5(path, { a: { values: Int8Array.of(1, 2) } });
    const before = readFileSync(path);
    const values = Int8Array.of(1, 2, 3);
    await expect(writeHdf5(path, { a: { values, shape: [2, 2] } })).rejects.toThrow(/expected those of \(2, 2\)/);
    await expect(writeHdf5(path, { a: { values, shape: [2] } })).rejects.toThrow(ArgumentError);
    await expect(writeHdf5(path, { a: { values, gzip: 3 } })).rejects.toThrow(/gzip: expected 1 to 9, with chunks/);
    await expect(writeHdf5(path, { a: { values, chunks: [1, 1] } })).rejects.toThrow(/chunks: expected 1 axes/);
    await expect(writeHdf5(path, { a: { values: [values] } })).rejects.toThrow(/shape: expected one for blocks/);
    await expect(writeHdf5(join(path, 'b.h5'), { a: { values } })).rejects.toThrow(/cannot write: .*(ENOTDIR|EEXIST)/);
    const broken = (function* () {
      yield values;
      throw new TypeError('made no more');
    })();
    await expect(writeHdf5(path, { a: { values: broken, shape: [6] } })).rejects.toThrow('made no more');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.h5']);
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full (skipped without /dev/full)', async () => {
    const folder = temporary();
    const path = join(folder, 'full.h5');
    const { symlinkSync } = await import('node:fs');
    symlinkSync('/dev/full', `${path}.${process.pid}.part`);
    const failing = writeHdf5(path, { a: { values: new Float32Array(100_000) } });
    await expect(failing).rejects.toMatchObject({ tag: 'StorageError' });
    expect(readdirSync(folder)).toEqual([]);
  });

  const python = peerPython('h5py');
  it.skipIf(python === undefined)('is read by h5py (skipped without a Python that has h5py)', async () => {
    const path = join(temporary(), 'ours.h5');
    const values = Float32Array.from({ length: 24 }, (_, i) => i / 8);
    await writeHdf5(path, {
      plain: { values, shape: [4, 6] },
      packed: { values, shape: [4, 3, 2], chunks: [2, 3, 1], gzip: 6 },
      blocks: { values: [values.slice(0, 6), values.slice(6)], shape: [4, 6] },
      exam_id: { values: BigInt64Array.of(1n, 2n ** 40n) },
      hashes: { values: ['ab', 'c'] },
    });
    const read = JSON.parse(execFileSync(python!, [join(GOLDEN, 'hdf5.py'), 'read', path], { encoding: 'utf8' }))[path];
    expect(read).toEqual({
      plain: { shape: [4, 6], values: [...values] },
      packed: { shape: [4, 3, 2], values: [...values] },
      blocks: { shape: [4, 6], values: [...values] },
      exam_id: { shape: [2], values: [1, 2 ** 40] },
      hashes: { shape: [2], values: ['ab', 'c'] },
    });
  });
});

describe('mutated HDF5 files', () => {
  const numbers = ['exam_id', 'tracings', 'gzip', 'split'];
  // 2 to 5 ms a file: 10,200 in all, or 10,000 of each kind where they are asked for
  const full = process.env.HYBRID_ECG_FUZZ === 'full';
  const files = full ? 10_000 : 3400;
  /** Old headers carry no sums, so damage there reaches HDF5's decoders. */
  it.each([
    ['earliest', numbers],
    ['latest', numbers],
    ['types', ['utf8', 'fixed', 'scaled', 'be-f4', 'le-u8']],
  ] as const)('give values or a typed error: %s', { timeout: full ? 600_000 : 120_000 }, (name, datasets) => {
    const good = readFileSync(golden(name));
    const file = new Hdf5File(library, golden(name));
    const whole = datasets.map((dataset) => valuesOf(file, dataset));
    file.close();
    const path = join(temporary(), 'mutated.h5');
    const used = [...good.keys()].filter((at) => good[at] !== 0);
    const byte = fc.record({
      at: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...used) }, fc.nat(good.length - 1)),
      to: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
    });
    const mutation = fc.record({
      bytes: fc.array(byte, { minLength: 1, maxLength: 4 }),
      cut: fc.oneof({ weight: 15, arbitrary: fc.constant(good.length) }, fc.nat(good.length)),
    });
    let refused = 0;
    let read = 0;
    fc.assert(
      fc.property(mutation, ({ bytes, cut }) => {
        const mutated = Buffer.from(good);
        for (const { at, to } of bytes) mutated[at] = to;
        writeFileSync(path, mutated.subarray(0, cut));
        let opened: Hdf5File | undefined;
        try {
          opened = new Hdf5File(library, path);
          for (const dataset of datasets) {
            const rows = { to: Math.min(3, opened.dataset(dataset).shape[0]) };
            const values = opened.dataset(dataset).type === 'text' ? [] : [...opened.read(dataset, rows)];
            if (opened.dataset(dataset).type === 'text') opened.readTexts(dataset, rows);
            // headers and values with sums: what comes is what was written
            if (name === 'latest' && dataset === 'gzip') expect(values).toEqual(whole[datasets.indexOf(dataset)]);
          }
          read++;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          expect(error.message).toContain(path);
          refused++;
        } finally {
          opened?.close();
        }
      }),
      { numRuns: files, seed: 2003 },
    );
    expect(refused + read).toBe(files);
    expect(refused).toBeGreaterThan(100);
    expect(read).toBeGreaterThan(10);
    const again = new Hdf5File(library, golden(name));
    expect(datasets.map((dataset) => valuesOf(again, dataset))).toEqual(whole);
    again.close();
  });
});

const real = realData('code-15');
describe.skipIf(real === undefined)('real CODE-15 exams (skipped without HYBRID_ECG_REAL_DATA)', () => {
  it('are the bytes that lie in the file', async () => {
    const path = join(real!, 'hdf5', 'exams_part0.hdf5');
    const file = await openHdf5(path);
    expect(file.dataset('tracings')).toMatchObject({ type: 'float32', shape: [10, 4096, 12] });
    const bytes = readFileSync(path);
    const first = file.read('tracings', { from: 2, to: 3 });
    const start = bytes.indexOf(Buffer.from(first.buffer, 0, 4096)) - 2 * 4096 * 12 * 4;
    const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + start + 10 * 196_608));
    const read = file.read('tracings');
    expect(Buffer.from(read.buffer).equals(Buffer.from(all.buffer))).toBe(true);
    file.close();
  });
});
