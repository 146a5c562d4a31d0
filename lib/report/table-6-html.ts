import type { Table6Column } from './dataset-facts';
import { escapeHtml, noteHtml } from './html';
import { SYNTHETIC_NOTE } from './provenance';
import type { Table6Cell, Table6Report, Table6Row } from './table-6-report';

const HEADINGS: Readonly<Record<Table6Column, string>> = {
  country: 'Country',
  patients: 'Patients',
  samples: 'ECGs',
  leads: 'Leads',
  mv_unit: 'MV-unit',
  duration_s: 'Duration (s)',
  sampling_rate_hz: 'Rate (Hz)',
};

const HOW_TO_READ =
  'Table 6. First line: counted in the standardised stores that are here, rejected records included. Italic: the paper, and ours minus the paper’s where they differ. Country, leads and MV-unit are as the publisher says.';

/**
 * Table 6 as HTML: ours, below it the paper's figure and the difference, what was kept and what was rejected why; below
 * the table a sentence for each disagreement.
 *
 * @returns a table that inherits the colours of the page, so light and dark themes both read well
 */
export function table6Html(report: Table6Report): string {
  const heading = [
    '<tr><th style="text-align: left">Dataset</th>',
    ...Object.values(HEADINGS).map((name) => `<th>${name}</th>`),
    '<th>Kept</th><th style="text-align: left">Rejected</th></tr>',
  ];
  const notes = report.rows
    .filter((row) => row.notes.length > 0)
    .map((row) => `<li><b>${escapeHtml(row.title)}.</b> ${escapeHtml(row.notes.join(' '))}</li>`);
  const general = report.notes.map((note) => `<li>${escapeHtml(note)}</li>`);
  return [
    ...(report.rows.some(({ synthetic }) => synthetic)
      ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`]
      : []),
    `<table><thead>${heading.join('')}</thead><tbody>${report.rows.map(rowHtml).join('')}</tbody></table>`,
    `<div>${noteHtml(HOW_TO_READ)}</div>`,
    `<ul>${[...notes, ...general].join('')}</ul>`,
  ].join('\n');
}

/** Table 6 as text for a terminal: ours and, after a stroke, the paper's; the notes below. */
export function table6Text(report: Table6Report): string {
  const header = ['ours | paper', ...Object.values(HEADINGS), 'Kept', 'Rejected'];
  const lines = report.rows.map((row) => [
    row.synthetic ? `${row.title} (simulated)` : row.title,
    ...row.cells.map(({ value, paper, column }) => `${figure(value, column)} | ${figure(paper, column)}`),
    row.counts === undefined ? '-' : count(row.counts.kept),
    row.counts === undefined ? 'not here' : rejectedWords(row),
  ]);
  const widths = header.map((_, c) => Math.max(...[header, ...lines].map((line) => line[c].length)));
  const text = [header, ...lines].map((line) =>
    line
      .map((word, c) => word.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  const notes = report.rows.flatMap((row) => row.notes.map((note) => `${row.title}: ${note}`));
  return [...text, '', ...notes, ...report.notes].join('\n');
}

function rowHtml(row: Table6Row): string {
  const name = `<th style="text-align: left">${escapeHtml(row.title)}<br><small>${stateWords(row)}</small></th>`;
  const cells = row.cells.map((cell) => `<td>${cellHtml(cell)}</td>`);
  const kept = row.counts === undefined ? '' : count(row.counts.kept);
  const rejected = rejectedWords(row)
    .split(', ')
    .map((words) => words.replaceAll(' ', '&nbsp;'))
    .join(', ');
  return `<tr>${name}${cells.join('')}<td>${kept}</td><td style="text-align: left; white-space: normal"><small>${rejected}</small></td></tr>`;
}

function stateWords({ counts, synthetic }: Table6Row): string {
  if (counts === undefined) return '<i>not here: the paper alone</i>';
  return synthetic ? '<span style="color: #c0392b">simulated</span>' : 'counted';
}

function cellHtml({ value, paper, difference, column }: Table6Cell): string {
  const own = value === undefined ? [] : [escapeHtml(figure(value, column))];
  const differs = difference !== undefined && Math.abs(difference) > 1e-9;
  const change = differs ? ` (${signed(difference)})` : '';
  const theirs = paper === undefined ? [] : [`<small><i>${escapeHtml(figure(paper, column) + change)}</i></small>`];
  return [...own, ...theirs].join('<br>').replaceAll(' ', '&nbsp;');
}

function rejectedWords({ counts }: Table6Row): string {
  if (counts === undefined) return '';
  return counts.rejected.map(({ reason, records }) => `${count(records)} ${reason}`).join(', ') || '0';
}

function figure(value: string | number | undefined, column: Table6Column): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return value;
  return column === 'patients' || column === 'samples' ? count(value) : String(value);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function signed(value: number): string {
  const size = Number(Math.abs(value).toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 6 });
  return `${value < 0 ? '−' : '+'}${size}`;
}
