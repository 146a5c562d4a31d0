import type { EcgRecord } from '../datasets/ecg-record';
import { LEADS, leadPositions } from '../signal/leads';
import { textMark } from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { leadStrip, STRIP_WIDTH } from './lead-strip';

const HEADING = 34;
const GAP = 12;
/** The highest wave of a lead drawn to fit reaches no farther, mV. */
const FITTING_MV = 3.8;

/** A record that was rejected, and why. */
export interface FaultyEcg {
  readonly reason: string;
  readonly detail: string;
  readonly record: EcgRecord;
}

/**
 * What is wrong with records that were rejected: of each the lead in which it shows, on paper, as its reader sees it.
 *
 * A lead that the detail names is drawn, else the first that has invalid samples, else II. One with a wrong gain is drawn
 * to fit, with a note that says how.
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
    const own = leadOf(record, lead);
    const factor = reason === 'implausible-amplitude' ? tooLargeBy(own) : 1;
    const drawn = own.map((mv) => mv / factor);
    const { mark, height } = leadStrip(drawn, { fsHz: record.fsHz, lead, y: y + HEADING });
    const note = textMark({ x: STRIP_WIDTH, y: y + 12, words: scaleNote(factor), tone: 'warning', align: 'right' });
    const strip = [
      textMark({ y: y + 12, words: reason, bold: true }),
      ...(factor === 1 ? [] : [note]),
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
  return named ?? invalid ?? (there.includes('II') ? 'II' : (there[0] ?? record.leads[0]));
}

function leadOf({ leads, signal, samples }: EcgRecord, name: string): Float32Array {
  const known = leadPositions(leads)[(LEADS as readonly string[]).indexOf(name)];
  const position = known ?? leads.indexOf(name);
  return signal.subarray(position * samples, (position + 1) * samples);
}

/** The power of ten, below 1 for a lead too small, over which the highest wave just fits on the paper. */
function tooLargeBy(samples: Float32Array): number {
  const highest = samples.reduce((most, mv) => (Math.abs(mv) > most ? Math.abs(mv) : most), 0); // NaN is not
  return highest === 0 ? 1 : Number(`1e${Math.ceil(Math.log10(highest / FITTING_MV))}`); // 10 ** -4 is not .0001
}

function scaleNote(factor: number): string {
  const how = factor > 1 ? `at 1/${factor} of its height` : `${Math.round(1 / factor)} times as high`;
  return `drawn ${how}: here the pulse is ${factor} mV`;
}
