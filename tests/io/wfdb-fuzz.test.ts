import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KitError } from '../../lib/errors';
import { bufferSource } from '../../lib/io/byte-source';
import { readWfdbRecord, type WfdbOptions, type WfdbRecord } from '../../lib/io/wfdb';
import { zipTree } from '../../lib/io/zip-tree';
import { memoryTree } from '../memory-tree';
import { zipBytes } from '../write-zip';
import { wfdbFiles } from './wfdb-writer';

type Files = Record<string, Uint8Array>;

const ramp = (length: number, scale: number) => Array.from({ length }, (_, i) => Math.round(scale * Math.sin(i * 1.7)));

/** Records of every kind, each called r. */
const RECORDS: Readonly<Record<string, Files>> = {
  'format 16': wfdbFiles({
    name: 'r',
    signals: ['I', 'II', 'V1'].map((description, i) => {
      return { file: 'r.dat', format: 16, samples: ramp(40, 900 + i), gain: 1000, description };
    }),
    comments: ['age: 60'],
  }),
  'many formats': wfdbFiles({
    name: 'r',
    byteOffset: 8,
    signals: [80, 212, 61, 310, 160, 311].map((format, i) => {
      return { file: `r_${i}.dat`, format, samples: ramp(66, 100 - i), samplesPerFrame: 2, skew: i % 3 };
    }),
  }),
  FLAC: wfdbFiles({
    name: 'r',
    openLength: true,
    signals: [
      { file: 'r_1.dat', format: 516, samples: ramp(90, 9000) },
      { file: 'r_1.dat', format: 516, samples: ramp(90, 20) },
      { file: 'r_2.dat', format: 508, samples: ramp(90, 90) },
    ],
  }),
  'several segments': (() => {
    const signal = (description: string, scale: number) => {
      return { file: '', format: 212, samples: ramp(20, scale), description };
    };
    const segment = (name: string, leads: ReturnType<typeof signal>[]) =>
      wfdbFiles({ name, signals: leads.map((lead) => ({ ...lead, file: `${name}.dat` })) });
    return {
      'r.hea': Buffer.from('r/4 2 500 50\nr_l 0\nr_1 20\n~ 10\nr_2 20\n'),
      'r_l.hea': Buffer.from('r_l 2 500 0\n~ 0 200/mV 12 0 0 0 0 I\n~ 0 200/mV 12 0 0 0 0 V\n'),
      ...segment('r_1', [signal('I', 700), signal('V', 300)]),
      ...segment('r_2', [signal('V', 500)]),
    };
  })(),
};

const NASTY = [
  ...['0', '1', '-1', '2', '3', '7', '16', '39', '41', '80', '255', '65536', '4294967296', '2000000000'],
  ...['9007199254740992', '99999999999999999999999', '1e9', '1e308', '1e-300', '-0', '+5', '0x10', '1.5', '.5', '5.'],
  ...[
    'NaN',
    'Infinity',
    'null',
    '~',
    '~~',
    '/',
    '-',
    'x',
    ':',
    '+',
    '()',
    '/mV',
    '(0)/mV',
    '200(',
    '200(1',
    '200(x)/mV',
  ],
  ...['0/mV', '0(0)/mV', '-200/mV', '1e999/mV', '1e-200/mV', '200(99999999999)/mV', '200(-5)/V', '200/\u00b5V'],
  ...['16x0', '16x2', '16x1000000000', '16:1', '16:99999999', '16+1', '16+99999999999', '16x2:3+4', '212', '61', '508'],
  ...['24x', 'x4', '310', '8', '32', '13', '999', '0', 'r/2', 'r/0', 'r/1000000000', '/2', 'r/-1', '360/250(-5)'],
  ...['../r.dat', '../../../../etc/passwd', '/etc/passwd', 'a/../../r.dat', './r.dat', 'r.dat', 'r_1.dat', 'r_2.dat'],
  ...[
    'r_1',
    'r_l',
    'r.hea',
    '.',
    '..',
    'C:\\r.dat',
    '\0',
    'r\0.dat',
    '\ud800',
    '#',
    '# no',
    '\u2028',
    'a'.repeat(5000),
  ],
];

interface Change {
  readonly kind: 'field' | 'insert' | 'drop' | 'line' | 'character';
  readonly line: number;
  readonly at: number;
  readonly value: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('field', 'field', 'field', 'insert', 'drop', 'line', 'character'),
  line: fc.nat(20),
  at: fc.nat(60),
  value: fc.oneof(
    fc.constantFrom(...NASTY),
    fc.constantFrom(...NASTY),
    fc.integer().map(String),
    fc.double().map(String),
    fc.string({ maxLength: 12 }),
  ),
});

/** A file, or a segment, of a longer name than a disk has. */
const named: Change = { kind: 'field', line: 2, at: 0, value: 'a'.repeat(5000) };

/** The text of a header with one thing changed. */
function changed(text: string, { kind, line, at, value }: Change): string {
  const lines = text.trimEnd().split('\n');
  const i = line % lines.length;
  const fields = lines[i].split(' ');
  const f = at % fields.length;
  if (kind === 'field') fields[f] = value;
  if (kind === 'insert') fields.splice(f, 0, value);
  if (kind === 'drop') fields.splice(f, 1 + (line % 3));
  lines[i] = fields.join(' ');
  if (kind === 'line') lines.splice(i, line % 2, value.length % 2 ? lines[at % lines.length] : value);
  const all = lines.join('\n');
  const c = at % all.length;
  return kind === 'character' ? all.slice(0, c) + value.slice(0, 1) + all.slice(c + 1) : all;
}

/** Reads a record; an error must be one of the kit's, and name a file of the record and what is wrong with it. */
function readOrError(files: Files, options: WfdbOptions = {}): WfdbRecord | undefined {
  try {
    return readWfdbRecord('r', { files: memoryTree(files), ...options });
  } catch (error) {
    if (!(error instanceof KitError)) throw error;
    expect(error.where.file, error.message).toMatch(/^\/data\/./su);
    expect(error.where.record, error.message).toBeTruthy();
    expect(error.message).toMatch(/: [^:]+.*: expected .+, got .*/su);
    return undefined;
  }
}

const ORIGINALS = Object.fromEntries(Object.keys(RECORDS).map((name) => [name, readOrError(RECORDS[name])!]));

/** Whether each signal line still has the format, skew and checksum that it had, in the same order. */
function describesTheSame(before: Uint8Array, after: Uint8Array): boolean {
  const key = (bytes: Uint8Array) =>
    Buffer.from(bytes)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
      .map((line) => line.trim().split(/\s+/))
      .map((fields, i) => (i === 0 ? '' : [fields[1], fields[6]].join(' ')))
      .join('\n');
  return key(before) === key(after);
}

/** What was read must follow from its own gains; and where nothing but words changed, be what it was. */
function expectConsistent(read: WfdbRecord, original: WfdbRecord | undefined): void {
  const { samples, adc, signal, gains, baselines, segments } = read;
  expect(signal).toHaveLength(samples * adc.length);
  adc.forEach((lead, l) => {
    expect(lead).toHaveLength(samples);
    if (segments !== undefined) return; // each segment has its own
    const mark = lead instanceof Int16Array ? -32768 : -(2 ** 31);
    for (let i = 0; i < samples; i++) {
      const due = lead[i] === mark ? Number.NaN : Math.fround((lead[i] - baselines[l]) / gains[l]);
      if (!Object.is(signal[l * samples + i], due)) expect(signal[l * samples + i]).toBe(due);
      if (!(Number.isNaN(due) || Number.isFinite(due))) throw new Error(`${due}`);
    }
  });
  if (original === undefined) return;
  const bytes = ({ adc }: WfdbRecord) =>
    adc.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('base64'));
  expect(bytes(read)).toEqual(bytes(original));
}

const SEED = 160125;

/** A record's files, one of its headers, and that header with some changes. */
function damagedHeader(name: string, which: number, changes: readonly Change[]) {
  const files = RECORDS[name];
  const headers = Object.keys(files).filter((file) => file.endsWith('.hea'));
  const file = headers[which % headers.length];
  return { files, file, text: changes.reduce(changed, Buffer.from(files[file]).toString()) };
}

describe('readWfdbRecord of damaged records', () => {
  it('gives a typed error or the right signal, whatever is in a header', { timeout: 60_000 }, () => {
    const names = fc.constantFrom(...Object.keys(RECORDS));
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(names, fc.nat(5), fc.array(change, { minLength: 1, maxLength: 3 }), (name, h, changes) => {
        const { files, file, text } = damagedHeader(name, h, changes);
        const damaged = { ...files, [file]: Buffer.from(text) };
        const record = readOrError(damaged);
        if (record === undefined) refused++;
        else {
          read++;
          const same = name !== 'several segments' && describesTheSame(files[file], damaged[file]);
          expectConsistent(record, same ? ORIGINALS[name] : undefined);
        }
      }),
      { numRuns: 10_000, seed: SEED },
    );
    expect(refused).toBeGreaterThan(3000);
    expect(read).toBeGreaterThan(300);
  });

  it('gives a typed error or a signal in a folder on disk too, whatever is in a header', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-fuzz-'));
    const names = fc.constantFrom(...Object.keys(RECORDS));
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(names, fc.nat(5), fc.array(change, { minLength: 1, maxLength: 3 }), (name, h, changes) => {
        const { files, file, text } = damagedHeader(name, h, changes);
        for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
        writeFileSync(join(folder, file), text);
        try {
          readWfdbRecord(join(folder, 'r'));
          read++;
        } catch (error) {
          if (!(error instanceof KitError)) throw error;
          expect(error.where.file).toContain(folder);
          refused++;
        }
      }),
      {
        numRuns: 400,
        seed: SEED,
        examples: [
          ['several segments', 0, [named]],
          ['format 16', 0, [named]],
        ],
      },
    );
    rmSync(folder, { recursive: true });
    expect(refused).toBeGreaterThan(100);
    expect(read).toBeGreaterThan(10);
  });

  it('gives a typed error or the same signal when a signal file is cut, lengthened or has bits flipped', () => {
    const names = fc.constantFrom(...Object.keys(RECORDS));
    const damage = fc.record({
      file: fc.nat(9),
      kind: fc.constantFrom('cut', 'flip', 'flip', 'flip', 'append'),
      at: fc.nat(100_000),
      bit: fc.nat(7),
    });
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(names, damage, (name, { file, kind, at, bit }) => {
        const files = RECORDS[name];
        const signalFiles = Object.keys(files).filter((key) => key.endsWith('.dat'));
        const target = signalFiles[file % signalFiles.length];
        const bytes = Uint8Array.from(files[target]);
        const i = at % bytes.length;
        if (kind === 'flip') bytes[i] ^= 1 << bit;
        const parts = {
          cut: bytes.slice(0, i),
          flip: bytes,
          append: Uint8Array.from([...bytes, ...bytes.slice(0, i)]),
        };
        const record = readOrError({ ...files, [target]: parts[kind] });
        if (record === undefined) refused++;
        else {
          read++;
          expectConsistent(record, ORIGINALS[name]);
        }
        // and without checksums it does not crash either
        readOrError({ ...files, [target]: parts[kind] }, { verify: false, resolution: 'highest' });
      }),
      { numRuns: 10_000, seed: SEED },
    );
    expect(refused).toBeGreaterThan(5000);
    expect(read).toBeGreaterThan(200); // bits that no sample is made of, bytes after the last
  });

  it.each([
    ['frames', 'r 1 500 1000000000\nr.dat 16 200', /r\.dat, record r.*bytes: expected 2000000000 .*, got 8/],
    ['samples a frame', 'r 1 500\nr.dat 16x1000000000 200', /r\.dat, record r.*bytes: expected .*, got 8/],
    ['a byte offset', 'r 1 500 4\nr.dat 16+2000000000 200', /bytes: expected 2000000008 .*, got 8/],
    ['signals', 'r 500000000 500 4\nr.dat 16 200', /r\.hea, record r, line 1: signal lines: expected 500000000/],
    ['segments', 'r/500000000 1 500\nr 4', /r\.hea, record r, line 1: segment lines: expected 500000000/],
    [
      'null signals',
      'r 2 500 1000000000\n~ 0 200\n~ 0 200',
      /r\.hea, record r: values of the record: expected at most/,
    ],
    ['FLAC samples', 'r 1 500 1000000000\nr.dat 516 200', /r\.dat, record r.*FLAC signature/],
  ])('takes no memory for 2 GB of %s that a header of 100 bytes claims', (_, header, message) => {
    expect(header.length).toBeLessThanOrEqual(100);
    const before = process.memoryUsage();
    const files = memoryTree({ 'r.hea': Buffer.from(header), 'r.dat': new Uint8Array(8) });
    expect(() => readWfdbRecord('r', { files })).toThrow(message);
    const { arrayBuffers, heapTotal } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers + heapTotal - before.heapTotal).toBeLessThan(64 * 2 ** 20);
  });

  it.each(['../r.dat', '/etc/hostname', 'a/../../r.dat', '..', '\0', 'a\\..\\r.dat'])(
    'reads no file outside the folder of the header: %j',
    (name) => {
      const header = Buffer.from(`r 1 500 4\n${name} 16 200`);
      const files = memoryTree({ 'in/r.hea': header, 'r.dat': new Uint8Array(8), 'in/r.dat': new Uint8Array(8) });
      const act = () => readWfdbRecord('in/r', { files });
      expect(act).toThrow(/^\/data\/in\/r\.hea, record r, lead record r, signal 0, line 2: file name: expected a file/);
    },
  );

  it('refuses a header that is too long to be one', () => {
    const files = memoryTree({ 'r.hea': new Uint8Array(2 ** 22 + 1).fill(32) });
    const message = /r\.hea, record r: WFDB header: expected at most 4194304 bytes, got 4194305/;
    expect(() => readWfdbRecord('r', { files })).toThrow(message);
    // an archive says how long it is before it is inflated
    const zip = zipBytes([{ name: 'r.hea', bytes: randomBytes(5000), claims: { size: 2 ** 22 + 1 } }]);
    expect(() => readWfdbRecord('r', { files: zipTree(bufferSource(zip, '/data/a.zip')) })).toThrow(message);
  });
});
