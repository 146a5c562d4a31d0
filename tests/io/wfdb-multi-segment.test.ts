import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import type { FileTree } from '../../lib/io/file-tree';
import { readWfdbRecord, type WfdbOptions } from '../../lib/io/wfdb';
import { memoryTree } from '../memory-tree';
import { BITS, wfdbFiles } from './wfdb-writer';

const LEADS = ['I', 'II', 'V', 'ABP'];

/** A segment as a test wants it: undefined samples are a null segment. */
interface Segment {
  readonly frames: number;
  readonly format: number;
  /** Samples of the leads that it has, by name. */
  readonly leads?: Readonly<Record<string, readonly number[]>>;
  readonly gain: number;
  /** Leave the length out of its header. */
  readonly openLength: boolean;
}

function multiSegmentFiles(
  segments: readonly Segment[],
  { variable }: { variable: boolean },
): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  const lines = segments.map(({ frames, format, leads, gain, openLength }, i) => {
    if (leads === undefined) return `~ ${frames}`;
    const name = `r_${i}`;
    const signals = Object.entries(leads).map(([description, samples]) => {
      return { file: `${name}.dat`, format, samples, gain, baseline: i, description };
    });
    Object.assign(files, wfdbFiles({ name, fsHz: 125, signals, openLength }));
    return `${name} ${frames}`;
  });
  const total = segments.reduce((sum, { frames }) => sum + frames, 0);
  const layout = LEADS.map((lead) => `~ 0 100(5)/mV 8 0 0 0 0 ${lead}`);
  if (variable) files['r_layout.hea'] = Buffer.from([`r_layout ${LEADS.length} 125 0`, ...layout].join('\n'));
  const all = variable ? ['r_layout 0', ...lines] : lines;
  files['r.hea'] = Buffer.from(
    [`r/${all.length} ${LEADS.length} 125 ${total} 1:02:03`, ...all, '# age: 60'].join('\n'),
  );
  return files;
}

const segment = ({ variable }: { variable: boolean }): fc.Arbitrary<Segment> =>
  fc
    .record({
      frames: fc.integer({ min: 1, max: 12 }),
      format: fc.constantFrom(16, 80, 212, 24, 516),
      names: fc.option(variable ? fc.subarray(LEADS, { minLength: 1 }) : fc.constant(LEADS), { freq: 4 }),
      gain: fc.constantFrom(1, 83, 0.833333),
      openLength: fc.boolean(),
    })
    .chain(({ names, frames, format, ...rest }) => {
      const highest = 2 ** (BITS[format] - 1) - 1;
      const sample = fc.integer({ min: -highest - 1, max: highest });
      const samples = fc.array(sample, { minLength: frames, maxLength: frames });
      const leads =
        names === null ? fc.constant(undefined) : fc.record(Object.fromEntries(names.map((n) => [n, samples])));
      return leads.map((leads) => ({ frames, format, leads, ...rest }));
    });

describe('a record of several segments', () => {
  it.each([true, false])('is read with its gaps, gains and widths, whole and in ranges (variable: %s)', (variable) => {
    const all = fc.array(segment({ variable }), { minLength: 1, maxLength: 5 });
    const readable = all.filter((segments) => variable || segments.some(({ leads }) => leads !== undefined));
    fc.assert(
      fc.property(readable, fc.nat(), fc.nat(), (segments, a, b) => {
        const tree = memoryTree(multiSegmentFiles(segments, { variable }));
        const total = segments.reduce((sum, { frames }) => sum + frames, 0);
        const [start, end] = [a % (total + 1), b % (total + 1)].sort((x, y) => x - y);
        for (const range of [{}, { start, end }]) {
          const read = readWfdbRecord('r', { files: tree, ...range });
          expect(read.leads).toEqual(LEADS);
          expect(read.fsHz).toBe(125);
          expect(read.comments).toEqual(['age: 60']);
          LEADS.forEach((lead, l) => {
            const due = segments.flatMap(({ frames, leads, format, gain }, i) =>
              Array.from({ length: frames }, (_, k) => {
                const stored = leads?.[lead]?.[k];
                const valid = stored !== undefined && stored !== -(2 ** (BITS[format] - 1));
                return valid ? { adc: stored, physical: Math.fround((stored - i) / gain) } : { physical: Number.NaN };
              }),
            );
            const part = due.slice(range.start ?? 0, range.end);
            expect(read.samples).toBe(part.length);
            const physical = read.signal.subarray(l * read.samples, (l + 1) * read.samples);
            expect([...physical]).toEqual(part.map((value) => value.physical));
            const mark = read.adc[l] instanceof Int16Array ? -32768 : -(2 ** 31);
            expect([...read.adc[l]]).toEqual(part.map((value) => value.adc ?? mark));
          });
          for (const { name, gains, baselines } of read.segments ?? []) {
            const i = Number(name?.slice(2));
            const has = (lead: string) => name !== undefined && segments[i].leads?.[lead] !== undefined;
            expect(gains).toEqual(LEADS.map((lead) => (has(lead) ? segments[i].gain : undefined)));
            expect(baselines).toEqual(LEADS.map((lead) => (has(lead) ? i : undefined)));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  const samples = { I: [1, 2], II: [3, 4], V: [5, 6], ABP: [7, 8] };
  const plain: Segment = { frames: 2, format: 16, leads: samples, gain: 100, openLength: false };
  const gap: Segment = { frames: 3, format: 16, gain: 1, openLength: false };
  const changed = (file: string, change: (text: string) => string, variable = true) => {
    const files = multiSegmentFiles([plain, gap, plain], { variable });
    return memoryTree({ ...files, [file]: Buffer.from(change(Buffer.from(files[file]).toString())) });
  };

  it.each([
    [
      'a total that is not the sum',
      'r.hea',
      (t: string) => t.replace('125 7', '125 8'),
      /samples of the segments: expected 8, got 7/,
    ],
    ['too few lines', 'r.hea', (t: string) => t.replace('~ 3\n', ''), /segment lines: expected 4 .*, got 3/],
    [
      'a length that is none',
      'r.hea',
      (t: string) => t.replace('~ 3', '~ x'),
      /line 4: samples of the segment: .*got 'x'/,
    ],
    [
      'a segment that leaves the folder',
      'r.hea',
      (t: string) => t.replace('r_0 2', '../r_0 2'),
      /line 3: file name: .*got '\.\.\/r_0'/,
    ],
    ['an absolute segment', 'r.hea', (t: string) => t.replace('r_0 2', '/r_0 2'), /file name: .*got '\/r_0'/],
    [
      'itself as a segment',
      'r.hea',
      (t: string) => t.replace('r_0 2', 'r 2'),
      /segment: expected one of a single segment, got 'r'/,
    ],
    [
      'another number of signals',
      'r.hea',
      (t: string) => t.replace('r/4 4', 'r/4 3'),
      /number of signals: expected 3, got 4/,
    ],
    [
      'another length of a segment',
      'r_0.hea',
      (t: string) => t.replace('125 2', '125 3'),
      /samples of 'r_0': expected 2, got 3/,
    ],
    [
      'another rate of a segment',
      'r_0.hea',
      (t: string) => t.replace('125 2', '250 2'),
      /rate of 'r_0': expected 125, got 250/,
    ],
    [
      'a lead that the layout has not',
      'r_0.hea',
      (t: string) => t.replace(' V\n', ' W\n'),
      /lead 3 of 'r_0': expected one of the layout's, got 'W'/,
    ],
    [
      'a lead twice',
      'r_0.hea',
      (t: string) => t.replace(' V\n', ' II\n'),
      /lead 3 of 'r_0': expected one of the layout's, got 'II'/,
    ],
    [
      'another unit',
      'r_0.hea',
      (t: string) => t.replace('(0)/mV', '(0)/V'),
      /unit of 'I' in 'r_0': expected 'mV', got 'V'/,
    ],
  ])('is refused with %s', (_, file, change, message) => {
    const files = changed(file, change);
    expect(() => readWfdbRecord('r', { files })).toThrow(FormatError);
    expect(() => readWfdbRecord('r', { files })).toThrow(message);
    expect(() => readWfdbRecord('r', { files })).toThrow(/^\/data\/r(_0)?\.hea, record r/);
  });

  it('is refused with other leads in a fixed layout', () => {
    const change = (t: string) => t.replace(' V\n', ' W\n');
    const files = changed('r_2.hea', change, false);
    expect(() => readWfdbRecord('r', { files })).toThrow(/lead 3 of 'r_2': expected 'V' as in 'r_0', got 'W'/);
  });

  it('takes the length of a record from its segments, and of a segment from the record', () => {
    const open = changed('r.hea', (t) => t.replace('125 7 1:02:03', '125'));
    expect(readWfdbRecord('r', { files: open }).samples).toBe(7);
    const segment = changed('r_0.hea', (t) => t.replace('125 2', '125'));
    expect([...readWfdbRecord('r', { files: segment, end: 2 }).adc[0]]).toEqual([1, 2]);
  });

  it('opens only the segments that are asked for', () => {
    const files = multiSegmentFiles([plain, gap, plain], { variable: true });
    const { 'r_2.dat': _, ...without } = files;
    const tree = memoryTree(without);
    expect(readWfdbRecord('r', { files: tree, end: 5 }).samples).toBe(5);
    expect(() => readWfdbRecord('r', { files: tree })).toThrow(MissingFileError);
    expect(() => readWfdbRecord('r', { files: tree })).toThrow(/r_2\.dat, record r_2, lead I: signal file/);
  });

  it('takes no memory for a gap without end', () => {
    for (const claim of ['2000000000', '9007199254740991', '99999999999999999999']) {
      const header = `r/2 1 250\nr_l 0\n~ ${claim}`;
      const files = memoryTree({
        'r.hea': Buffer.from(header),
        'r_l.hea': Buffer.from('r_l 1 250 0\n~ 0 200 8 0 0 0 0 I'),
      });
      expect(header.length).toBeLessThan(100);
      expect(() => readWfdbRecord('r', { files })).toThrow(/\/data\/r\.hea, record r.*(values|samples) of the/);
    }
    const files = memoryTree({
      'r.hea': Buffer.from('r/2 1 250\nr_l 0\n~ 2000000000'),
      'r_l.hea': Buffer.from('r_l 1 250 0\n~ 0 200 8 0 0 0 0 I'),
    });
    expect(readWfdbRecord('r', { files, start: 10, end: 12 }).samples).toBe(2);
  });

  it('takes no memory for a segment that is named again and again', () => {
    const frames = 2 ** 20;
    const named = (times: number, samples = frames) => `r/${times} 1 250\n${`s ${samples}\n`.repeat(times)}`;
    const segment = {
      's.hea': Buffer.from(`s 1 250 ${frames}\ns.dat 16`),
      's.dat': Buffer.alloc(2 * frames),
    };
    const read = (times: number, options: WfdbOptions = {}) =>
      readWfdbRecord('r', { files: memoryTree({ ...segment, 'r.hea': Buffer.from(named(times)) }), ...options });
    expect(read(2).samples).toBe(2 * frames);
    expect(read(100, { end: 2 * frames }).samples).toBe(2 * frames);
    expect(() => read(100)).toThrow(/values of the record: expected at most \d+ at once of files that hold 2097152/);
    expect(() => read(9000)).toThrow(/values of the record: expected at most 2147483648 at once \(read ranges\)/);
  });

  it('reads a header once, however many lines name its segment', () => {
    const lines = 100_000;
    const tree = memoryTree({
      'r.hea': Buffer.from(`r/${lines} 1 250\n${'s 1\n'.repeat(lines)}`),
      's.hea': Buffer.from('s 1 250 1\ns.dat 16'),
      's.dat': Buffer.from([5, 0]),
    });
    const headers: string[] = [];
    const read: FileTree['read'] = (name, options) => {
      if (name.endsWith('.hea')) headers.push(name);
      return tree.read(name, options);
    };
    const record = readWfdbRecord('r', { files: { ...tree, read } });
    expect(headers).toEqual(['r.hea', 's.hea']);
    expect(record.segments).toHaveLength(lines);
    expect(record.adc[0].every((value) => value === 5)).toBe(true);
  });
});
