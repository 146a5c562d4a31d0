import type { EcgRecord } from '../datasets/ecg-record';
import { LEADS, leadPositions } from '../signal/leads';
import {
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
} from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { tracePath } from './trace-path';

const WIDTH_MM = PULSE_MM + 10 * MM_PER_S + 5;
const HEADING = 34;
const GAP = 12;
/** A record that was rejected, and why. */
export interface FaultyEcg {
  readonly reason: string;
  readonly detail: string;
  readonly record: EcgRecord;
}

/**
 * What is wrong with records that were rejected: of each the lead in which it shows, on paper, as its reader sees it.
 *
 * A lead that the detail names is drawn, else the first that has invalid samples, else II. What does not fit on the paper,
 * as with a wrong gain, runs along its edge.
 *
 * @param ecgs each a strip
 * @param options.synthetic says that they are simulated
 */
export function faultyEcgsFigure(
  ecgs: readonly FaultyEcg[],
  { synthetic = false }: { readonly synthetic?: boolean } = {},
): Figure {
  let y = 0;
  const marks = ecgs.flatMap(({ reason, detail, record }) => {
    const lead = tellingLead({ reason, detail, record });
    const samples = leadOf(record, lead).subarray(0, Math.round(10 * record.fsHz));
    const { above, below } = roomOf([samples]);
    // a lead that is stuck beyond the paper's edge is seen to be stuck, as with a stylus at its stop
    const [most, least] = [(above - 1) / MM_PER_MV, (1 - below) / MM_PER_MV];
    const drawn = samples.map((mv) => Math.max(least, Math.min(most, mv)));
    const zero = above * PX_PER_MM;
    const scales = { xStep: (MM_PER_S * PX_PER_MM) / record.fsHz, yScale: MM_PER_MV * PX_PER_MM, tolerance: 0.2 };
    const trace = tracePath(drawn, { ...scales, x: PULSE_MM * PX_PER_MM, y: zero });
    const strip = [
      textMark({ y: y + 12, words: reason, bold: true }),
      textMark({ x: 0, y: y + 27, words: `record ${record.recordId}: ${detail}`, tone: 'quiet' }),
      ecgPaper({
        width: WIDTH_MM,
        height: above + below,
        pxPerMm: PX_PER_MM,
        y: y + HEADING,
        marks: [lineMark(pulsePath(zero, PX_PER_MM) + trace), ...leadName({ x: 4, y: 14, words: lead })],
      }),
    ];
    y += HEADING + (above + below) * PX_PER_MM + GAP;
    return strip;
  });
  const width = WIDTH_MM * PX_PER_MM;
  return vegaFigure(`Rejected ECGs: ${ecgs.map(({ reason }) => reason).join(', ')}`, {
    width,
    height: y + 6,
    marks: [
      ...marks,
      ...(synthetic ? [textMark({ y: y + 2, words: 'synthetic ECGs, broken on purpose', tone: 'warning' })] : []),
      textMark({ x: width, y: y + 2, words: '25 mm/s · 10 mm/mV', tone: 'quiet', align: 'right' }),
    ],
  });
}

function tellingLead({ reason, detail, record }: FaultyEcg): string {
  const there = LEADS.filter((_, i) => leadPositions(record.leads)[i] !== -1);
  // a record that lacks a lead has its others named
  const named = (reason === 'missing-lead' ? '' : detail)
    .split(/[^A-Za-z0-9]+/)
    .find((word) => (there as readonly string[]).includes(word));
  const invalid = there.find((lead) => leadOf(record, lead).some(Number.isNaN));
  return named ?? invalid ?? (there.includes('II') ? 'II' : there[0]);
}

function leadOf({ leads, signal, samples }: EcgRecord, name: string): Float32Array {
  const position = leads.findIndex((lead) => lead.trim().toLowerCase() === name.toLowerCase());
  return signal.subarray(position * samples, (position + 1) * samples);
}
