import type { EcgRecord } from '../datasets/ecg-record';
import { LEADS } from '../signal/leads';
import { ecgSheet } from './ecg-figure';
import { type Drawing, textMark } from './ecg-paper';
import { type Figure, vegaFigure } from './figure';

const GAP = 14;

/**
 * An ECG as its publisher has it, and below it as every model sees it: two sheets of millimetre paper.
 *
 * @param before the publisher's record, mV; leads that it lacks are left out
 * @param after mV, [lead = 12, sample = 2500]
 * @param options.title which dataset, which ECG; options.synthetic says that it is simulated
 */
export function beforeAfterFigure(
  before: EcgRecord,
  after: Float32Array,
  options: { readonly title: string; readonly synthetic?: boolean },
): Figure {
  const { title, synthetic = false } = options;
  const order = (leads: readonly string[]) => `${leads.length} leads, in the order ${leads.join(' ')}`;
  const sheets = [
    ecgSheet(before, { title: `before: ${order(before.leads)}`, synthetic }),
    ecgSheet(after, { title: `after: ${order(LEADS)}`, synthetic }),
  ];
  const { width, height, marks } = stacked(sheets, 26);
  const heading = textMark({ y: 12, words: title, bold: true, fontSize: 15, tone: synthetic ? 'warning' : 'ink' });
  return vegaFigure(`${title}, before and after standardising`, { width, height, marks: [heading, ...marks] });
}

/** Drawings below each other, the first at y px. */
function stacked(drawings: readonly Drawing[], y: number): Drawing {
  let top = y;
  const marks = drawings.map((drawing) => {
    const group = { type: 'group', encode: { enter: { y: { value: top } } }, marks: drawing.marks };
    top += drawing.height + GAP;
    return group;
  });
  return { width: Math.max(...drawings.map(({ width }) => width)), height: top - GAP, marks };
}
