import { ArgumentError } from '../errors';
import { FS_HZ, LEADS } from '../signal/leads';
import { type Figure, vegaFigure } from './figure';
import { QUIET_INK, WARNING } from './palette';
import { tracePath } from './trace-path';

/** The classic sheet: three rows of four leads, 2.5 s each, and a rhythm strip. */
const LAYOUT = [
  ['I', 'aVR', 'V1', 'V4'],
  ['II', 'aVL', 'V2', 'V5'],
  ['III', 'aVF', 'V3', 'V6'],
] as const;
const COLUMN_S = 2.5;
const SHEET_S = 10;
const MM_PER_S = 25;
const MM_PER_MV = 10;
const ROW_MM = 25;
/** The calibration pulse stands before the signal. */
const PULSE_MM = 10;
const END_MM = 5;

const SHEET = '#fff7f5';
const MINOR = '#f9d8d3';
const MAJOR = '#eeaaa2';
const TRACE = '#101010';

export interface EcgFigureOptions {
  /** Hz; default 250. */
  readonly fsHz?: number;
  /** Above the sheet: which ECG this is. */
  readonly title?: string;
  /** Lead of the rhythm strip; default II. */
  readonly rhythmLead?: (typeof LEADS)[number];
  /** Size on the screen; default 3.4 px a mm, 925 px in all. */
  readonly pxPerMm?: number;
  /** Says below the sheet that the ECG is simulated. */
  readonly synthetic?: boolean;
}

/**
 * A 12-lead ECG as a cardiologist reads it: on the millimetre grid, 25 mm/s, 10 mm/mV, calibration pulses of 1 mV, three
 * rows of four leads and a rhythm strip.
 *
 * @param signal mV, [lead = 12, sample], leads in the order of `LEADS`; NaN leaves a gap; the first 10 s are drawn
 * @param options fsHz, title, rhythmLead, pxPerMm, synthetic
 * @returns a Vega figure
 * @throws ArgumentError when the length is no multiple of 12
 */
export function ecgFigure(signal: Float32Array, options: EcgFigureOptions = {}): Figure {
  const { fsHz = FS_HZ, title, rhythmLead = 'II', pxPerMm = 3.4, synthetic = false } = options;
  const samples = signal.length / LEADS.length;
  if (!Number.isInteger(samples) || samples === 0) {
    throw new ArgumentError('ECG', { expected: '12 leads of equal length', actual: `${signal.length} samples in all` });
  }
  const strips = [
    ...LAYOUT.flatMap((leads, row) =>
      leads.map((lead, column) => ({ lead, row, from: column * COLUMN_S, s: COLUMN_S })),
    ),
    { lead: rhythmLead, row: LAYOUT.length, from: 0, s: SHEET_S },
  ].map(({ lead, row, from, s }) => {
    const first = LEADS.indexOf(lead) * samples;
    const [start, end] = [from, from + s].map((second) => Math.min(samples, Math.round(second * fsHz)));
    const [x, y] = [(PULSE_MM + from * MM_PER_S) * pxPerMm, (row + 0.55) * ROW_MM * pxPerMm];
    const scales = { xStep: (MM_PER_S * pxPerMm) / fsHz, yScale: MM_PER_MV * pxPerMm };
    const path = tracePath(signal.subarray(first + start, first + end), { ...scales, x, y, tolerance: 0.2 });
    return { lead, x, y, path };
  });

  const [width, height] = [PULSE_MM + SHEET_S * MM_PER_S + END_MM, (LAYOUT.length + 1) * ROW_MM];
  const starts = strips.filter(({ x }) => x === strips[0].x);
  const line = (path: string, stroke: string, strokeWidth: number) => ({
    type: 'path',
    encode: { enter: { path: { value: path }, stroke: { value: stroke }, strokeWidth: { value: strokeWidth } } },
  });
  const text = (at: {
    x: number;
    y: number;
    words: string;
    bold?: boolean;
    quiet?: boolean;
    warning?: boolean;
    align?: string;
  }) => ({
    type: 'text',
    encode: {
      enter: {
        x: { value: at.x },
        y: { value: at.y },
        text: { value: at.words },
        fontSize: { value: at.bold ? 13 : 11 },
        fontWeight: { value: at.bold ? 'bold' : 'normal' },
        fill: { value: at.warning ? WARNING : at.quiet ? QUIET_INK : TRACE },
        align: { value: at.align ?? 'left' },
      },
    },
  });
  const top = title === undefined ? 0 : 24;
  const description = `12-lead ECG, 25 mm/s, 10 mm/mV${title === undefined ? '' : `: ${title}`}`;
  return vegaFigure(description, {
    width: width * pxPerMm,
    height: height * pxPerMm + top + 18,
    marks: [
      ...(title === undefined ? [] : [text({ x: 0, y: 11, words: title, bold: true })]),
      ...(synthetic ? [text({ x: 0, y: height * pxPerMm + top + 15, words: 'synthetic ECG', warning: true })] : []),
      text({
        x: width * pxPerMm,
        y: height * pxPerMm + top + 15,
        words: `25 mm/s · 10 mm/mV · ${fsHz} Hz`,
        quiet: true,
        align: 'right',
      }),
      {
        type: 'group',
        encode: {
          enter: {
            y: { value: top },
            width: { value: width * pxPerMm },
            height: { value: height * pxPerMm },
            fill: { value: SHEET },
            clip: { value: true },
          },
        },
        marks: [
          line(grid({ width, height, pxPerMm, every: 1 }), MINOR, 0.5),
          line(grid({ width, height, pxPerMm, every: 5 }), MAJOR, 0.7),
          line(starts.map(({ y }) => pulse(y, pxPerMm)).join(''), TRACE, 1),
          line(
            strips
              .filter(({ x }) => x !== strips[0].x)
              .map((strip) => divider(strip, pxPerMm))
              .join(''),
            TRACE,
            1,
          ),
          line(strips.map(({ path }) => path).join(''), TRACE, 1),
          ...strips.map(({ lead, x, y }) => text({ x: x + 4, y: y - 8.5 * pxPerMm, words: lead, bold: true })),
        ],
      },
    ],
  });
}

function grid(sheet: { width: number; height: number; pxPerMm: number; every: 1 | 5 }): string {
  const { width, height, pxPerMm, every } = sheet;
  const px = (mm: number) => Math.round(mm * pxPerMm * 10) / 10;
  let path = '';
  for (let mm = 0; mm <= width; mm += every) if (every === 5 || mm % 5 !== 0) path += `M${px(mm)},0V${px(height)}`;
  for (let mm = 0; mm <= height; mm += every) if (every === 5 || mm % 5 !== 0) path += `M0,${px(mm)}H${px(width)}`;
  return path;
}

/** 1 mV for .2 s: 10 mm up, 5 mm along. */
function pulse(y: number, pxPerMm: number): string {
  return `M${1.5 * pxPerMm},${y}h${pxPerMm}v${-10 * pxPerMm}h${5 * pxPerMm}v${10 * pxPerMm}h${pxPerMm}`;
}

/** The short stroke where one lead ends and the next begins. */
function divider({ x, y }: { x: number; y: number }, pxPerMm: number): string {
  return `M${x},${y - 3 * pxPerMm}v${6 * pxPerMm}`;
}
