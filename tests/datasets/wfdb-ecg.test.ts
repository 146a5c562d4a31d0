import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetRow } from '../../lib/datasets/dataset';
import { readWfdbEcg } from '../../lib/datasets/wfdb-ecg';
import { FormatError, MissingFileError, UnusableSignalError } from '../../lib/errors';
import { folderTree } from '../../lib/io/file-tree';
import { readWfdbRecord } from '../../lib/io/wfdb';
import { LEADS } from '../../lib/signal/leads';
import { rejection } from '../../lib/signal/quality';
import { type SignalToWrite, wfdbFiles } from '../io/wfdb-writer';
import { memoryTree } from '../memory-tree';
import { peerPython } from '../peer-python';
import { realData } from '../real-data';

const ROW: DatasetRow = { recordId: '1', patientId: 'p', stratFold: 0, file: 'r', superclasses: undefined };
const FRAMES = 1250; // 10 s at 125 Hz
const wave = (lead: number, samples: number) =>
  Array.from(
    { length: samples },
    (_, i) => Math.round(80 * Math.sin((i * (lead + 1)) / 90) + 40 * Math.cos(i / 7)) + 0,
  ); // no -0

/** The twelve leads, in one file. */
const twelve = (changes: Partial<SignalToWrite> = {}): SignalToWrite[] =>
  LEADS.map((lead, i) => {
    const samplesPerFrame = changes.samplesPerFrame ?? 1;
    return { file: 'r.dat', format: 16, samples: wave(i, FRAMES * samplesPerFrame), description: lead, ...changes };
  });

type Files = Record<string, Uint8Array>;
const filesOf = (signals: readonly SignalToWrite[]): Files => wfdbFiles({ name: 'r', fsHz: 125, signals });

/** Files with a header changed. */
const withHeader = (files: Files, change: (header: string) => string, name = 'r.hea'): Files => {
  const header = change(Buffer.from(files[name]).toString());
  expect(header).not.toBe(Buffer.from(files[name]).toString());
  return { ...files, [name]: Buffer.from(header) };
};
const read = (files: Files, placeholderChecksums?: 'accept') =>
  readWfdbEcg(ROW, { dataset: 'd', files: memoryTree(files), placeholderChecksums });

const PLAIN = filesOf(twelve());
const DUE = read(PLAIN);

describe('readWfdbEcg', () => {
  it.each([
    ['millivolts in lower case, as in the Challenges of 2020 and 2021', '/mV', '/mv', 1],
    ['microvolts in upper case', '/mV', '/UV', 1e-3],
    ['microvolts, MICRO SIGN', '/mV', '/\u00b5V', 1e-3],
    ['microvolts, GREEK SMALL LETTER MU', '/mV', '/\u03bcv', 1e-3],
    ['millivolts in words', '/mV', '/Millivolts', 1],
    ['no unit behind the slash', '/mV', '/', 1],
    ['lead names in lower case', / aV([RLF])$/gm, ' av$1', 1],
    ['lead names with a word before them', / 0 (\w+)$/gm, ' 0 ECG lead $1', 1],
  ])('reads %s', (_, old, spelled, factor) => {
    const { signal, leads } = read(withHeader(PLAIN, (header) => header.replaceAll(old, spelled)));
    expect(leads).toHaveLength(12);
    expect(signal).toEqual(DUE.signal.map((value) => value * factor));
  });

  it.each(['mmHg', 'MV', 'NU', 'l/min'])('refuses leads in %s, as what it is', (unit) => {
    const files = withHeader(PLAIN, (header) => header.replace('/mV', `/${unit}`));
    expect(() => read(files)).toThrow(UnusableSignalError);
    expect(() => read(files)).toThrow(`lead I: unit: expected mV, uV or V, got '${unit}'`);
  });

  describe('does not look at what is not used:', () => {
    const other = (changes: Partial<SignalToWrite> = {}): SignalToWrite => {
      const frames = FRAMES * (changes.samplesPerFrame ?? 1);
      return { file: 'x.dat', format: 16, samples: wave(3, frames), units: 'l/min', description: 'flow', ...changes };
    };
    const apart = filesOf([...twelve(), other()]);
    const without = (files: Files, name: string): Files => {
      const { [name]: _, ...left } = files;
      return left;
    };
    const lineOf = (change: (line: string) => string) => (header: string) => header.replace(/^.* flow$/m, change);

    it.each<[string, Files]>([
      ['the unit of a channel', filesOf([...twelve(), other({ file: 'r.dat', units: 'mmHg' })])],
      ['a channel before the leads', filesOf([other({ file: 'r.dat' }), ...twelve()])],
      ['a channel between them', filesOf([...twelve().slice(0, 5), other({ file: 'r.dat' }), ...twelve().slice(5)])],
      ['a channel of format 212', filesOf([other({ format: 212 }), ...twelve()])],
      ['a file that was left out, as PTBDB’s .xyz', without(apart, 'x.dat')],
      ['a file that is cut', { ...apart, 'x.dat': apart['x.dat'].subarray(0, 99) }],
      [
        'a checksum',
        withHeader(
          apart,
          lineOf((line) => line.replace(/-?\d+ -?\d+ 0 flow/, '4711 4711 0 flow')),
        ),
      ],
      [
        'an unknown format',
        withHeader(
          apart,
          lineOf((line) => line.replace(' 16 ', ' 999 ')),
        ),
      ],
      [
        'a format that is none',
        withHeader(
          apart,
          lineOf((line) => line.replace(' 16 ', ' sixteen ')),
        ),
      ],
      [
        'a gain that is none',
        withHeader(
          apart,
          lineOf((line) => line.replace(/ 200\(0\)/, ' much')),
        ),
      ],
      [
        'a file outside the folder',
        withHeader(
          apart,
          lineOf((line) => line.replace('x.dat', '../x.dat')),
        ),
      ],
      [
        'a skew beyond the end',
        withHeader(
          apart,
          lineOf((line) => line.replace(' 16 ', ' 16:99999 ')),
        ),
      ],
      ['a rate far above', filesOf([...twelve(), other({ samplesPerFrame: 16, file: 'r.dat' })])],
    ])('%s', (_, files) => {
      const { otherSignals, ...ecg } = read(files);
      expect(otherSignals).toEqual(['flow']);
      expect(ecg.fsHz).toBe(125);
      expect(ecg.leads).toEqual([...LEADS]);
      expect(ecg.signal).toEqual(DUE.signal);
      expect(rejection(ecg)).toBeUndefined();
    });

    it.each([8, 24, 212, 311, 516])('other channels of a shared file of format %i', (format) => {
      const samples = (lead: number) => wave(lead, FRAMES).map((value) => Math.round(value / 2));
      const names = ['flow', 'I', 'SpO2', 'V1', 'pulse'];
      const signals = names.map((description, i) => ({ file: 'r.dat', format, samples: samples(i), description }));
      const files = memoryTree(filesOf(signals));
      const all = readWfdbRecord('r', { files });
      const leads = readWfdbRecord('r', { files, signals: (name) => name === 'I' || name === 'V1' });
      expect(leads.leads).toEqual(['I', 'V1']);
      expect(leads.otherSignals).toEqual(['flow', 'SpO2', 'pulse']);
      expect(leads.adc).toEqual([all.adc[1], all.adc[3]]);
      expect(leads.signal.subarray(0, FRAMES)).toEqual(all.signal.subarray(FRAMES, 2 * FRAMES));
      const part = readWfdbRecord('r', { files, signals: (name) => name === 'V1', start: 100, end: 130 });
      expect(part.adc[0]).toEqual(all.adc[3].subarray(100, 130));
    });

    it('but at what is', () => {
      expect(() => read(without(apart, 'r.dat'))).toThrow(MissingFileError);
      const wrong = withHeader(apart, (header) => header.replace(/-?\d+ 0 V6$/m, '4711 0 V6'));
      expect(() => read(wrong)).toThrow(/lead V6: checksum: expected 4711/);
      const mixed = withHeader(
        filesOf([...twelve(), other({ file: 'r.dat' })]),
        lineOf((l) => l.replace(' 16 ', ' 212 ')),
      );
      expect(() => read(mixed)).toThrow(/lead flow, line 14: signal format: expected 16, got 212/);
    });

    it('in the segments of a record', () => {
      const half = (name: string, signals: SignalToWrite[]) => wfdbFiles({ name, fsHz: 125, signals });
      const inFile = (file: string, from: number) =>
        twelve({ file }).map((s) => ({ ...s, samples: s.samples.slice(from, from + FRAMES / 2) }));
      const flow = { ...other({ file: 'gone.dat', units: 'bpm' }), samples: wave(1, FRAMES / 2) };
      const parts = {
        ...half('a', [...inFile('a.dat', 0), flow]),
        ...half('b', [{ ...flow, units: 'NU' }, ...inFile('b.dat', FRAMES / 2)]),
        'l.hea': Buffer.from(
          [
            `l 13 125 0`,
            ...[...LEADS, 'flow'].map((lead) => `~ 0 200/${lead === 'flow' ? 'l' : 'mV'} 16 0 0 0 0 ${lead}`),
          ].join('\n'),
        ),
        'r.hea': Buffer.from(`r/3 13 125 ${FRAMES}\nl 0\na ${FRAMES / 2}\nb ${FRAMES / 2}\n`),
      };
      const { 'gone.dat': _, ...files } = parts as Files;
      expect(read(files).signal).toEqual(DUE.signal);
      // of a fixed layout the first segment names the leads, and the others need not
      const fixed: Files = {
        ...half('a', [...inFile('a.dat', 0), flow]),
        ...half('b', [...inFile('b.dat', FRAMES / 2), { ...flow, units: 'NU' }]),
        'r.hea': Buffer.from(`r/2 13 125 ${FRAMES}\na ${FRAMES / 2}\nb ${FRAMES / 2}\n`),
      };
      const { 'gone.dat': __, ...rest } = fixed;
      expect(read(rest).signal).toEqual(DUE.signal);
      const unnamed = withHeader(
        rest,
        (header) => header.replaceAll(/ (\w+)$/gm, '').replace(/^b 13 125/, 'b 13 125 625'),
        'b.hea',
      );
      expect(read(unnamed).signal).toEqual(DUE.signal);
    });
  });

  it('reads every sample of a frame, at the rate of the fastest lead', () => {
    const all = read(filesOf(twelve({ samplesPerFrame: 4 })));
    expect([all.fsHz, all.samples]).toEqual([500, 4 * FRAMES]);
    const stored = LEADS.flatMap((_, lead) => wave(lead, 4 * FRAMES));
    expect(all.signal).toEqual(Float32Array.from(stored, (value) => value / 200));
    // II alone is slower: its samples are repeated, those of the others stay
    const mixed = twelve({ samplesPerFrame: 4 });
    mixed[1] = { ...twelve()[1], samplesPerFrame: 2, samples: wave(1, 2 * FRAMES) };
    const { fsHz, signal, samples } = read(filesOf(mixed));
    expect([fsHz, samples]).toEqual([500, 4 * FRAMES]);
    expect(signal.subarray(0, samples)).toEqual(all.signal.subarray(0, samples));
    expect([...signal.subarray(samples, samples + 8)]).toEqual(
      [0, 0, 1, 1, 2, 2, 3, 3].map((i) => Math.fround(wave(1, 8)[i] / 200)),
    );
  });

  it('keeps both of a lead that is named twice, for the quality checks to tell', () => {
    const flat = { ...twelve()[1], samples: Array<number>(FRAMES).fill(0), description: 'Lead_II' };
    for (const signals of [
      [...twelve(), flat],
      [flat, ...twelve()],
    ]) {
      expect(rejection(read(filesOf(signals)))).toEqual({
        reason: 'ambiguous-lead',
        detail: 'II twice, and the two differ: one is flat',
      });
    }
    expect(rejection(read(filesOf([...twelve(), { ...twelve()[1], description: 'ii' }])))).toBeUndefined();
  });

  it('says what the signals of a record are called that lacks a lead', () => {
    const named = withHeader(PLAIN, (header) => header.replace(/ II$/m, ' MLII'));
    expect(rejection(read(named))?.detail).toBe(`II not among ${LEADS.filter((l) => l !== 'II').join(' ')} MLII`);
    const numbered = withHeader(PLAIN, (header) => header.replaceAll(/ 0 \w+$/gm, ' 0 channel'));
    expect(rejection(read(numbered))?.detail).toContain('not among channel channel');
  });

  describe('of headers with placeholders', () => {
    const zeros = (header: string) => header.replaceAll(/ 0 -?\d+ -?\d+ 0 (\w+)$/gm, ' 0 0 0 0 $1');

    it('refuses them unless told otherwise, and says how to', () => {
      const files = withHeader(PLAIN, zeros);
      expect(() => read(files)).toThrow(FormatError);
      expect(() => read(files)).toThrow(
        /lead I: first value: expected 0, got 40 \(0 for every .* may be a placeholder/,
      );
      expect(() => read(files)).toThrow(/`placeholderChecksums: 'accept'`.*--accept-placeholder-checksums/);
      const { unverified, ...ecg } = read(files, 'accept');
      expect(unverified).toBe(true);
      expect(ecg.signal).toEqual(DUE.signal);
      expect(read(PLAIN, 'accept').unverified).toBeUndefined();
    });

    it('takes only 0 for every lead for one', () => {
      const one = withHeader(PLAIN, (header) => header.replace(/-?\d+ 0 V6$/m, '0 0 V6'));
      expect(() => read(one, 'accept')).toThrow(/lead V6: checksum: expected 0, got \d+$/);
      const first = withHeader(PLAIN, (header) => zeros(header).replace(/ 0 0 0 V6$/m, ' 7 0 0 V6'));
      expect(() => read(first, 'accept')).toThrow(/lead I: first value: expected 0, got 40$/);
      const sums = withHeader(PLAIN, (header) => header.replaceAll(/-?\d+ 0 (\w+)$/gm, '0 0 $1'));
      expect(read(sums, 'accept').unverified).toBe(true);
    });

    it('still refuses a file that is longer or shorter than its header says', () => {
      const files = withHeader(PLAIN, zeros);
      const longer = { ...files, 'r.dat': Buffer.concat([files['r.dat'], Buffer.alloc(24)]) };
      expect(() => read(longer, 'accept')).toThrow(/expected 0, got 40$|bytes: expected 30000/);
      expect(() => read({ ...files, 'r.dat': files['r.dat'].subarray(0, 240) }, 'accept')).toThrow(
        /bytes: expected 30000/,
      );
    });
  });

  it.each([16, 212, 516])('calls an empty file of format %i what it is', (format) => {
    const files = { ...filesOf(twelve({ format })), 'r.dat': Buffer.alloc(0) };
    expect(() => read(files)).toThrow(/r\.dat, record r, lead I: .*an empty file/);
  });

  const samples = realData('wfdb-samples');
  it.skipIf(samples === undefined)(
    'reads a record of the PTB database without its .xyz file (skipped without it)',
    () => {
      const from = join(samples!, 'sample-data');
      const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-ptbdb-'));
      for (const name of ['s0010_re.hea', 's0010_re.dat']) copyFileSync(join(from, name), join(folder, name));
      const row = { ...ROW, file: 's0010_re' };
      const { otherSignals, ...ecg } = readWfdbEcg(row, { dataset: 'd', files: folderTree(folder) });
      const whole = readWfdbRecord(join(from, 's0010_re'));
      expect(otherSignals).toEqual(['vx', 'vy', 'vz']);
      expect(ecg.leads).toEqual(whole.leads.slice(0, 12));
      expect(ecg.signal).toEqual(whole.signal.subarray(0, 12 * whole.samples));
      expect(rejection(ecg)).toBeUndefined();
    },
  );

  const python = peerPython('wfdb');
  it.skipIf(python === undefined)('reads frames as wfdb-python does without smoothing (skipped without it)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-frames-'));
    const flow = { file: 'r.dat', format: 16, samples: wave(3, 32 * FRAMES), samplesPerFrame: 32, description: 'flow' };
    for (const [name, bytes] of Object.entries(filesOf([...twelve({ samplesPerFrame: 8 }), flow]))) {
      writeFileSync(join(folder, name), bytes);
    }
    const { fsHz, signal } = readWfdbEcg(ROW, { dataset: 'd', files: folderTree(folder) });
    expect(fsHz).toBe(1000);
    const script = `import json, sys, wfdb
record = wfdb.rdrecord(sys.argv[1], smooth_frames=False, channels=list(range(12)))
print(json.dumps([lead.tolist() for lead in record.e_p_signal]))`;
    const printed = execFileSync(python!, ['-c', script, join(folder, 'r')], { encoding: 'utf8', maxBuffer: 1 << 28 });
    expect(signal).toEqual(Float32Array.from((JSON.parse(printed) as number[][]).flat()));
  });
});
