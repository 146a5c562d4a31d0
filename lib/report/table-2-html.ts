import { printedRisk } from '../risk/printed-risk';
import type { RiskMode } from '../risk/task-risk';
import { escapeHtml, noteHtml } from './html';
import { captionOf, type Provenance, SYNTHETIC_NOTE, withRuns } from './provenance';
import { rowsOfTable2, type Table2Cell } from './table-2';
import { decompositionOf } from './table-2-csv';
import { table2Notes } from './table-2-notes';
import type { Table2Report } from './table-2-report';
import { RISK_FIGURES, type RiskFigure } from './table-2-resampled';

export interface Table2HtmlOptions {
  /** Default: robust. */
  readonly mode?: RiskMode;
  /** Its run names are taken from the cells where it has none. */
  readonly provenance: Provenance;
}

const TITLES: Readonly<Record<RiskFigure, string>> = {
  approximation: 'Approximation',
  usability: 'Usability',
  probeGeneralisation: 'Probe gen.',
  encoderGeneralisation: 'Encoder gen.',
  total: 'Total risk',
};

/** A row as it is printed. */
interface PrintedRow {
  readonly cells: readonly Table2Cell[];
  readonly printed: Readonly<Record<RiskFigure, string>>;
}

/**
 * Table 2 as HTML, below how to read it: our value, the lowest of each task and column bold, its 95 % interval in small
 * type, the paper's value; then notes.
 *
 * @param report from `table2Report`
 * @param options mode, provenance
 * @returns a table that inherits the colours of the page, so light and dark themes both read well
 */
export function table2Html(report: Omit<Table2Report, 'claims'>, options: Table2HtmlOptions): string {
  const { mode = 'robust' } = options;
  const provenance = withRuns(options.provenance, report.cells);
  const rows = printedRows(report.cells, mode);
  const heading = ['Model', 'Task', ...RISK_FIGURES.map((figure) => TITLES[figure])].map((title, c) => {
    return `<th${c < 2 ? ' style="text-align: left"' : ''}>${title}</th>`;
  });
  const body = rows.map((row, r) => {
    const [{ model, task }] = row.cells;
    const own = rows.filter(({ cells: [first] }) => first.model === model);
    const name =
      rows.indexOf(own[0]) === r
        ? `<th rowspan="${own.length}" style="text-align: left; vertical-align: top">${escapeHtml(model)}</th>`
        : '';
    const figures = row.cells.map(
      (cell) => `<td>${figureHtml(cell, row.printed[cell.term], isBest(cell, row, rows))}</td>`,
    );
    return `<tr>${name}<th style="text-align: left">${task}</th>${figures.join('')}</tr>`;
  });
  const how = `Risk decomposition of linear probes, ${mode} mode: errors, lower is better; the four terms add up to the total. Bold: the lowest of its task and column. Small: the 95 % interval. Italic: the paper's.`;
  const notes = table2Notes(report.cells, { mode, pretrainedOnTraining: report.pretrainedOnTraining });
  return [
    ...(provenance.synthetic ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`] : []),
    `<div>${noteHtml(how)}</div>`,
    `<table><thead><tr>${heading.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`,
    `<ul>${notes.map((note) => `<li>${noteHtml(note)}</li>`).join('')}</ul>`,
    `<div>${noteHtml(captionOf({ ...provenance, synthetic: false }))}</div>`,
  ].join('\n');
}

/** Table 2 as text for a terminal: value and, after a stroke, the paper's. */
export function table2Text(report: Omit<Table2Report, 'claims'>, options: Table2HtmlOptions): string {
  const { mode = 'robust' } = options;
  const lines = printedRows(report.cells, mode).map(({ cells, printed }) => [
    cells[0].model,
    cells[0].task,
    ...cells.map(({ term, paper }) => `${printed[term].padStart(7)} | ${paper === undefined ? '-' : paper.toFixed(4)}`),
  ]);
  const header = [`${mode} mode, ours | paper`, '', ...RISK_FIGURES.map((figure) => TITLES[figure])];
  const widths = header.map((_, c) => Math.max(...[header, ...lines].map((line) => line[c].length)));
  const text = [header, ...lines].map((line) =>
    line
      .map((word, c) => word.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  const notes = table2Notes(report.cells, { mode, pretrainedOnTraining: report.pretrainedOnTraining });
  return [...text, ...notes, captionOf(withRuns(options.provenance, report.cells))].join('\n');
}

function printedRows(cells: readonly Table2Cell[], mode: RiskMode): PrintedRow[] {
  return rowsOfTable2(cells.filter((cell) => cell.mode === mode)).map((row) => {
    return { cells: row, printed: printedRisk(decompositionOf(row)) };
  });
}

/** As printed: equal digits are equally good; where all models are equal none is the best. */
function isBest({ term, task }: Table2Cell, row: PrintedRow, rows: readonly PrintedRow[]): boolean {
  const values = rows.filter(({ cells: [first] }) => first.task === task).map(({ printed }) => Number(printed[term]));
  const lowest = Math.min(...values);
  return Number(row.printed[term]) === lowest && values.some((value) => value !== lowest);
}

function figureHtml({ low, high, paper }: Table2Cell, value: string, best: boolean): string {
  return [
    best ? `<b>${minus(value)}</b>` : minus(value),
    `<small>${minus(low.toFixed(3))}&nbsp;to&nbsp;${minus(high.toFixed(3))}</small>`,
    ...(paper === undefined ? [] : [`<small><i>paper&nbsp;${minus(paper.toFixed(4))}</i></small>`]),
  ].join('<br>');
}

/** With a minus sign as wide as a digit, which no line ends after. */
function minus(digits: string): string {
  return digits.replace('-', '−');
}
