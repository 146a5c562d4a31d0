import type { EcgRecord } from '../datasets/ecg-record';
import { FS_HZ, LEADS, type Lead, leadPositions, SAMPLES } from '../signal/leads';
import { textMark } from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { leadStrip, STRIP_WIDTH } from './lead-strip';

const HEADING = 22;
const CAPTION = 18;
const GAP = 10;

/** An ECG before and after standardising. */
export interface StandardisedEcg {
  /** Which dataset, which ECG. */
  readonly title: string;
  readonly synthetic: boolean;
  /** mV, leads by name in the publisher's order. */
  readonly before: EcgRecord;
  /** mV, [lead = 12, sample = 2500] */
  readonly after: Float32Array;
}

/**
 * One lead of several ECGs, as their publishers have it and as every model sees it: two strips of paper each.
 *
 * @param options.lead default II; a record that lacks it is drawn as standardised alone
 */
export function beforeAfterStripsFigure(
  ecgs: readonly StandardisedEcg[],
  { lead = 'II' }: { readonly lead?: Lead } = {},
): Figure {
  const marks: object[] = [];
  let y = 0;
  const add = (samples: Float32Array, fsHz: number, words: string) => {
    marks.push(textMark({ y: y + 11, words, tone: 'quiet' }));
    const { mark, height } = leadStrip(samples, { fsHz, lead, y: y + CAPTION });
    marks.push(mark);
    y += CAPTION + height + GAP;
  };
  for (const { title, synthetic, before, after } of ecgs) {
    marks.push(textMark({ y: y + 13, words: title, bold: true, tone: synthetic ? 'warning' : 'ink' }));
    y += HEADING;
    const { leads, samples, fsHz, signal } = before;
    const position = leadPositions(leads)[LEADS.indexOf(lead)];
    if (position !== -1) {
      const place = `${lead} is number ${position + 1} of its ${leads.length} leads`;
      const own = signal.subarray(position * samples, (position + 1) * samples);
      add(own, fsHz, `before: ${fsHz} samples a second, ${samples / fsHz} s; ${place}`);
    }
    const at = LEADS.indexOf(lead) * SAMPLES;
    add(after.subarray(at, at + SAMPLES), FS_HZ, `after: ${FS_HZ} samples a second, ${SAMPLES / FS_HZ} s`);
  }
  const words = '25 mm/s · 10 mm/mV';
  marks.push(textMark({ x: STRIP_WIDTH, y: y + 4, words, tone: 'quiet', align: 'right' }));
  const title = `Lead ${lead} of ${ecgs.length} ECGs, before and after standardising`;
  return vegaFigure(title, { width: STRIP_WIDTH, height: y + 8, marks });
}
