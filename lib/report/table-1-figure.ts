import type { Readout } from '../evaluate/readout';
import type { Figure } from './figure';
import { probeInWords } from './probe-words';
import type { Provenance } from './provenance';
import { scorePointsFigure } from './score-points-figure';
import type { Table1Cell } from './table-1-report';

/**
 * Table 1 as a figure: each model's AUROC and AUPRC on each task with our 95 % interval, and the paper's value hollow.
 *
 * @param cells of Table 1, of one probe
 * @param options.provenance told below the title; options.readout what the probe reads, told in it where it is given
 * @returns a Vega-Lite figure
 */
export function table1Figure(
  cells: readonly Table1Cell[],
  { readout, provenance }: { readonly readout?: Readout; readonly provenance: Provenance },
): Figure {
  const probe = cells.some((cell) => cell.probe === 'weak') ? 'weak' : 'tuned';
  return scorePointsFigure(cells, {
    title: `Linear probes on frozen encoders (Table 1), ${probeInWords(probe, readout)}`,
    description: "AUROC and AUPRC of linear probes on frozen encoders by task, ours beside the paper's.",
    provenance,
  });
}
