import type { EcgRecord } from '../datasets/ecg-record';
import { LEADS, leadPositions } from '../signal/leads';
import { textMark } from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { leadStrip, STRIP_WIDTH } from './lead-strip';

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
    const { mark, height } = leadStrip(leadOf(record, lead), { fsHz: record.fsHz, lead, y: y + HEADING });
    const strip = [
      textMark({ y: y + 12, words: reason, bold: true }),
      textMark({ x: 0, y: y + 27, words: `record ${record.recordId}: ${detail}`, tone: 'quiet' }),
      mark,
    ];
    y += HEADING + height + GAP;
    return strip;
  });
  return vegaFigure(`Rejected ECGs: ${ecgs.map(({ reason }) => reason).join(', ')}`, {
    width: STRIP_WIDTH,
    height: y + 6,
    marks: [
      ...marks,
      ...(synthetic ? [textMark({ y: y + 2, words: 'synthetic ECGs, broken on purpose', tone: 'warning' })] : []),
      textMark({ x: STRIP_WIDTH, y: y + 2, words: '25 mm/s · 10 mm/mV', tone: 'quiet', align: 'right' }),
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
