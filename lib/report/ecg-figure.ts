import type { EcgRecord } from '../datasets/ecg-record';
import { ArgumentError } from '../errors';
import { FS_HZ, LEADS, type Lead, leadPositions } from '../signal/leads';
import {
  type Drawing,
  ecgPaper,
  leadName,
  lineMark,
  MM_PER_MV,
  MM_PER_S,
  PULSE_MM,
  PX_PER_MM,
  pulsePath,
  roomOf,
  textMark,
  withinPaper,
} from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { tracePath } from './trace-path';

/** How the leads stand on the sheet: rows of leads that follow each other in time, each for as long. */
const LAYOUTS: Readonly<Record<EcgLayout, { rows: readonly (readonly Lead[])[]; columnS: number; rhythm: boolean }>> = {
  '3x4': {
    rows: [
      ['I', 'aVR', 'V1', 'V4'],
      ['II', 'aVL', 'V2', 'V5'],
      ['III', 'aVF', 'V3', 'V6'],
    ],
    columnS: 2.5,
    rhythm: true,
  },
  '6x2': {
    rows: [
      ['I', 'V1'],
      ['II', 'V2'],
      ['III', 'V3'],
      ['aVR', 'V4'],
      ['aVL', 'V5'],
      ['aVF', 'V6'],
    ],
    columnS: 5,
    rhythm: false,
  },
  '12x1': { rows: LEADS.map((lead) => [lead]), columnS: 10, rhythm: false },
};

/** `3x4`: three rows of four leads, 2.5 s each, and a rhythm strip; `6x2`: 5 s each; `12x1`: every lead for 10 s. */
export type EcgLayout = '3x4' | '6x2' | '12x1';

const SHEET_S = 10;
const END_MM = 5;
/** Leads by name, in any order; a standardised signal has the order of `LEADS`. */
export type EcgSignal = Float32Array | Pick<EcgRecord, 'leads' | 'signal' | 'samples' | 'fsHz'>;

export interface EcgFigureOptions {
  /** Hz; default 250. A record brings its own. */
  readonly fsHz?: number;
  /** Above the sheet: which ECG this is. */
  readonly title?: string;
  /** Default `3x4`. */
  readonly layout?: EcgLayout;
  /** Lead of the rhythm strip of `3x4`; default II. */
  readonly rhythmLead?: Lead;
  /** Size on the screen; default 3.4 px a mm, 925 px in all; 3.78 prints in true size. */
  readonly pxPerMm?: number;
  /** Says below the sheet that the ECG is simulated. */
  readonly synthetic?: boolean;
}

/**
 * A 12-lead ECG as a cardiologist reads it: on the millimetre grid, 25 mm/s, 10 mm/mV, calibration pulses of 1 mV.
 *
 * Rows stand as far apart as their waves need, 25 mm at least.
 *
 * @param ecg a record, mV, leads by name, those that it lacks left out; or mV, [lead = 12, sample], leads in the order
 *   of `LEADS`. NaN leaves a gap; the first 10 s are drawn
 * @param options fsHz, title, layout, rhythmLead, pxPerMm, synthetic
 * @returns a Vega figure
 * @throws ArgumentError when the length is no multiple of 12
 */
export function ecgFigure(ecg: EcgSignal, options: EcgFigureOptions = {}): Figure {
  const { title } = options;
  const { width, height, marks } = ecgSheet(ecg, options);
  const description = `12-lead ECG, 25 mm/s, 10 mm/mV${title === undefined ? '' : `: ${title}`}`;
  return vegaFigure(description, { width, height, marks });
}

/** The sheet of `ecgFigure`, its title above and its caption below it, to be put into a larger figure. */
export function ecgSheet(ecg: EcgSignal, options: EcgFigureOptions = {}): Drawing {
  const { title, layout = '3x4', rhythmLead = 'II', pxPerMm = PX_PER_MM, synthetic = false } = options;
  const { fsHz, seconds, leadOf } = leadsOf(ecg, options.fsHz);
  const { rows, columnS, rhythm } = LAYOUTS[layout];
  const strips = rows.map((leads) => leads.map((lead, column) => ({ lead, from: column * columnS, s: columnS })));
  if (rhythm) strips.push([{ lead: rhythmLead, from: 0, s: SHEET_S }]);

  let zeroMm = 0; // of the row at hand, from the sheet's upper edge
  let belowMm = 0;
  const traces: string[] = [];
  const names: object[] = [];
  for (const row of strips) {
    const cut = row.flatMap(({ lead, from, s }) => {
      const samples = leadOf(lead);
      const [start, end] = [from, from + s].map((second) => Math.round(second * fsHz));
      return samples === undefined ? [] : [{ lead, from, samples: samples.subarray(start, end) }];
    });
    const { above, below } = roomOf(cut.map(({ samples }) => samples));
    zeroMm += belowMm + above;
    belowMm = below;
    const y = zeroMm * pxPerMm;
    traces.push(pulsePath(y, pxPerMm));
    for (const { lead, from, samples } of cut) {
      const x = (PULSE_MM + from * MM_PER_S) * pxPerMm;
      const scales = { xStep: (MM_PER_S * pxPerMm) / fsHz, yScale: MM_PER_MV * pxPerMm, tolerance: 0.2 };
      traces.push(tracePath(withinPaper(samples), { ...scales, x, y }));
      if (from > 0) traces.push(`M${x},${y - 3 * pxPerMm}v${6 * pxPerMm}`); // where one lead ends and the next begins
      names.push(...leadName({ x: x + 4, y: y - (above - 4) * pxPerMm, words: lead }));
    }
  }
  const [width, height] = [PULSE_MM + SHEET_S * MM_PER_S + END_MM, zeroMm + belowMm];
  const top = title === undefined ? 0 : 24;
  const bottom = height * pxPerMm + top + 15;
  const caption = `25 mm/s · 10 mm/mV · ${round(fsHz)} Hz · ${round(seconds)} s`;
  return {
    width: width * pxPerMm,
    height: bottom + 3,
    marks: [
      ...(title === undefined ? [] : [textMark({ y: 11, words: title, bold: true })]),
      ecgPaper({ width, height, pxPerMm, y: top, marks: [lineMark(traces.join('')), ...names] }),
      ...(synthetic ? [textMark({ y: bottom, words: 'synthetic ECG', tone: 'warning' })] : []),
      textMark({ x: width * pxPerMm, y: bottom, words: caption, tone: 'quiet', align: 'right' }),
    ],
  };
}

function leadsOf(ecg: EcgSignal, fsHz = FS_HZ) {
  const record = ecg instanceof Float32Array ? standardised(ecg, fsHz) : ecg;
  const { samples, signal } = record;
  const positions = leadPositions(record.leads);
  const leadOf = (lead: Lead) => {
    const position = positions[LEADS.indexOf(lead)];
    return position === -1 ? undefined : signal.subarray(position * samples, (position + 1) * samples);
  };
  return { fsHz: record.fsHz, seconds: samples / record.fsHz, leadOf };
}

function standardised(signal: Float32Array, fsHz: number) {
  const samples = signal.length / LEADS.length;
  if (!Number.isInteger(samples) || samples === 0) {
    throw new ArgumentError('ECG', { expected: '12 leads of equal length', actual: `${signal.length} samples in all` });
  }
  return { leads: LEADS, signal, samples, fsHz };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
