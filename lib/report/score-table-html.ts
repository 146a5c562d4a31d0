import { TASKS } from '../metrics/tasks';
import { escapeHtml, noteHtml } from './html';
import { captionOf, type Provenance, SYNTHETIC_NOTE, withRuns } from './provenance';
import { type Drop, rowsOfCells, type ScoreCell } from './score-cells';
import type { ScoreMeasure } from './score-columns';
import type { ScoreTable } from './score-table';
import type { EncoderShape } from './scored-model';
import { settingWords } from './setting-words';

export interface ScoreTableOptions {
  readonly table: ScoreTable;
  /** Its run names are taken from the cells where it has none. */
  readonly provenance: Provenance;
  /** Default: that of the table. */
  readonly title?: string;
}

/**
 * A table of scores as HTML, below how to read it: our value, the best of each column bold (of each setting, where the
 * table has settings), its 95 % interval in small type, the standard deviation over several seeds, the paper's value.
 *
 * @param cells of the table
 * @param options table, provenance, title
 * @returns a table that inherits the colours of the page, so light and dark themes both read well
 */
export function scoreTableHtml(cells: readonly ScoreCell[], options: ScoreTableOptions): string {
  const { table, title = table.title } = options;
  const provenance = withRuns(options.provenance, cells);
  const drops = cells.some(({ drop }) => drop !== undefined);
  const heading = [
    '<tr><th rowspan="2" style="text-align: left">Model</th><th colspan="4" style="text-align: center">AUROC</th>',
    '<th colspan="4" style="text-align: center">AUPRC</th><th rowspan="2">Criteria</th>',
    `${drops ? '<th rowspan="2">Drop</th>' : ''}</tr>`,
    `<tr>${[...TASKS, ...TASKS].map((task) => `<th>${task}</th>`).join('')}</tr>`,
  ];
  const groups = groupsOf(cells, table).flatMap(({ name, cells: own }) => {
    const columns = 1 + table.columns.length + (drops ? 1 : 0);
    const head = name === '' ? [] : [`<tr><th colspan="${columns}" style="text-align: left">${name}</th></tr>`];
    return [...head, ...rowsOfCells(own).map((row) => rowHtml(row, { table, group: own, drops }))];
  });
  return [
    ...(provenance.synthetic ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`] : []),
    `<div>${noteHtml(howToRead(cells, { table, title }))}</div>`,
    `<table><thead>${heading.join('')}</thead><tbody>${groups.join('')}</tbody></table>`,
    `<div>${noteHtml(captionOf({ ...provenance, synthetic: false }))}</div>`,
  ].join('\n');
}

/** A table of scores as text for a terminal: value and, after a stroke, the paper's. */
export function scoreTableText(cells: readonly ScoreCell[], options: ScoreTableOptions): string {
  const { table } = options;
  const provenance = withRuns(options.provenance, cells);
  const lines = groupsOf(cells, table).flatMap(({ name, cells: own }) =>
    rowsOfCells(own).map((row) => [
      row[0].model,
      ...(table.setting === undefined ? [] : [name]),
      ...table.columns.map((column) => {
        const { value, paper } = cellOf(row, column);
        return `${digits(value)} | ${paper === undefined ? '-' : digits(paper)}`;
      }),
    ]),
  );
  const setting = table.setting === undefined ? [] : [''];
  const scores = [...TASKS.map((task) => `AUROC ${task}`), ...TASKS.map((task) => `AUPRC ${task}`), 'Criteria'];
  const header = ['ours | paper', ...setting, ...scores];
  const widths = header.map((_, c) => Math.max(...[header, ...lines].map((line) => line[c].length)));
  const text = [header, ...lines].map((line) =>
    line
      .map((word, c) => word.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  return [...text, captionOf(provenance)].join('\n');
}

/** The cells of each setting; all of them where the table has none. */
function groupsOf(cells: readonly ScoreCell[], { setting }: ScoreTable): { name: string; cells: ScoreCell[] }[] {
  if (setting === undefined) return [{ name: '', cells: [...cells] }];
  return [...new Set(cells.map((cell) => cell.setting[setting]))].map((value) => ({
    name: settingWords({ [setting]: value }),
    cells: cells.filter((cell) => cell.setting[setting] === value),
  }));
}

function rowHtml(
  row: readonly ScoreCell[],
  { table, group, drops }: { table: ScoreTable; group: readonly ScoreCell[]; drops: boolean },
): string {
  const figures = table.columns.map((column) => {
    const cell = cellOf(row, column);
    return `<td>${figureHtml(cell, digits(cell.value) === bestOf(group, column))}</td>`;
  });
  const { drop } = cellOf(row, 'criteria');
  const lost = drops ? [`<td>${drop === undefined ? '' : dropHtml(drop)}</td>`] : [];
  const name = `${escapeHtml(row[0].model)}<br>${unbroken(shapeHtml(row[0].architecture))}`;
  return `<tr><th style="text-align: left">${name}</th>${[...figures, ...lost].join('')}</tr>`;
}

/** In the order in which a cell has it, from top to bottom. */
function howToRead(cells: readonly ScoreCell[], { table, title }: { table: ScoreTable; title: string }): string {
  const where = table.setting === undefined ? '' : ' at each setting';
  const several = cells.some(({ spread }) => spread !== undefined);
  const over = `test patients${several ? ' and seeds' : ''}`; // of one run it cannot tell what another would give
  return [
    `${title}. Bold: the best of its column${where}. Small: the 95 % interval over ${over}.`,
    ...(several ? ['±: the standard deviation over the seeds.'] : []),
    ...(cells.some(({ corrected }) => corrected !== undefined)
      ? ['In brackets: the AUPRC if the test ECGs had the same share of cases as the training ECGs.']
      : []),
    "Italic: the paper's.",
    ...(cells.some(({ drop }) => drop !== undefined)
      ? ['Drop: what Criteria lose against the same model on all labels (Table 3), in percent.']
      : []),
  ].join(' ');
}

function shapeHtml(architecture: EncoderShape | undefined): string {
  if (architecture === undefined) return '<small>1D-ResNet50</small>';
  const { patchSize, blockDepth, embeddingSize } = architecture;
  return `<small>patch ${patchSize}, depth ${blockDepth}, width ${embeddingSize}</small>`;
}

function figureHtml({ value, low, high, spread, corrected, paper }: ScoreCell, best: boolean): string {
  return [
    best ? `<b>${digits(value)}</b>` : digits(value),
    `<small>${intervalHtml(low, high)}</small>`,
    ...(spread === undefined ? [] : [`<small>±${digits(spread)}</small>`]),
    ...(corrected === undefined ? [] : [`<small>(${digits(corrected.value)})</small>`]),
    ...(paper === undefined ? [] : [paperHtml(short(paper))]),
  ].join('<br>');
}

function dropHtml({ value, low, high, paper }: Drop): string {
  return [
    `${tenth(value)}&nbsp;%`,
    `<small>${unbroken(`${tenth(low)} to ${tenth(high)}`)}</small>`,
    ...(paper === undefined ? [] : [paperHtml(tenth(paper))]),
  ].join('<br>');
}

function paperHtml(value: string): string {
  return `<small><i>paper&nbsp;${value}</i></small>`;
}

/** `.643–.926`, in one line. */
function intervalHtml(low: number, high: number): string {
  return `${short(low)}&#8288;–&#8288;${short(high)}`;
}

/** `.643`: ten columns with a nought more would not fit beside each other. */
function short(value: number): string {
  return digits(value).replace(/^0/, '');
}

/** With a minus sign as wide as a digit; nothing is minus nought. */
function tenth(value: number): string {
  return value
    .toFixed(1)
    .replace(/^-0\.0$/, '0.0')
    .replace('-', '−');
}

function cellOf(row: readonly ScoreCell[], measure: ScoreMeasure): ScoreCell {
  return row.find((cell) => cell.measure === measure)!;
}

/** Keeps words in one line. */
function unbroken(html: string): string {
  return html.replaceAll(' ', '&nbsp;');
}

/** The best of a column as printed: equal digits are equally good. */
function bestOf(cells: readonly ScoreCell[], measure: ScoreMeasure): string {
  return digits(Math.max(...cells.filter((cell) => cell.measure === measure).map(({ value }) => value)));
}

function digits(value: number): string {
  return value.toFixed(3);
}
