import type { Measure } from '../metrics/measure';
import { TASKS } from '../metrics/tasks';
import { escapeHtml, noteHtml } from './html';
import type { ProbeName } from './probed-model';
import { captionOf, type Provenance, SYNTHETIC_NOTE } from './provenance';
import { TABLE_1_COLUMNS } from './score-columns';
import type { Table1Cell } from './table-1';
import { rowsOf } from './table-1-csv';

export interface Table1HtmlOptions {
  readonly probe: ProbeName;
  readonly provenance: Provenance;
}

/**
 * Table 1 as HTML: our value, the best of each column bold, its 95 % interval in small type, the paper's value below.
 *
 * @param cells of Table 1
 * @param options probe, provenance
 * @returns a table that inherits the colours of the page, so light and dark themes both read well
 */
export function table1Html(cells: readonly Table1Cell[], options: Table1HtmlOptions): string {
  const { probe, provenance } = options;
  const own = cells.filter((cell) => cell.probe === probe);
  const best = new Map(TABLE_1_COLUMNS.map((column) => [column, bestOf(own, column)]));
  const heading = [
    '<tr><th rowspan="2" style="text-align: left">Model</th><th colspan="4" style="text-align: center">AUROC</th>',
    '<th colspan="4" style="text-align: center">AUPRC</th><th rowspan="2">Criteria</th></tr>',
    `<tr>${[...TASKS, ...TASKS].map((task) => `<th>${task}</th>`).join('')}</tr>`,
  ];
  const rows = rowsOf(own).map((row) => {
    const [{ model, patchSize, blockDepth, embeddingSize }] = row;
    const figures = TABLE_1_COLUMNS.map((column) => {
      const cell = row.find((one) => one.measure === column)!;
      return `<td>${figureHtml(cell, digits(cell.value) === best.get(column))}</td>`;
    });
    const architecture = `<small>patch ${patchSize}, depth ${blockDepth}, width ${embeddingSize}</small>`;
    const name = `<th style="text-align: left">${escapeHtml(model)}<br>${unbroken(architecture)}</th>`;
    return `<tr>${name}${figures.join('')}</tr>`;
  });
  const how = `Linear probes on frozen encoders, ${probe} probe. Bold: the best of its column. Small: the 95 % interval over test patients. Italic: the paper.`;
  return [
    ...(provenance.synthetic ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`] : []),
    `<table><thead>${heading.join('')}</thead><tbody>${rows.join('')}</tbody></table>`,
    `<div>${noteHtml(how)}</div>`,
    `<div>${noteHtml(captionOf({ ...provenance, synthetic: false }))}</div>`,
  ].join('\n');
}

/** Table 1 as text for a terminal: value and, after a stroke, the paper's. */
export function table1Text(cells: readonly Table1Cell[], options: Table1HtmlOptions): string {
  const { probe, provenance } = options;
  const lines = rowsOf(cells.filter((cell) => cell.probe === probe)).map((row) => [
    row[0].model,
    ...TABLE_1_COLUMNS.map((column) => {
      const { value, paper } = row.find((cell) => cell.measure === column)!;
      return `${value.toFixed(3)} | ${paper.toFixed(3)}`;
    }),
  ]);
  const header = ['ours | paper', ...TASKS.map((t) => `AUROC ${t}`), ...TASKS.map((t) => `AUPRC ${t}`), 'Criteria'];
  const widths = header.map((_, c) => Math.max(...[header, ...lines].map((line) => line[c].length)));
  const text = [header, ...lines].map((line) =>
    line
      .map((word, c) => word.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  return [...text, captionOf(provenance)].join('\n');
}

function figureHtml({ value, low, high, paper }: Table1Cell, best: boolean): string {
  const ours = best ? `<b>${digits(value)}</b>` : digits(value);
  return `${ours}<br><small>${digits(low)}–${digits(high)}</small><br><small><i>${digits(paper)}</i></small>`;
}

/** Keeps words in one line. */
function unbroken(html: string): string {
  return html.replaceAll(' ', '&nbsp;');
}

/** The best of a column as printed: equal digits are equally good. */
function bestOf(cells: readonly Table1Cell[], measure: Measure): string {
  return digits(Math.max(...cells.filter((cell) => cell.measure === measure).map(({ value }) => value)));
}

function digits(value: number): string {
  return value.toFixed(3);
}
