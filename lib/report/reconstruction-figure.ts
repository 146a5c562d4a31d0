import { ArgumentError } from '../errors';
import { FS_HZ, LEADS, type Lead } from '../signal/leads';
import { type Figure, vegaFigure } from './figure';
import { INK, MODEL_COLOURS, QUIET_INK, WARNING } from './palette';
import type { ModelName } from './probed-model';
import { SYNTHETIC_NOTE } from './provenance';
import { textWidth } from './text-width';
import { tracePath } from './trace-path';

/** An ECG with some of its time patches hidden from the encoder. */
export interface MaskedEcg {
  /** mV, [lead = 12, sample]. */
  readonly signal: Float32Array;
  /** [patch] 1 where the encoder did not see it, in all leads. */
  readonly masked: ArrayLike<number>;
  /** Samples a patch. */
  readonly patchSize: number;
}

/** What a decoder made of the hidden patches. */
export interface Reconstruction {
  readonly model: ModelName;
  /** mV, [lead = 12, sample]; only masked patches are drawn, the others were never trained. */
  readonly signal: Float32Array;
}

export interface ReconstructionFigureOptions {
  /** Drawn from top to bottom; default II, V1, V5. */
  readonly leads?: readonly Lead[];
  /** Hz; default 250. */
  readonly fsHz?: number;
  readonly title?: string;
  /** Says in the title that the ECG is simulated. */
  readonly synthetic?: boolean;
}

const WIDTH = 840;
const ROW = 120;
const GAP = 14;
const HIDDEN = '#e9e9ee';

/**
 * One ECG with its masked patches shaded and the reconstruction of each method drawn over it.
 *
 * @param ecg the ECG and its mask
 * @param reconstructions one a method, made with this mask
 * @param options leads, fsHz, title, synthetic
 * @returns a Vega figure
 * @throws ArgumentError when a reconstruction has another shape than the ECG
 */
export function reconstructionFigure(
  ecg: MaskedEcg,
  reconstructions: readonly Reconstruction[],
  options: ReconstructionFigureOptions = {},
): Figure {
  const {
    leads = ['II', 'V1', 'V5'],
    fsHz = FS_HZ,
    title = 'Masked patches and their reconstruction',
    synthetic = false,
  } = options;
  for (const { model, signal } of reconstructions) {
    if (signal.length === ecg.signal.length) continue;
    const actual = `${signal.length} of ${model}`;
    throw new ArgumentError('reconstruction', { expected: `${ecg.signal.length} samples in all, as the ECG`, actual });
  }
  const samples = ecg.signal.length / LEADS.length;
  const hidden = hiddenStretches(ecg, samples);
  const rows = leads.map((lead, row) => {
    const leadOf = (signal: Float32Array) => {
      const at = LEADS.indexOf(lead) * samples;
      return signal.subarray(at, at + samples);
    };
    const original = leadOf(ecg.signal);
    const drawn = reconstructions.map(({ model, signal }) => ({ model, samples: onlyHidden(leadOf(signal), hidden) }));
    const [low, high] = rangeOf([original, ...drawn.map((one) => one.samples)]);
    const yScale = ROW / (high - low);
    const at = { xStep: WIDTH / samples, yScale, y: high * yScale, tolerance: 0.2 };
    return group({
      y: row * (ROW + GAP),
      lead,
      range: [low, high],
      axis: row === leads.length - 1 ? samples / fsHz : undefined,
      marks: [
        ...hidden.map(([from, to]) => band((from * WIDTH) / samples, ((to - from) * WIDTH) / samples)),
        line(tracePath(original, at), INK, 1.1),
        ...drawn.map(({ model, samples: own }) => line(tracePath(own, at), MODEL_COLOURS[model], 1.7)),
      ],
    });
  });
  return vegaFigure(`${title}: ${leads.join(', ')}, ${reconstructions.map(({ model }) => model).join(', ')}`, {
    width: WIDTH,
    height: 58 + leads.length * (ROW + GAP) - GAP,
    marks: [
      text({ y: 12, words: synthetic ? `${title}. ${SYNTHETIC_NOTE}` : title, bold: true, warning: synthetic }),
      ...legend(['original', ...reconstructions.map(({ model }) => model)]),
      { type: 'group', encode: { enter: { y: { value: 58 } } }, marks: rows },
    ],
  });
}

/** Runs of masked patches as [first sample, one past the last]. */
function hiddenStretches({ masked, patchSize }: MaskedEcg, samples: number): [number, number][] {
  const found: [number, number][] = [];
  for (let patch = 0; patch < masked.length; patch++) {
    if (masked[patch] === 0) continue;
    const first = patch;
    while (patch + 1 < masked.length && masked[patch + 1] !== 0) patch++;
    found.push([first * patchSize, Math.min(samples, (patch + 1) * patchSize)]);
  }
  return found;
}

function onlyHidden(samples: Float32Array, hidden: readonly (readonly [number, number])[]): Float32Array {
  const kept = new Float32Array(samples.length).fill(Number.NaN);
  for (const [from, to] of hidden) kept.set(samples.subarray(from, to), from);
  return kept;
}

function rangeOf(signals: readonly Float32Array[]): [number, number] {
  let [low, high] = [-0.25, 0.25];
  for (const signal of signals) {
    for (const value of signal) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const margin = (high - low) * 0.06;
  return [round(low - margin), round(high + margin)];
}

function group(row: { y: number; lead: string; range: [number, number]; axis: number | undefined; marks: object[] }) {
  const seconds = { name: 'seconds', type: 'linear', domain: [0, row.axis ?? 1], range: [0, WIDTH] };
  const millivolts = { name: 'millivolts', type: 'linear', domain: row.range, range: [ROW, 0] };
  const quiet = { domain: false, tickColor: QUIET_INK, labelColor: INK, labelFontSize: 11, titleColor: INK };
  const title = { titleFontSize: 12, titleFontWeight: 'normal' };
  return {
    type: 'group',
    encode: { enter: { y: { value: row.y }, width: { value: WIDTH }, height: { value: ROW } } },
    scales: [seconds, millivolts],
    axes: [
      { scale: 'millivolts', orient: 'left', tickCount: 3, title: `${row.lead} (mV)`, ...quiet, ...title },
      ...(row.axis === undefined ? [] : [{ scale: 'seconds', orient: 'bottom', title: 'seconds', ...quiet, ...title }]),
    ],
    marks: row.marks,
  };
}

function band(x: number, width: number) {
  const at = {
    x: { value: round(x) },
    width: { value: round(width) },
    height: { value: ROW },
    fill: { value: HIDDEN },
  };
  return { type: 'rect', encode: { enter: at } };
}

function line(path: string, stroke: string, strokeWidth: number) {
  const look = { stroke: { value: stroke }, strokeWidth: { value: strokeWidth }, strokeJoin: { value: 'round' } };
  return { type: 'path', encode: { enter: { path: { value: path }, ...look } } };
}

function text({ x = 0, y, words, bold = false, warning = false }: Words) {
  const look = {
    fontSize: { value: bold ? 13 : 12 },
    fontWeight: { value: bold ? 'bold' : 'normal' },
    fill: { value: warning ? WARNING : INK },
  };
  return { type: 'text', encode: { enter: { x: { value: x }, y: { value: y }, text: { value: words }, ...look } } };
}

interface Words {
  readonly x?: number;
  readonly y: number;
  readonly words: string;
  readonly bold?: boolean;
  readonly warning?: boolean;
}

/** A stroke and a name for each curve, and a grey box for the masked patches. */
function legend(names: readonly string[]): object[] {
  const marks: object[] = [];
  let x = 0;
  for (const name of [...names, 'masked: the encoder did not see it']) {
    const colour = name === 'original' ? INK : MODEL_COLOURS[name as ModelName];
    const box = {
      x: { value: x },
      y: { value: 26 },
      width: { value: 22 },
      height: { value: 13 },
      fill: { value: HIDDEN },
    };
    marks.push(colour === undefined ? { type: 'rect', encode: { enter: box } } : line(`M${x},33h22`, colour, 2.5));
    marks.push(text({ x: x + 28, y: 37, words: name }));
    x = Math.round(x + 28 + textWidth(name, 12) + 20);
  }
  return marks;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
