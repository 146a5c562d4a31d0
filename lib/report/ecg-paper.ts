import { INK, QUIET_INK, WARNING } from './palette';
import { textWidth } from './text-width';

/** An ECG machine's paper speed and gain: a large square of 5 mm is .2 s wide and .5 mV high. */
export const MM_PER_S = 25;
export const MM_PER_MV = 10;

/** Size on the screen, px a mm; 3.78 prints in true size. */
export const PX_PER_MM = 3.4;

/** Paper for the calibration pulse before the first lead of a row. */
export const PULSE_MM = 10;

const PAPER = '#fff6f6';
const MINOR = '#fbdcdd';
const MAJOR = '#f0a9ae';
const TRACE = '#101010';

/** Bounds of the room above and below a lead's zero line. */
const ABOVE_MM = { least: 15, most: 40 };
const BELOW_MM = { least: 10, most: 40 };
/** No trace comes closer to its neighbours. */
const CLEARANCE_MM = 2;

/** A drawing made of Vega marks; px. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly object[];
}

/**
 * A sheet of millimetre paper, each fifth line stronger, with what is written on it.
 *
 * @param sheet.width, sheet.height whole mm
 * @param sheet.pxPerMm px a mm, the same along and up: the squares are squares
 * @param sheet.y where it lies, px; default 0
 * @param sheet.marks on the paper, px from its corner; what reaches beyond it is cut
 * @returns a Vega group mark
 */
export function ecgPaper(sheet: {
  readonly width: number;
  readonly height: number;
  readonly pxPerMm: number;
  readonly y?: number;
  readonly marks: readonly object[];
}): object {
  const { width, height, pxPerMm, y = 0, marks } = sheet;
  return {
    type: 'group',
    encode: {
      enter: {
        y: { value: y },
        width: { value: width * pxPerMm },
        height: { value: height * pxPerMm },
        fill: { value: PAPER },
        clip: { value: true },
      },
    },
    marks: [
      lineMark(gridPath({ width, height, pxPerMm, every: 1 }), { stroke: MINOR, strokeWidth: 0.5 }),
      lineMark(gridPath({ width, height, pxPerMm, every: 5 }), { stroke: MAJOR, strokeWidth: 0.7 }),
      ...marks,
    ],
  };
}

function gridPath(sheet: { width: number; height: number; pxPerMm: number; every: 1 | 5 }): string {
  const { width, height, pxPerMm, every } = sheet;
  const px = (mm: number) => Math.round(mm * pxPerMm * 10) / 10;
  let path = '';
  for (let mm = 0; mm <= width; mm += every) if (every === 5 || mm % 5 !== 0) path += `M${px(mm)},0V${px(height)}`;
  for (let mm = 0; mm <= height; mm += every) if (every === 5 || mm % 5 !== 0) path += `M0,${px(mm)}H${px(width)}`;
  return path;
}

/** No paper is so high; a wrong gain gives thousands, and what is drawn so far outside stops the PNG's renderer. */
const MOST_MV = 10;

/** The samples, mV, none farther from 0 than paper reaches; the samples themselves where none is. */
export function withinPaper(samples: Float32Array): Float32Array {
  if (!samples.some((mv) => Math.abs(mv) > MOST_MV)) return samples;
  return samples.map((mv) => Math.max(-MOST_MV, Math.min(MOST_MV, mv)));
}

/** The calibration pulse, 1 mV for .2 s: 10 mm up, 5 mm along; on a baseline at y px. */
export function pulsePath(y: number, pxPerMm: number): string {
  const [start, up, along] = [1.5, MM_PER_MV, 0.2 * MM_PER_S].map((mm) => Math.round(mm * pxPerMm * 10) / 10);
  return `M${start},${y}h${pxPerMm}v${-up}h${along}v${up}h${pxPerMm}`;
}

/** What waves need above and below their zero line: mm, whole large squares, within bounds; the least for a wrong gain. */
export function roomOf(strips: readonly Float32Array[]): { above: number; below: number } {
  let [low, high] = [0, 0];
  for (const samples of strips) {
    for (const value of samples) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (Math.max(high, -low) > MOST_MV) return { above: ABOVE_MM.least, below: BELOW_MM.least };
  const squares = (mv: number, { least, most }: { least: number; most: number }) =>
    Math.min(most, Math.max(least, Math.ceil((mv * MM_PER_MV + CLEARANCE_MM) / 5) * 5));
  return { above: squares(high, ABOVE_MM), below: squares(-low, BELOW_MM) };
}

/** A path in one colour; default as an ECG's trace. */
export function lineMark(path: string, look: { readonly stroke?: string; readonly strokeWidth?: number } = {}): object {
  const { stroke = TRACE, strokeWidth = 1 } = look;
  const enter = { path: { value: path }, stroke: { value: stroke }, strokeWidth: { value: strokeWidth } };
  return { type: 'path', encode: { enter: { ...enter, strokeJoin: { value: 'round' } } } };
}

/** A line of text and where it begins, px. */
export interface Words {
  readonly x?: number;
  readonly y: number;
  readonly words: string;
  readonly bold?: boolean;
  readonly fontSize?: number;
  /** Default `ink`; `warning` for what must not be overlooked. */
  readonly tone?: 'ink' | 'quiet' | 'warning';
  readonly align?: 'left' | 'center' | 'right';
}

export function textMark({ x = 0, y, words, bold = false, fontSize, tone = 'ink', align = 'left' }: Words): object {
  const enter = {
    x: { value: x },
    y: { value: y },
    text: { value: words },
    fontSize: { value: fontSize ?? (bold ? 13 : 11) },
    fontWeight: { value: bold ? 'bold' : 'normal' },
    fill: { value: { ink: INK, quiet: QUIET_INK, warning: WARNING }[tone] },
    align: { value: align },
  };
  return { type: 'text', encode: { enter } };
}

/** A lead's name on the paper, legible across a trace: two marks, the first rubs the grid out. */
export function leadName(at: { readonly x: number; readonly y: number; readonly words: string }): object[] {
  const { x, y, words } = at;
  const width = textWidth(words, 13) * 1.08;
  const box = { x: { value: x - 1 }, y: { value: y - 11 }, width: { value: width + 2 }, height: { value: 13 } };
  const rubbed = { type: 'rect', encode: { enter: { ...box, fill: { value: PAPER }, opacity: { value: 0.75 } } } };
  return [rubbed, textMark({ x, y, words, bold: true })];
}
