import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { readWfdbRecord, type WfdbOptions, type WfdbRecord } from '../../lib/io/wfdb';
import { memoryTree } from '../memory-tree';
import { BITS, type RecordToWrite, type SignalToWrite, wfdbFiles } from './wfdb-writer';

const FORMATS = Object.keys(BITS).map(Number);
const UNMARKED = -(2 ** 31);

/** The lowest value of a format, which marks an invalid sample; format 8 has no mark. */
function markOf(format: number): number | undefined {
  return format === 8 ? undefined : -(2 ** (BITS[format] - 1));
}

/** Samples that a format can hold. */
function samplesOf(format: number, length: number): fc.Arbitrary<number[]> {
  const highest = 2 ** (BITS[format] - 1) - 1;
  if (format === 8) {
    const steps = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: length, maxLength: length });
    return fc.tuple(fc.integer({ min: -4000, max: 4000 }), steps).map(([first, differences]) => {
      let last = first;
      return differences.map((difference, i) => {
        last += i === 0 ? 0 : difference;
        return last;
      });
    });
  }
  const sample = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -highest, max: highest }) },
    { weight: 1, arbitrary: fc.constantFrom(-highest - 1, -highest, highest, 0, -1) },
  );
  return fc.array(sample, { minLength: length, maxLength: length });
}

const record: fc.Arbitrary<RecordToWrite> = fc
  .record({
    frames: fc.integer({ min: 1, max: 23 }),
    groups: fc.array(fc.tuple(fc.constantFrom(...FORMATS), fc.integer({ min: 1, max: 3 })), {
      minLength: 1,
      maxLength: 3,
    }),
    byteOffset: fc.constantFrom(0, 0, 1, 24),
    openLength: fc.boolean(),
  })
  .chain(({ frames, groups, ...rest }) => {
    const signals = groups.flatMap(([format, count], g) => {
      const file = `r_${g}.dat`;
      const flac = format > 500;
      return Array.from({ length: count }, (_, s) =>
        fc.constantFrom(1, 1, 2, 4).chain((chosen) => {
          const samplesPerFrame = flac ? 1 + (g % 2) : chosen; // the same for all channels of FLAC
          return fc.record({
            file: fc.constant(file),
            format: fc.constant(format),
            samplesPerFrame: fc.constant(samplesPerFrame),
            samples: samplesOf(format, frames * samplesPerFrame),
            skew: fc.constantFrom(0, 0, 0, 1, 2, 5, 40),
            gain: fc.constantFrom(200, 1000, 4.88, 0.25, -19.344),
            baseline: fc.constantFrom(0, 12, -1605),
            units: fc.constantFrom('mV', 'uV', 'NU'),
            description: fc.constant(`signal ${g}.${s}`),
          });
        }),
      );
    });
    return fc.record({
      name: fc.constant('r'),
      fsHz: fc.constantFrom(250, 62.5),
      signals: fc.tuple(...signals),
      byteOffset: fc.constant(rest.byteOffset),
      // a last frame that is not whole cannot be told from padding
      openLength: fc.constant(rest.openLength && groups.every(([format]) => ![310, 311].includes(format))),
      comments: fc.constant(['a: 1', 'b # 2']),
    });
  });

/** What rdsamp gives of a signal: by the words of its manual, apart from the reader. */
function expected(signal: SignalToWrite, stretch: number): number[] {
  const { samples, samplesPerFrame: per = 1, skew = 0, format } = signal;
  const frames = samples.length / per;
  const late = Math.round(skew / per);
  const invalid = markOf(format);
  return Array.from({ length: frames }).flatMap((_, frame) => {
    const here = samples.slice((frame + late) * per, (frame + late + 1) * per);
    if (stretch > 1) {
      const at = (s: number) => here[Math.floor((s * per) / stretch)];
      return Array.from({ length: stretch }, (_, s) => (here.length === 0 || at(s) === invalid ? UNMARKED : at(s)));
    }
    if (here.length === 0 || here.some((value) => value === invalid)) return [UNMARKED];
    return [Math.trunc(here.reduce((sum, value) => sum + value, 0) / per) + 0];
  });
}

function expectRecord(
  read: WfdbRecord,
  source: RecordToWrite,
  options: { stretch?: number; from?: number; to?: number } = {},
) {
  const { stretch = 1, from = 0, to } = options;
  const { signals, fsHz = 500, comments = [] } = source;
  const range = (values: number[]) => values.slice(from * stretch, to === undefined ? undefined : to * stretch);
  expect(read.fsHz).toBe(fsHz * stretch);
  expect(read.leads).toEqual(signals.map((signal) => signal.description));
  expect(read.units).toEqual(signals.map((signal) => signal.units));
  expect(read.gains).toEqual(signals.map((signal) => signal.gain));
  expect(read.baselines).toEqual(signals.map((signal) => signal.baseline));
  expect(read.comments).toEqual(comments);
  signals.forEach((signal, i) => {
    const values = range(expected(signal, stretch));
    expect(read.samples).toBe(values.length);
    const mark = read.adc[i] instanceof Int16Array ? -32768 : UNMARKED;
    expect([...read.adc[i]]).toEqual(values.map((value) => (value === UNMARKED ? mark : value)));
    const physical = read.signal.subarray(i * read.samples, (i + 1) * read.samples);
    const { gain = 200, baseline = 0 } = signal;
    const due = values.map((value) => (value === UNMARKED ? Number.NaN : Math.fround((value - baseline) / gain)));
    expect([...physical]).toEqual(due);
  });
}

describe('readWfdbRecord of every format', () => {
  it('reads what was written: any formats, files, samples a frame, skews and offsets', () => {
    fc.assert(
      fc.property(record, (source) => {
        const files = memoryTree(wfdbFiles(source));
        expectRecord(readWfdbRecord('r', { files }), source);
        const stretch = Math.max(...source.signals.map(({ samplesPerFrame = 1 }) => samplesPerFrame));
        expectRecord(readWfdbRecord('r.hea', { files, resolution: 'highest' }), source, { stretch });
      }),
      { numRuns: 250 },
    );
  });

  it('reads any range of it', () => {
    fc.assert(
      fc.property(record, fc.nat(), fc.nat(), fc.boolean(), (source, a, b, highest) => {
        const files = memoryTree(wfdbFiles(source));
        const [{ samples, samplesPerFrame = 1 }] = source.signals;
        const frames = samples.length / samplesPerFrame;
        const [start, end] = [a % (frames + 1), b % (frames + 1)].sort((x, y) => x - y);
        const options: WfdbOptions = { files, start, end, resolution: highest ? 'highest' : 'frame' };
        const stretch = highest ? Math.max(...source.signals.map(({ samplesPerFrame: per = 1 }) => per)) : 1;
        expectRecord(readWfdbRecord('r', options), source, { stretch, from: start, to: end });
        expect(() => readWfdbRecord('r', { files, start, end: frames + 1 })).toThrow(ArgumentError);
      }),
      { numRuns: 250 },
    );
  });

  it.each(FORMATS.filter((format) => format !== 8))('marks invalid samples of format %i', (format) => {
    const invalid = markOf(format) ?? 0;
    const samples = [1, invalid, 3, invalid + 1];
    const files = memoryTree(wfdbFiles({ name: 'r', signals: [{ file: 'r.dat', format, samples, gain: 2 }] }));
    const { adc, signal } = readWfdbRecord('r', { files });
    expect([...signal].map(Number.isNaN)).toEqual([false, true, false, false]);
    expect(adc[0][1]).toBe([24, 32, 524].includes(format) ? UNMARKED : -32768);
    expect(signal[3]).toBe(Math.fround((invalid + 1) / 2));
  });

  it('gives null signals as NaN, with or without others', () => {
    const { 'r.hea': header, ...rest } = wfdbFiles({
      name: 'r',
      signals: [{ file: 'r.dat', format: 16, samples: [1, 2] }],
    });
    const text = Buffer.from(header).toString().replace('r 1', 'r 2');
    const files = memoryTree({ ...rest, 'r.hea': Buffer.from(`${text}~ 0 200 12 0 0 0 0 II`) });
    const { signal, adc, leads } = readWfdbRecord('r', { files });
    expect([...signal]).toEqual([Math.fround(0.005), Math.fround(0.01), Number.NaN, Number.NaN]);
    expect([...adc[1]]).toEqual([-32768, -32768]);
    expect(leads).toEqual(['lead 0', 'II']);
    const alone = memoryTree({ 'n.hea': Buffer.from('n 1 500 3\n~ 0 200 12 0 0 0 0 II') });
    expect([...readWfdbRecord('n', { files: alone }).signal]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('reads a file that is longer than its header says only where the checksums bear it out', () => {
    const files = wfdbFiles({ name: 'r', signals: [{ file: 'r.dat', format: 16, samples: [5, 6, 7] }] });
    const longer = { ...files, 'r.dat': Buffer.concat([files['r.dat'], Buffer.from([1, 0])]) };
    expect([...readWfdbRecord('r', { files: memoryTree(longer) }).adc[0]]).toEqual([5, 6, 7]);
    const text = Buffer.from(files['r.hea']).toString();
    const changes: [string, WfdbOptions][] = [
      [text.replace(' 18 0 lead', ' 19 0 lead'), {}],
      [text.replace(' 5 18 0 lead 0', ''), {}],
      [text, { verify: false }],
    ];
    for (const [header, options] of changes) {
      const tree = memoryTree({ ...longer, 'r.hea': Buffer.from(header) });
      expect(() => readWfdbRecord('r', { files: tree, ...options })).toThrow(
        /r\.dat, record r, lead .*bytes: .*6.*got 8/,
      );
    }
    const block = Buffer.concat([files['r.dat'], Buffer.alloc(26)]);
    const padded = { 'r.dat': block, 'r.hea': Buffer.from(text.replace(' 18 0 lead', ' 18 32 lead')) };
    expect(readWfdbRecord('r', { files: memoryTree(padded), verify: false }).samples).toBe(3);
  });
});
