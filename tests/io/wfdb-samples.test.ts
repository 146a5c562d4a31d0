import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import { readWfdbRecord, type WfdbOptions, type WfdbRecord } from '../../lib/io/wfdb';
import { parseWfdbHeader, type WfdbSignal } from '../../lib/io/wfdb-header';
import { peerPython } from '../peer-python';
import { realData } from '../real-data';

/**
 * The sample records of wfdb-python, every one: against what the original `rdsamp` printed where its output is kept
 * (which command made which file is in the docstrings of wfdb-python's tests/test_record.py), else against wfdb-python.
 */
interface Sample {
  /** What `rdsamp` printed of it. */
  readonly targets?: readonly Target[];
  /** Compared with wfdb-python; the part of it that there are files for. Default the whole, where there is no target. */
  readonly peer?: { readonly start?: number; readonly end?: number; readonly digital?: boolean };
  /** A value that all samples of a lead have, which is the whole target. */
  readonly constant?: readonly number[];
  /** Why it is read as a header alone: its signal file is not among the samples. */
  readonly missing?: string;
  /** Its header's fault, for which it is read unverified. */
  readonly fault?: RegExp;
  /** What wfdb-python says otherwise, and why. */
  readonly unlikePeer?: { readonly units: readonly string[] };
}

interface Target {
  readonly file: string;
  readonly start?: number;
  readonly end?: number;
  readonly resolution?: WfdbOptions['resolution'];
  /** Signals in the order of the columns; default all. */
  readonly leads?: readonly number[];
  /** Whether it is in physical units, to 8 decimals. */
  readonly physical?: boolean;
  /** Rows of the file before `start`: they are of a segment whose file is not among the samples. */
  readonly without?: number;
  /** What invalid samples were printed as; `rdsamp` prints -32768, but some targets were edited. */
  readonly invalid?: number;
}

const MISSING = 'no signal file among the samples';
const WRONG_FIRST = /lead ECG_3: first value: expected -57, got -66/;

const SAMPLES: Readonly<Record<string, Sample>> = {
  '03700181': {
    targets: [{ file: 'record-4b' }, { file: 'record-4c', start: 1000, end: 16000, leads: [0, 2], physical: true }],
    peer: {},
  },
  '100': { targets: [{ file: 'record-2b', start: 1, end: 10800, leads: [1] }], peer: {} },
  '100-no-len': {},
  '1003': { missing: MISSING },
  '100_3chan': { targets: [{ file: 'record-2c', physical: true }], peer: {} },
  '100skew': {},
  '12726': { missing: MISSING },
  '3000003_0003': { targets: [{ file: 'record-1d', start: 125, end: 1000, leads: [1], physical: true }], peer: {} },
  '310derive': { targets: [{ file: 'record-2d', start: 2 }], peer: {} },
  '310derive_2': {},
  '310derive_3': {},
  '311derive': { targets: [{ file: 'record-2e', start: 1, end: 978, physical: true }], peer: {} },
  '311derive_2': {},
  '311derive_3': {},
  '311derive_4': {},
  a103l: {
    targets: [
      { file: 'record-1b', start: 12500, end: 40000, leads: [2, 0], physical: true },
      { file: 'record-1c', start: 20000, leads: [0, 1] },
    ],
    peer: {},
  },
  'a103l-no-len': {},
  binformats: { targets: [{ file: 'record-1f.gz' }], peer: {} },
  drive02: { missing: MISSING },
  'drive02-no-len': { missing: MISSING },
  flac_3_constant: { constant: [25, 50, 75] },
  flacformats: { targets: [{ file: 'record-flac.gz' }], peer: {} },
  mixedsignals: {},
  'multi-segment/041s/041s': {
    // its other leads are those of its segments, which are compared with wfdb-python
    targets: [{ file: 'record-multi-fixed-d.gz', resolution: 'highest', leads: [3, 2, 1], invalid: -2048 }],
  },
  'multi-segment/041s/041s01': {},
  'multi-segment/041s/041s02': {},
  'multi-segment/fixed1/v102s': {
    targets: [{ file: 'record-multi-fixed-c', start: 70000, end: 80000, leads: [1, 0, 3], physical: true }],
    peer: { digital: false },
  },
  'multi-segment/fixed1/v102s_1': {},
  'multi-segment/fixed1/v102s_2': {},
  'multi-segment/fixed1/v102s_3': {},
  'multi-segment/p000878/3269321_0001': {},
  'multi-segment/p000878/3269321_0002': {},
  'multi-segment/p000878/3269321_layout': { missing: 'a layout, which has no samples' },
  'multi-segment/p000878/p000878-2137-10-26-16-57': {
    targets: [{ file: 'record-multi-variable-d', start: 3550, end: 7500, leads: [0, 1], invalid: -128 }],
    peer: { end: 7500, digital: false }, // all later segments are missing
  },
  'multi-segment/s00001/3248903_layout': { missing: 'a layout, which has no samples' },
  ...numbered('multi-segment/s00001/3975656_', [1, 8], {}),
  ...numbered('multi-segment/s00001/3975656_', [9, 11], { missing: MISSING }),
  ...numbered('multi-segment/s00001/3975656_', [12, 16], {}),
  'multi-segment/s00001/3975656_layout': { missing: 'a layout, which has no samples' },
  'multi-segment/s00001/s00001-2896-10-09-01-56': { peer: { digital: false } },
  'multi-segment/s00001/s00001-2896-10-09-01-56n': {},
  'multi-segment/s00001/s00001-2896-10-10-00-31': {
    targets: [
      { file: 'record-multi-variable-a', start: 14428365, end: 14428375, physical: true },
      { file: 'record-multi-variable-b', without: 1, start: 14428365, end: 14428375, physical: true },
    ],
    peer: { start: 0, end: 200_000, digital: false }, // segments 9 to 11 are missing
  },
  'multi-segment/s00001/s00001-2896-10-10-00-31n': {},
  ...numbered('multi-segment/s25047/3234460_', [1, 18], {}),
  'multi-segment/s25047/3234460_layout': { missing: 'a layout, which has no samples' },
  'multi-segment/s25047/s25047-2704-05-04-10-44': { peer: { digital: false } },
  'multi-segment/s25047/s25047-2704-05-04-10-44n': {},
  n16: { missing: MISSING },
  n8_evoked_raw_95_F1_R9: { missing: MISSING },
  p10143: {},
  s0010_re: {
    targets: [{ file: 'record-3b', start: 5000, end: 38000, leads: [13, 0, 4, 8, 3], physical: true }],
    peer: {},
  },
  test01_00s: { targets: [{ file: 'record-1a' }], peer: {} },
  test01_00s_frame: { fault: WRONG_FIRST },
  test01_00s_skew: {},
  test01_00s_skewframe: {
    targets: [{ file: 'record-4a' }, { file: 'record-4d', resolution: 'highest', physical: true }],
    peer: {},
    fault: WRONG_FIRST,
  },
  test_generator_2: {
    // a byte of Latin-1, which wfdb-python drops
    unlikePeer: { units: [...Array<string>(8).fill('uV'), '\u00b0', '\u00b0', 'uV', 'mV'] },
  },
  v102s: {},
  wave_4: { missing: MISSING },
};

/** The same for segments numbered with four digits. */
function numbered(prefix: string, [first, last]: [number, number], sample: Sample): Record<string, Sample> {
  const count = last - first + 1;
  const name = (i: number) => `${prefix}${String(first + i).padStart(4, '0')}`;
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), sample]));
}

const folder = realData('wfdb-samples');
const inFolder = (name: string) => join(folder ?? '', 'sample-data', name);

function read(name: string, options: WfdbOptions = {}): WfdbRecord {
  return readWfdbRecord(inFolder(name), { ...options, verify: SAMPLES[name].fault === undefined });
}

describe.skipIf(folder === undefined)('sample records (skipped without HYBRID_ECG_REAL_DATA/wfdb-samples)', () => {
  it('are all in the table', () => {
    const all = readdirSync(inFolder(''), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hea'))
      .map((name) => relative(inFolder(''), inFolder(name)).slice(0, -4));
    expect(Object.keys(SAMPLES).sort()).toEqual(all.sort());
    const targets = readdirSync(resolve(folder!, 'tests/target-output')).filter((name) => name.startsWith('record-'));
    const used = Object.values(SAMPLES).flatMap((sample) => sample.targets ?? []);
    expect(used.map(({ file }) => file).sort()).toEqual(targets.sort());
  });

  const targets = Object.entries(SAMPLES).flatMap(([name, sample]) =>
    (sample.targets ?? []).map((target) => [target.file, name, target] as const),
  );
  it.each(targets)('give what rdsamp printed: %s of %s', (file, name, target) => {
    const { start, end, resolution, without = 0 } = target;
    const printed = printedTable(file).slice(without);
    const record = read(name, { start, end, resolution });
    const leads = target.leads ?? record.leads.map((_, i) => i);
    // rdsamp ends where the lead with the latest skew does
    expect(printed.length).toBeLessThanOrEqual(record.samples);
    expect(record.samples - printed.length).toBeLessThanOrEqual(/^record-4[abd]$/.test(file) ? 6 : 0);
    expect(new Set(printed.map((row) => row.length))).toEqual(new Set([leads.length]));
    const different: object[] = [];
    printed.forEach((row, i) => {
      leads.forEach((lead, column) => {
        const ours = printable(record, target, { lead, i });
        if (!(ours === row[column] || (Number.isNaN(ours) && Number.isNaN(row[column])))) {
          different.push({ lead, i, ours, printed: row[column] });
        }
      });
    });
    expect(different.slice(0, 5)).toEqual([]);
  });

  it('name the segment that is missing before the second row of record-multi-variable-b', () => {
    const name = 'multi-segment/s00001/s00001-2896-10-10-00-31';
    expect(() => read(name, { start: 14428364, end: 14428375 })).toThrow(/3975656_0011\.dat, record 3975656_0011/);
  });

  it('give the constant of which one was made', () => {
    for (const [name, { constant }] of Object.entries(SAMPLES)) {
      if (constant === undefined) continue;
      const record = read(name);
      expect(record.samples).toBe(5_600_000);
      expect(record.adc.map((lead, i) => lead.every((value) => value === constant[i]))).toEqual([true, true, true]);
      expect(record.signal.subarray(0, record.samples).every((value) => value === 0.125)).toBe(true);
    }
  });

  it.each(Object.entries(SAMPLES).filter(([, { fault }]) => fault))('name the fault of %s', (name, { fault }) => {
    expect(() => readWfdbRecord(inFolder(name))).toThrow(FormatError);
    expect(() => readWfdbRecord(inFolder(name))).toThrow(fault);
  });

  it.each(Object.entries(SAMPLES).filter(([, { missing }]) => missing === MISSING))('name the file of %s', (name) => {
    expect(() => read(name)).toThrow(MissingFileError);
    expect(() => read(name)).toThrow(/sample-data\/.*\.dat, record .*signal file: .*got none/);
  });

  it.each(['multi-segment/041s/041s', 'multi-segment/fixed1/v102s'])('join the segments of %s', (name) => {
    const { adc, segments, samples, signal } = read(name);
    for (const segment of segments ?? []) {
      const alone = read(join(name, '..', segment.name ?? ''));
      expect(alone.samples).toBe(segment.samples);
      adc.forEach((lead, i) => {
        const at = segment.start;
        expect(lead.subarray(at, at + alone.samples)).toEqual(alone.adc[i]);
        const [from, to] = [i * alone.samples, (i + 1) * alone.samples];
        const here = signal.subarray(i * samples + at, i * samples + at + alone.samples);
        expect(here).toEqual(alone.signal.subarray(from, to));
      });
    }
    expect(segments?.reduce((sum, segment) => sum + segment.samples, 0)).toBe(samples);
  });

  it('give the same range as the whole', () => {
    for (const name of [
      'binformats',
      'flacformats',
      '310derive',
      '311derive',
      '100_3chan',
      '03700181',
      'mixedsignals',
    ]) {
      const whole = read(name);
      for (const [start, end] of [
        [0, 7],
        [1, 2],
        [2, 400],
        [5, 499],
        [13, 13],
      ] as const) {
        const part = read(name, { start, end });
        expect(
          part.adc.map((lead) => [...lead]),
          name,
        ).toEqual(whole.adc.map((lead) => [...lead.subarray(start, end)]));
        part.leads.forEach((_, i) => {
          const row = (record: WfdbRecord) => record.signal.subarray(i * record.samples, (i + 1) * record.samples);
          expect([...row(part)]).toEqual([...row(whole).subarray(start, end)]);
        });
      }
    }
  });

  const python = peerPython('wfdb', 'soundfile');
  describe.skipIf(python === undefined)('beside wfdb-python (skipped without a Python that has it)', () => {
    it('have the headers that it reads', () => {
      const names = Object.keys(SAMPLES).filter((name) => !isMaster(name));
      const answers = ask(names.map((name) => ({ path: inFolder(name), headerOnly: true })));
      names.forEach((name, i) => {
        expect(headerOf(name), name).toEqual({ ...(answers[i] as object), ...SAMPLES[name].unlikePeer });
      });
    });

    it('have the samples that it reads, bit for bit', { timeout: 120_000 }, () => {
      const names = Object.entries(SAMPLES).filter(
        ([, { targets, peer, missing, constant }]) => !missing && !constant && (peer ?? !targets),
      );
      const answers = ask(names.map(([name, { peer }]) => ({ path: inFolder(name), ...peer })));
      names.forEach(([name, { peer = {} }], i) => {
        const { start, end, digital = true } = peer;
        const record = read(name, { start, end });
        const { fsHz: fs, samples, leads, units, gains, baselines, comments } = record;
        const invalid = record.signal.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
        const physical = sha(withPlainNaN(record.signal));
        const [adc, calibration] = digital ? [sha(adcBytes(record)), { gains, baselines }] : [undefined, {}];
        const answer = answers[i] as { units: (string | null)[] };
        expect({ fs, samples, leads, units, comments, invalid, physical, adc, ...calibration }, name).toEqual({
          ...answer,
          units: answer.units.map((unit, lead) => unit ?? units[lead]), // it has none of a lead that is all gap
          ...SAMPLES[name].unlikePeer,
        });
      });
    });

    function ask(requests: readonly object[]): unknown[] {
      const script = resolve(__dirname, 'wfdb_samples_peer.py');
      const input = JSON.stringify(requests);
      return JSON.parse(execFileSync(python!, [script], { input, maxBuffer: 1 << 28, encoding: 'utf8' }));
    }
  });
});

/** The numbers that `rdsamp` printed, a row a sample; `-` is NaN. */
function printedTable(file: string): number[][] {
  const bytes = readFileSync(resolve(folder!, 'tests/target-output', file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows = text.trimEnd().split('\n');
  return rows.map((row) =>
    row
      .trim()
      .split(/\s+/)
      .map((word) => (word === '-' ? Number.NaN : Number(word))),
  );
}

/** A sample as `rdsamp` would print it; undefined when the physical one is not the float32 of it. */
function printable(record: WfdbRecord, target: Target, { lead, i }: { lead: number; i: number }) {
  const stored = record.adc[lead][i];
  const float = record.signal[lead * record.samples + i];
  if (Number.isNaN(float)) return target.physical ? Number.NaN : (target.invalid ?? -32768);
  const at = (target.start ?? 0) + i;
  const segment = record.segments?.find(({ start, samples }) => at >= start && at < start + samples);
  const gain = segment?.gains[lead] ?? record.gains[lead];
  const baseline = segment?.baselines[lead] ?? record.baselines[lead];
  const physical = (stored - baseline) / gain;
  if (float !== Math.fround(physical)) return undefined;
  return target.physical ? Number(physical.toFixed(8)) : stored;
}

function isMaster(name: string): boolean {
  return headerLines(name).segments !== undefined;
}

function headerLines(name: string) {
  const bytes = readFileSync(`${inFolder(name)}.hea`);
  return parseWfdbHeader(bytes.toString('latin1'), () => ({ file: name, record: name }));
}

/** A header as wfdb-python's fields; null where it says null. */
function headerOf(name: string): unknown {
  const { fsHz, samples, signals, comments } = headerLines(name);
  const each = <T>(value: (line: WfdbSignal) => T | undefined) => signals.map((line) => value(line) ?? null);
  return {
    fs: fsHz,
    samples: samples ?? null,
    leads: each((line) => (line.description.startsWith('record ') ? null : line.description)),
    units: each((line) => line.units),
    gains: each((line) => line.gain),
    baselines: each((line) => line.baseline),
    comments,
    files: each((line) => line.file),
    formats: each((line) => line.format),
    perFrame: each((line) => line.samplesPerFrame),
    skew: each((line) => line.skew),
    byteOffset: each((line) => line.byteOffset),
    adcZero: each((line) => line.adcZero),
    initial: each((line) => line.initialValue),
    checksum: each((line) => line.checksum),
  };
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function withPlainNaN(signal: Float32Array): Uint8Array {
  const plain = Float32Array.from(signal, (value) => (Number.isNaN(value) ? Number.NaN : value));
  return new Uint8Array(plain.buffer);
}

/** ADC units as int32, invalid ones -2^31. */
function adcBytes({ adc, signal, samples }: WfdbRecord): Uint8Array {
  const all = new Int32Array(signal.length);
  adc.forEach((lead, i) => {
    all.set(lead, i * samples);
  });
  for (let i = 0; i < all.length; i++) if (Number.isNaN(signal[i])) all[i] = -(2 ** 31);
  return new Uint8Array(all.buffer);
}
