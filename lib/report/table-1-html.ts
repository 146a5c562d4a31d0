import type { Readout } from '../evaluate/readout';
import { probeInWords } from './probe-words';
import type { ProbeName } from './probed-model';
import type { Provenance } from './provenance';
import { TABLE_1 } from './score-table';
import { type ScoreTableOptions, scoreTableHtml, scoreTableText } from './score-table-html';
import type { Table1Cell } from './table-1-report';

export interface Table1HtmlOptions {
  readonly probe: ProbeName;
  /** What the probe reads of an encoder, told in the title; default: not told. */
  readonly readout?: Readout;
  readonly provenance: Provenance;
}

/** Table 1 of one probe as HTML; as `scoreTableHtml`. */
export function table1Html(cells: readonly Table1Cell[], options: Table1HtmlOptions): string {
  return scoreTableHtml(cellsOf(cells, options), scoreOptions(options));
}

/** Table 1 of one probe as text for a terminal; as `scoreTableText`. */
export function table1Text(cells: readonly Table1Cell[], options: Table1HtmlOptions): string {
  return scoreTableText(cellsOf(cells, options), scoreOptions(options));
}

function cellsOf(cells: readonly Table1Cell[], { probe }: Table1HtmlOptions): Table1Cell[] {
  return cells.filter((cell) => cell.probe === probe);
}

function scoreOptions({ probe, readout, provenance }: Table1HtmlOptions): ScoreTableOptions {
  return { table: TABLE_1, title: `${TABLE_1.title}, ${probeInWords(probe, readout)}`, provenance };
}
