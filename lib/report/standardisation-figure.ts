import type { EcgRecord } from '../datasets/ecg-record';
import { FormatError } from '../errors';
import { FS_HZ, LEADS, type Lead, leadPositions, SAMPLES } from '../signal/leads';
import { ecgPaper, leadName, lineMark, MM_PER_MV, MM_PER_S, PX_PER_MM, textMark, withinPaper } from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { SUPERCLASS_COLOURS } from './palette';
import { tracePath } from './trace-path';

/** Enough of the paper for the longest record there is, 10.24 s, and what is padded on either side. */
const STRIP_S = 10.6;
/** A look through the magnifying glass at a steep place; of the gains the largest that fits. */
const GLASS = { mmPerS: 1000, mmPerMv: [40, 20, 10, 5, 2], mm: 40 };
const STEP = 24;
const GAP = 16;
const RAW = SUPERCLASS_COLOURS.STTC;
/** The caption calls it red, so it must not be taken for orange; against blue it is told apart in colour blindness too. */
const RESAMPLED = '#c8102e';
const CUT = '#00000022';

/**
 * How a record becomes a standardised ECG, step by step on one of its leads: found by name and in mV, resampled to
 * 250 Hz, cut or padded to 10 s.
 *
 * @param before the publisher's record, mV
 * @param after what `standardise` made of it without further options, mV, [lead = 12, sample = 2500]
 * @param options.title which ECG; options.lead default II; options.synthetic says that it is simulated
 * @throws FormatError when the record lacks the lead
 */
export function standardisationFigure(
  before: EcgRecord,
  after: Float32Array,
  options: { readonly title: string; readonly lead?: Lead; readonly synthetic?: boolean },
): Figure {
  const { title, lead = 'II', synthetic = false } = options;
  const position = leadPositions(before.leads)[LEADS.indexOf(lead)];
  if (position === -1) {
    const where = { file: before.file, record: before.recordId };
    throw new FormatError('lead', { expected: lead, actual: before.leads.join(' '), where });
  }
  const raw = withinPaper(before.signal.subarray(position * before.samples, (position + 1) * before.samples));
  const own = withinPaper(after.subarray(LEADS.indexOf(lead) * SAMPLES, (LEADS.indexOf(lead) + 1) * SAMPLES));
  const seconds = before.samples / before.fsHz;
  const resampled = Math.ceil((before.samples * FS_HZ) / before.fsHz - 1e-9);
  // as `standardise` crops and pads; before the record's first sample where it is negative
  const startS =
    (resampled > SAMPLES ? Math.floor((resampled - SAMPLES) / 2) : -Math.floor((SAMPLES - resampled) / 2)) / FS_HZ;

  const spread = Math.abs(seconds - SAMPLES / FS_HZ) / 2;
  const fromS = Math.min(0, startS) - 0.15;
  const magnified = glass(raw, { fsHz: before.fsHz, own, startS });
  const panels = [
    {
      words: `1  One lead of ${before.leads.length}, ${lead}, found by its name (it is number ${position + 1}), in mV: ${number(before.fsHz)} samples a second, ${number(seconds)} s.`,
      drawing: strip([{ samples: raw, fsHz: before.fsHz, atS: 0 }], { fromS, lead }),
    },
    {
      words: `2  Resampled: ${number(before.fsHz)} samples a second (blue) become 250 (red). A quarter of a second, ${GLASS.mmPerS / MM_PER_S} times as wide.`,
      drawing: magnified,
    },
    {
      words: `3  Brought to 10 s: ${endsWords(resampled, spread)}`,
      drawing: strip([{ samples: own, fsHz: FS_HZ, atS: startS }], {
        fromS,
        lead,
        shaded: [
          [Math.min(0, startS), Math.max(0, startS)],
          [Math.min(seconds, startS + 10), Math.max(seconds, startS + 10)],
        ],
        ghost: { samples: raw, fsHz: before.fsHz, atS: 0 },
      }),
    },
  ];
  let y = 26;
  const marks = panels.flatMap(({ words, drawing }) => {
    const heading = textMark({ y: y + 12, words, fontSize: 12 });
    const paper = ecgPaper({ ...drawing, pxPerMm: PX_PER_MM, y: y + STEP - 4 });
    y += STEP + drawing.height * PX_PER_MM + GAP;
    return [heading, paper];
  });
  const heading = textMark({ y: 12, words: title, bold: true, fontSize: 15, tone: synthetic ? 'warning' : 'ink' });
  const caption = textMark({
    x: width() * PX_PER_MM,
    y: y + 2,
    words: `1 and 3: 25 mm/s · 10 mm/mV; 2: ${GLASS.mmPerS} mm/s · ${magnified.mmPerMv} mm/mV`,
    tone: 'quiet',
    align: 'right',
  });
  return vegaFigure(`${title}: lead ${lead} as published, resampled to 250 Hz and brought to 10 s`, {
    width: width() * PX_PER_MM,
    height: y + 6,
    marks: [heading, ...marks, caption],
  });
}

interface Stretch {
  readonly samples: Float32Array;
  readonly fsHz: number;
  /** When the first sample was, s from the record's first. */
  readonly atS: number;
}

interface Panel {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly object[];
}

function width(): number {
  return Math.ceil(STRIP_S * MM_PER_S);
}

/** A lead on paper at 25 mm/s and 10 mm/mV, about its own middle. */
function strip(
  stretches: readonly Stretch[],
  {
    fromS,
    lead,
    shaded = [],
    ghost,
  }: {
    fromS: number;
    lead: string;
    shaded?: readonly (readonly [number, number])[];
    ghost?: Stretch;
  },
): Panel {
  const all = [...stretches, ...(ghost === undefined ? [] : [ghost])];
  const [low, high] = rangeOf(all.map(({ samples }) => samples));
  const [above, below] = [high, -low].map((mv) => Math.max(10, Math.ceil((mv * MM_PER_MV + 2) / 5) * 5));
  const x = (s: number) => (s - fromS) * MM_PER_S * PX_PER_MM;
  const trace = ({ samples, fsHz, atS }: Stretch) =>
    tracePath(samples, {
      xStep: (MM_PER_S * PX_PER_MM) / fsHz,
      yScale: MM_PER_MV * PX_PER_MM,
      x: x(atS),
      y: above * PX_PER_MM,
      tolerance: 0.2,
    });
  const height = above + below;
  const bands = shaded.filter(([start, end]) => end - start > 0.001);
  return {
    width: width(),
    height,
    marks: [
      ...bands.map(([start, end]) => rect(x(start), x(end) - x(start), height * PX_PER_MM)),
      ...(ghost === undefined ? [] : [lineMark(trace(ghost), { stroke: '#9a9a9a' })]),
      ...stretches.map((stretch) => lineMark(trace(stretch))),
      ...leadName({ x: 4, y: 13, words: lead }),
    ],
  };
}

/** The samples before and after, about the place where the lead is steepest. */
function glass(
  raw: Float32Array,
  { fsHz, own, startS }: { fsHz: number; own: Float32Array; startS: number },
): Panel & { readonly mmPerMv: number } {
  const seconds = width() / GLASS.mmPerS;
  const centre = steepest(raw) / fsHz;
  const fromS = Math.min(Math.max(0, centre - seconds / 2), raw.length / fsHz - seconds);
  const pxPerS = GLASS.mmPerS * PX_PER_MM;
  const within = (samples: Float32Array, hz: number, atS: number) => {
    const first = Math.max(0, Math.ceil((fromS - atS) * hz));
    const last = Math.min(samples.length - 1, Math.floor((fromS + seconds - atS) * hz));
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      return { x: ((first + i) / hz + atS - fromS) * pxPerS, mv: samples[first + i] };
    });
  };
  const before = within(raw, fsHz, 0);
  const after = within(own, FS_HZ, startS);
  const values = [...before, ...after].map(({ mv }) => mv).filter((mv) => !Number.isNaN(mv));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const fitting = GLASS.mmPerMv.find((gain) => (high - low) * gain <= GLASS.mm - 6);
  const mmPerMv = fitting ?? GLASS.mmPerMv[GLASS.mmPerMv.length - 1];
  const y = (mv: number) => (GLASS.mm - 3 - (mv - low) * mmPerMv) * PX_PER_MM;
  const valid = ({ mv }: { mv: number }) => !Number.isNaN(mv);
  const line = before.map((at, i) => {
    const begins = i === 0 || !valid(before[i - 1]); // an invalid sample leaves a gap
    return valid(at) ? `${begins ? 'M' : 'L'}${tenth(at.x)},${tenth(y(at.mv))}` : '';
  });
  return {
    width: width(),
    height: GLASS.mm,
    mmPerMv,
    marks: [
      lineMark(line.join(''), { stroke: RAW, strokeWidth: 1 }),
      lineMark(
        before
          .filter(valid)
          .map(({ x, mv }) => dot(x, y(mv), 3.2))
          .join(''),
        { stroke: RAW, strokeWidth: 1.2 },
      ),
      lineMark(after.map(({ x, mv }) => dot(x, y(mv), 1.2)).join(''), { stroke: RESAMPLED, strokeWidth: 3 }),
    ],
  };
}

function endsWords(resampled: number, spreadS: number): string {
  if (resampled === SAMPLES) return '2,500 samples already, nothing is cut or added.';
  const each = `${number(spreadS)} s`;
  const samples = resampled.toLocaleString('en-US');
  return resampled > SAMPLES
    ? `of ${samples} samples the middle 2,500 are kept; ${each} at either end (shaded) are cut off.`
    : `${samples} samples are padded to 2,500 with 0 mV, ${each} at either end (shaded).`;
}

/** Where the middle half of a lead is steepest: a QRS, rather than how the recording begins. */
function steepest(samples: Float32Array): number {
  const first = Math.floor(samples.length / 4);
  let [at, steepestStep] = [first, 0];
  for (let i = first + 1; i < samples.length - first; i++) {
    const step = Math.abs(samples[i] - samples[i - 1]);
    if (step > steepestStep) [at, steepestStep] = [i, step];
  }
  return at;
}

function rangeOf(signals: readonly Float32Array[]): [number, number] {
  let [low, high] = [0, 0];
  for (const signal of signals) {
    for (const value of signal) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

function rect(x: number, wide: number, high: number): object {
  const at = { x: { value: tenth(x) }, width: { value: tenth(wide) }, height: { value: high }, fill: { value: CUT } };
  return { type: 'rect', encode: { enter: at } };
}

/** A circle about a point. */
function dot(x: number, y: number, radius: number): string {
  return `M${tenth(x - radius)},${tenth(y)}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function number(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
