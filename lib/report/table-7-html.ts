import { TASKS } from '../metrics/tasks';
import { escapeHtml, noteHtml } from './html';
import { SYNTHETIC_NOTE } from './provenance';
import { TABLE_7_COLUMNS, type Table7Cell, type Table7Column, type Table7Report } from './table-7-report';
import type { RuleCell, Table7Rule } from './table-7-rule';

const HOW_TO_READ =
  'Table 7. First line: counted here. Italic: the paper, under the name that it gives the figure in brackets, and ours minus the paper’s where they differ.';

/**
 * Table 7 as HTML: ours, below it the paper's figure and the difference; then the rule behind each of the paper's figures
 * and what it gives; then a sentence for each disagreement.
 *
 * @returns tables that inherit the colours of the page, so light and dark themes both read well
 */
export function table7Html(report: Table7Report): string {
  const heading = TABLE_7_COLUMNS.map(({ heading: name, printedAs }) => {
    return `<th>${name}${printedAs === undefined ? '' : `<br><small><i>(${escapeHtml(printedAs)})</i></small>`}</th>`;
  });
  const rows = TASKS.map((task) => {
    const own = report.cells.filter((cell) => cell.task === task);
    return `<tr><th style="text-align: left">${task}</th>${own.map((cell) => `<td>${cellHtml(cell)}</td>`).join('')}</tr>`;
  });
  const left = '<th style="text-align: left">';
  const tasks = TASKS.map((task) => `<th>${task}</th>`).join('');
  return [
    ...(report.synthetic ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`] : []),
    `<table><thead><tr><th></th>${heading.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
    `<div>${noteHtml(HOW_TO_READ)}</div>`,
    `<ul>${report.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
    `<table><thead><tr>${left}The paper’s figure</th>${left}Rule</th>${tasks}</tr></thead>`,
    `<tbody>${report.rules.map(ruleHtml).join('')}</tbody></table>`,
    `<div>${noteHtml('How the paper’s figures come about. First line: what the rule gives; ✓ as printed, ✗ not. Italic: the paper.')}</div>`,
  ].join('\n');
}

/** Table 7 as text for a terminal: ours and, after a stroke, the paper's; then the rules and the notes. */
export function table7Text({ cells, rules, notes }: Table7Report): string {
  const header = ['ours | paper', ...TABLE_7_COLUMNS.map(({ heading }) => heading)];
  const lines = TASKS.map((task) => [
    task,
    ...cells
      .filter((cell) => cell.task === task)
      .map(({ value, paper, column }) => `${figure(value, column)} | ${figure(paper, column)}`),
  ]);
  const derived = rules.map(({ figure: name, rule, cells: own, remark }) => {
    const results = own.map(({ task, derived: gives, printed, agrees }) => {
      return `${task} ${gives ?? '-'} ${agrees === undefined ? '|' : agrees ? '=' : '≠'} ${printed}`;
    });
    return `${name}: ${rule}\n  ${results.join(', ')}${remark === undefined ? '' : `\n  ${remark}`}`;
  });
  const widths = header.map((_, c) => Math.max(...[header, ...lines].map((line) => line[c].length)));
  const table = [header, ...lines].map((line) =>
    line
      .map((word, c) => word.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  return [...table, '', ...notes, '', ...derived].join('\n');
}

function cellHtml({ value, paper, difference, column }: Table7Cell): string {
  const differs = difference !== undefined && Math.abs(difference) > 0.00005;
  const change = differs ? ` (${signed(difference, column)})` : '';
  const theirs = paper === undefined ? [] : [`<small><i>${figure(paper, column)}${change}</i></small>`];
  return [...(value === undefined ? [] : [figure(value, column)]), ...theirs].join('<br>').replaceAll(' ', '&nbsp;');
}

function ruleHtml({ figure: name, rule, cells, remark }: Table7Rule): string {
  const results = cells.map((cell) => `<td>${resultHtml(cell)}</td>`).join('');
  const words = `${escapeHtml(rule)}${remark === undefined ? '' : `<br><small>${escapeHtml(remark)}</small>`}`;
  const left = 'style="text-align: left; white-space: normal"';
  return `<tr><th style="text-align: left">${escapeHtml(name)}</th><td ${left}>${words}</td>${results}</tr>`;
}

function resultHtml({ derived, printed, agrees }: RuleCell): string {
  const mark = agrees === undefined ? '' : agrees ? '&nbsp;✓' : '&nbsp;✗';
  return `${derived === undefined ? '-' : digits(derived)}${mark}<br><small><i>${digits(printed)}</i></small>`;
}

function figure(value: number | undefined, column: Table7Column): string {
  if (value === undefined) return '-';
  return column === 'case_ratio' ? value.toFixed(4) : value.toLocaleString('en-US');
}

/** Ratios to four digits as the paper prints them. */
function digits(value: number): string {
  return value < 1 ? value.toFixed(4) : value.toLocaleString('en-US');
}

function signed(value: number, column: Table7Column): string {
  return `${value < 0 ? '−' : '+'}${figure(Math.abs(value), column)}`;
}
