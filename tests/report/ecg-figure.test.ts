import { describe, expect, it } from 'vitest';
import type { EcgRecord } from '../../lib/datasets/ecg-record';
import { ArgumentError, FormatError } from '../../lib/errors';
import { randomStream } from '../../lib/random';
import { beforeAfterFigure } from '../../lib/report/before-after-figure';
import { beforeAfterStripsFigure } from '../../lib/report/before-after-strips-figure';
import { type EcgLayout, ecgFigure } from '../../lib/report/ecg-figure';
import { renderPng, renderSvg } from '../../lib/report/render';
import { standardisationFigure } from '../../lib/report/standardisation-figure';
import { LEADS } from '../../lib/signal/leads';
import { standardise } from '../../lib/signal/standardise';
import { exampleRecord } from '../signal/example-record';

/** A record whose leads are flat but for one step, so that every corner of the trace is known. */
function steps(leads: readonly string[], { fsHz = 500, samples = 5000, mv = 1 } = {}): EcgRecord {
  const signal = Float32Array.from({ length: leads.length * samples }, (_, i) => (i % samples < fsHz ? 0 : mv));
  return exampleRecord({ fsHz, samples, leads, signal });
}

interface Mark {
  type: string;
  encode: { enter: Record<string, { value: unknown }> };
  marks?: Mark[];
}
const marksOf = (figure: { spec: object }) => (figure.spec as { marks: Mark[] }).marks;
const flat = (marks: readonly Mark[]): Mark[] => marks.flatMap((mark) => [mark, ...flat(mark.marks ?? [])]);
const textsOf = (figure: { spec: object }) =>
  flat(marksOf(figure)).flatMap(({ type, encode }) => (type === 'text' ? [String(encode.enter.text.value)] : []));
const pathsOf = (figure: { spec: object }) =>
  flat(marksOf(figure)).flatMap(({ type, encode }) => (type === 'path' ? [String(encode.enter.path.value)] : []));

describe('an ECG on paper', () => {
  it('has squares as wide as high, 25 mm a second, 10 mm a millivolt and a pulse of 1 mV for .2 s', () => {
    const [minor, major, traces] = pathsOf(ecgFigure(steps(LEADS), { pxPerMm: 10 }));
    // every fifth of the lines of a millimetre is drawn stronger instead
    expect([...minor.matchAll(/M([\d.]+),0V/g)].slice(0, 5).map(([, x]) => Number(x))).toEqual([10, 20, 30, 40, 60]);
    expect([...minor.matchAll(/M0,([\d.]+)H/g)].slice(0, 5).map(([, y]) => Number(y))).toEqual([10, 20, 30, 40, 60]);
    expect([...major.matchAll(/M([\d.]+),0V/g)].slice(0, 3).map(([, x]) => Number(x))).toEqual([0, 50, 100]);
    expect(traces).toMatch(/^M15,150h10v-100h50v100h10/); // 10 mm up, 5 mm along
    expect(traces).toContain('M100,150l249.5,0l0.5-100l374.5,0'); // lead I: 1 s at 0 mV, then 1 mV to 2.5 s
  });

  it.each<[EcgLayout, readonly string[]]>([
    ['3x4', ['I', 'aVR', 'V1', 'V4', 'II', 'aVL', 'V2', 'V5', 'III', 'aVF', 'V3', 'V6', 'II']],
    ['6x2', ['I', 'V1', 'II', 'V2', 'III', 'V3', 'aVR', 'V4', 'aVL', 'V5', 'aVF', 'V6']],
    ['12x1', LEADS],
  ])('names its leads in the layout %s', (layout, names) => {
    const texts = textsOf(ecgFigure(steps(LEADS), { layout }));
    expect(texts.filter((text) => (LEADS as readonly string[]).includes(text))).toEqual(names);
    expect(texts.at(-1)).toBe('25 mm/s · 10 mm/mV · 500 Hz · 10 s');
  });

  it('finds leads by name in any order and case, and leaves out those that are not there', () => {
    const own = (leads: readonly string[]) => pathsOf(ecgFigure(steps(leads)));
    expect(own([...LEADS].reverse().map((lead) => lead.toUpperCase()))).toEqual(own(LEADS));
    const texts = textsOf(ecgFigure(steps(['V1', 'II'], { samples: 4096 })));
    expect(texts).toEqual(['V1', 'II', 'II', '25 mm/s · 10 mm/mV · 500 Hz · 8.192 s']);
  });

  it('moves rows apart for high voltages, and cuts what no paper could hold', () => {
    const heightOf = (mv: number) => (ecgFigure(steps(LEADS, { mv })).spec as { height: number }).height;
    expect(heightOf(2.9)).toBeGreaterThan(heightOf(1));
    expect(heightOf(2000)).toBe(heightOf(1)); // a gain that is wrong by 1,000
    const [, , traces] = pathsOf(ecgFigure(steps(LEADS, { mv: Number.NaN })));
    expect(traces.match(/M34,51l84\.8,0/g)).toHaveLength(1); // lead I ends where it is not a number
  });

  it('of a gain that is wrong by thousands can be drawn', async () => {
    const record = steps(LEADS, { mv: -30_000 });
    expect(renderPng(await renderSvg(ecgFigure(record)), { scale: 0.2 }).length).toBeGreaterThan(1000);
  });

  it('refuses what cannot be twelve leads', () => {
    expect(() => ecgFigure(new Float32Array(25))).toThrow(ArgumentError);
    const record = steps(['V1']);
    expect(() => standardisationFigure(record, new Float32Array(30_000), { title: 'x' })).toThrow(FormatError);
  });

  it.each<[EcgLayout, number]>([
    ['3x4', 60_000],
    ['6x2', 75_000],
    ['12x1', 100_000],
  ])('with noise at 500 Hz stays small as %s: below %i bytes', async (layout, bytes) => {
    const stream = randomStream(3, 'noise');
    const record = exampleRecord({ fsHz: 500 });
    const signal = record.signal.map((value) => value + 0.003 * stream.normal());
    expect((await renderSvg(ecgFigure({ ...record, signal }, { layout }))).length).toBeLessThan(bytes);
  });
});

describe('an ECG before and after standardising', () => {
  it('says in which order the leads were, and at which rate', () => {
    const record = steps(['V1', 'I', 'II'], { samples: 4096 });
    const after = standardise(steps(LEADS, { samples: 4096 }));
    const texts = textsOf(beforeAfterFigure(record, after, { title: 'IKEM 7', synthetic: true }));
    expect(texts).toContain('before: 3 leads, in the order V1 I II');
    expect(texts).toContain(`after: 12 leads, in the order ${LEADS.join(' ')}`);
    expect(texts.filter((text) => text.includes(' Hz'))).toEqual([
      '25 mm/s · 10 mm/mV · 500 Hz · 8.192 s',
      '25 mm/s · 10 mm/mV · 250 Hz · 10 s',
    ]);
    expect(texts.filter((text) => text === 'synthetic ECG')).toHaveLength(2);
  });

  it('of several datasets shows one lead of each, as published and after', () => {
    const before = steps(['V1', 'I', 'II'], { fsHz: 400, samples: 4096 });
    const after = standardise(steps(LEADS, { fsHz: 400, samples: 4096 }));
    const figure = beforeAfterStripsFigure([
      { title: 'CODE-15 7', synthetic: true, before, after },
      { title: 'without II', synthetic: false, before: { ...before, leads: ['V1', 'I', 'V2'] }, after },
    ]);
    const texts = textsOf(figure);
    expect(texts).toContain('before: 400 samples a second, 10.24 s; II is number 3 of its 3 leads');
    expect(texts.filter((text) => text === 'after: 250 samples a second, 10 s')).toHaveLength(2);
    expect(texts.filter((text) => text.startsWith('before'))).toHaveLength(1);
    const traces = pathsOf(figure).filter((path) => path.startsWith('M3.9,39h2.6v-26h13v26h2.6')); // 1 mV for .2 s at 2.6 px
    expect(traces).toHaveLength(3);
    expect(traces[0]).toContain('M26,39l64.8,0l0.2-26'); // a step after 1 s, less a sample
  });

  it.each([
    [500, 4096, '2,048 samples are padded to 2,500 with 0 mV, 0.904 s at either end'],
    [400, 4096, 'of 2,560 samples the middle 2,500 are kept; 0.12 s at either end'],
    [100, 1000, '2,500 samples already'],
  ])('step by step: %i Hz, %i samples', (fsHz, samples, words) => {
    const record = steps(LEADS, { fsHz, samples });
    const texts = textsOf(standardisationFigure(record, standardise(record), { title: 'x' }));
    expect(texts.join('\n')).toContain(words);
    expect(texts.join('\n')).toContain(`${fsHz} samples a second (blue) become 250 (red)`);
  });
});
