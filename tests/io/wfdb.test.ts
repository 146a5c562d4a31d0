import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import { INVALID_SAMPLE, readWfdbRecord } from '../../lib/io/wfdb';
import { parseWfdbHeader } from '../../lib/io/wfdb-header';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { peerPython } from '../peer-python';
import { realData } from '../real-data';

const GOLDEN = resolve(__dirname, '../golden');

interface Expected {
  fs: number;
  samples: number;
  leads: string[];
  units: string[];
  gains: number[];
  baselines: number[];
  comments: string[];
  adc: number[][];
  physical: (number | null)[][];
}

function expectEqual(path: string, expected: Expected): void {
  const record = readWfdbRecord(path);
  const { fs, samples, leads, units, gains, baselines, comments, adc, physical } = expected;
  expect({ ...record, adc: record.adc.map((lead) => [...lead]), signal: undefined, name: undefined }).toEqual({
    fsHz: fs,
    samples,
    leads,
    units,
    gains,
    baselines,
    comments,
    adc,
    signal: undefined,
    name: undefined,
  });
  const values = physical.flat().map((value) => (value === null ? Number.NaN : Math.fround(value)));
  expect([...record.signal]).toEqual(values);
}

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'hybrid-ecg-wfdb-'));
}

/** A whole record in a new folder, with its header's text changed. */
function recordWithHeader(change: (header: string) => string): string {
  const folder = temporary();
  for (const file of ['plain.hea', 'plain.dat']) copyFileSync(join(GOLDEN, 'wfdb', file), join(folder, file));
  const header = join(folder, 'plain.hea');
  writeFileSync(header, change(readFileSync(header, 'utf8')));
  return join(folder, 'plain');
}

function fault(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('no error was thrown');
}

describe('readWfdbRecord', () => {
  const golden = JSON.parse(readFileSync(join(GOLDEN, 'wfdb.json'), 'utf8')) as Record<string, Expected>;

  it.each(Object.keys(golden))('equals wfdb-python bit for bit: %s', (name) => {
    expectEqual(join(GOLDEN, 'wfdb', name), golden[name]);
    expectEqual(join(GOLDEN, 'wfdb', `${name}.hea`), golden[name]);
  });

  it('marks invalid samples with NaN', () => {
    const { adc, signal, samples } = readWfdbRecord(join(GOLDEN, 'wfdb', 'varied'));
    expect(adc[1][0]).toBe(INVALID_SAMPLE);
    expect(signal[samples]).toBeNaN();
    expect([...signal].filter(Number.isNaN)).toHaveLength(3);
  });

  it('reads back what was written, for any samples', () => {
    const folder = temporary();
    const samples = fc.integer({ min: 1, max: 40 });
    const lead = (length: number) => fc.int16Array({ minLength: length, maxLength: length });
    const record = fc.tuple(samples, fc.integer({ min: 1, max: 12 })).chain(([length, leads]) =>
      fc.record({
        adc: fc.array(lead(length), { minLength: leads, maxLength: leads }),
        gainPerMv: fc.constantFrom(1000, 200, 4.88, 0.5),
        baseline: fc.integer({ min: -2000, max: 2000 }),
        comments: fc.array(fc.constantFrom('Age: 61', 'synthetic', 'a # in it'), { maxLength: 3 }),
      }),
    );
    fc.assert(
      fc.property(record, ({ adc, ...rest }) => {
        const leads = adc.map((_, i) => `lead ${i}`);
        writeWfdbRecord(join(folder, 'r'), { fsHz: 500, leads, adc, ...rest });
        const read = readWfdbRecord(join(folder, 'r'));
        expect(read.adc).toEqual(adc);
        expect(read.leads).toEqual(leads);
        expect(read.comments).toEqual(rest.comments);
        expect(new Set(read.gains)).toEqual(new Set([rest.gainPerMv]));
        expect(new Set(read.baselines)).toEqual(new Set([rest.baseline]));
      }),
      { numRuns: 60 },
    );
  });

  it('takes the length from the file where the header has none', () => {
    const path = recordWithHeader((header) => header.replace('plain 3 500 40', 'plain 3 500'));
    expect(readWfdbRecord(path).samples).toBe(40);
  });

  it('reads headers of any encoding, line by line, and mangles no file name for the sake of a comment', () => {
    const folder = temporary();
    copyFileSync(join(GOLDEN, 'wfdb', 'plain.dat'), join(folder, 'plän.dat'));
    const text = readFileSync(join(GOLDEN, 'wfdb', 'plain.hea'), 'utf8').replaceAll('plain.dat', 'plän.dat');
    const mixed = Buffer.concat([Buffer.from(text), Buffer.from('# Müller, 5 \x80\n', 'latin1')]);
    const plain = readWfdbRecord(join(GOLDEN, 'wfdb', 'plain'));
    for (const [bytes, comments] of [
      [mixed, ['Müller, 5 €']],
      [Buffer.concat([mixed, Buffer.of(0x1a)]), ['Müller, 5 €']],
      [Buffer.from(mixed.toString('latin1').replaceAll('\n', '\r'), 'latin1'), ['Müller, 5 €']],
      [Buffer.from(`${text}# \ufffd 中\n`), ['\ufffd 中']],
      [Buffer.from(`\ufeff${text}`), []],
      [Buffer.from(`\ufeff${text}# ü\r\n`, 'utf16le'), ['ü']],
      [Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), []],
      [Buffer.from(`${text.replaceAll('\n', '\r\n')}\x1a`), []],
    ] as const) {
      writeFileSync(join(folder, 'plain.hea'), bytes);
      expect(readWfdbRecord(join(folder, 'plain'))).toEqual({ ...plain, comments });
    }
    writeFileSync(join(folder, 'plain.hea'), Buffer.from(text, 'utf16le'));
    expect(() => readWfdbRecord(join(folder, 'plain'))).toThrow(
      /plain.hea, record plain: WFDB header: .* got UTF-16LE without a byte order mark/,
    );
  });

  it.each([
    ['one signal line too few', (h: string) => h.replace(/^.* V1\n/m, ''), /signal lines: expected 3 .*, got 2/],
    ['a wrong signal count', (h: string) => h.replace('plain 3', 'plain 4'), /signal lines: expected 4 .*, got 3/],
    ['a count that is no number', (h: string) => h.replace('plain 3', 'plain x'), /number of signals: .*got 'x'/],
    ['no record line', () => '# only a comment\n', /expected a record line, got no line/],
    ['too few segments', (h: string) => h.replace('plain 3', 'plain/2 3'), /segment lines: expected 2 .*, got 3/],
    ['a rate of 0', (h: string) => h.replace('3 500', '3 0'), /sampling rate: expected a number > 0 Hz, got '0'/],
    ['a longer record', (h: string) => h.replace('500 40', '500 41'), /bytes: expected 246 .*, got 240/],
    ['a shorter record', (h: string) => h.replace('500 40', '500 39'), /bytes: expected 234 .*, got 240/],
    [
      'another format',
      (h: string) => h.replaceAll('.dat 16', '.dat 212'),
      /record plain, lead I: bytes: expected 180 \(3 leads of 40 samples\), got 240/,
    ],
    ['a format that is none', (h: string) => h.replaceAll('.dat 16', '.dat x'), /signal format: .*got 'x'/],
    [
      'samples in frames',
      (h: string) => h.replaceAll('.dat 16', '.dat 16x2'),
      /lead I: bytes: expected 480 \(3 leads of 40 samples\), got 240/,
    ],
    [
      'a file name alone',
      (h: string) => h.replace(/plain\.dat 16 .* I\n/, 'plain.dat\n'),
      /at least a file name and a format/,
    ],
    ['a gain that is none', (h: string) => h.replace('1000.0(0)/mV', 'much/mV'), /gain: .*got 'much\/mV'/],
    ['a checksum that is none', (h: string) => h.replace(/(-?\d+) 0 II\n/, 'sum 0 II\n'), /checksum: .*got 'sum'/],
    [
      'a wrong checksum',
      (h: string) => h.replace(/(-?\d+) 0 II\n/, '4711 0 II\n'),
      /lead II: checksum: expected 4711, got/,
    ],
    [
      'a wrong first value',
      (h: string) => h.replace(/16 0 (-?\d+) /, '16 0 4711 '),
      /lead I: first value: expected 4711/,
    ],
  ])('refuses a header with %s', (_, change, message) => {
    const error = fault(() => readWfdbRecord(recordWithHeader(change)));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('plain');
  });

  it.each([0, 1, 237, 239])('refuses a .dat cut to %i bytes, and says so with file and record', (bytes) => {
    const path = recordWithHeader((header) => header);
    truncateSync(`${path}.dat`, bytes);
    const error = fault(() => readWfdbRecord(path));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(
      `plain.dat, record plain, lead I: bytes: expected 240 (3 leads of 40 samples), got ${bytes}`,
    );
  });

  it('finds any flipped bit, by the checksum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 239 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const path = recordWithHeader((header) => header);
        const bytes = readFileSync(`${path}.dat`);
        bytes[at] ^= 1 << bit;
        writeFileSync(`${path}.dat`, bytes);
        expect(fault(() => readWfdbRecord(path))).toBeInstanceOf(FormatError);
      }),
      { numRuns: 40 },
    );
  });

  it('names the file that is missing', () => {
    expect(fault(() => readWfdbRecord('/nowhere/00001_lr'))).toBeInstanceOf(MissingFileError);
    const path = recordWithHeader((header) => header.replaceAll('plain.dat', 'gone.dat'));
    const error = fault(() => readWfdbRecord(path));
    expect(error).toBeInstanceOf(MissingFileError);
    expect(error.message).toContain('gone.dat');
  });
});

describe('parseWfdbHeader', () => {
  it('fills in what the format leaves optional', () => {
    const header = parseWfdbHeader('r 1\nr.dat 16', () => ({ file: 'r.hea', record: 'r' }));
    expect(header).toMatchObject({ fsHz: 250, samples: undefined });
    expect(header.signals[0]).toMatchObject({ gain: 200, baseline: 0, units: 'mV', checksum: undefined });
    expect(header.signals[0].description).toBe('record r, signal 0');
  });

  it('takes the baseline from the ADC zero where the gain has none', () => {
    const [signal] = parseWfdbHeader('r 1 500 10\nr.mat 16+24 7247.5/uV 16 33 1 2 0 II', () => ({
      file: 'r.hea',
      record: 'r',
    })).signals;
    expect(signal).toMatchObject({ gain: 7247.5, baseline: 33, units: 'uV', byteOffset: 24 });
  });
});

const python = peerPython('wfdb');
const real = {
  'ptb-xl-100hz': ['records100/00000', 40],
  'ptb-xl-500hz-500': ['records500/00000', 15],
  'code-15': ['wfdb', 15],
} as const;

describe.skipIf(python === undefined)(
  'readWfdbRecord beside wfdb-python (skipped without a Python that has wfdb)',
  () => {
    it.each(Object.keys(real) as (keyof typeof real)[])('equals it on real records of %s', (set) => {
      const folder = realData(set);
      if (folder === undefined) return console.log(`skipped: HYBRID_ECG_REAL_DATA has no ${set}`);
      const [under, most] = real[set];
      const paths = readdirSync(join(folder, under))
        .filter((name) => name.endsWith('.hea'))
        .slice(0, most)
        .map((name) => join(folder, under, name.slice(0, -4)));
      const options = { maxBuffer: 1 << 30, encoding: 'utf8' } as const;
      const read = JSON.parse(execFileSync(python!, [join(GOLDEN, 'wfdb_records.py'), 'read', ...paths], options));
      for (const path of paths) expectEqual(path, read[path]);
    });

    it.each(['s0010_re', 'test01_00s', 'a103l', 'a103l-no-len'])('equals it on the sample record %s', (name) => {
      const folder = realData('wfdb-samples');
      if (folder === undefined) return console.log('skipped: HYBRID_ECG_REAL_DATA has no wfdb-samples');
      const path = join(folder, 'sample-data', name);
      if (name === 's0010_re') {
        // three of its signals lie in a second file
        expect(readWfdbRecord(path).leads).toHaveLength(15);
      }
      const options = { maxBuffer: 1 << 30, encoding: 'utf8' } as const;
      expectEqual(
        path,
        JSON.parse(execFileSync(python!, [join(GOLDEN, 'wfdb_records.py'), 'read', path], options))[path],
      );
    });
  },
);
