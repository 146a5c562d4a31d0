import { escapeHtml, noteHtml } from './html';
import { showBundle } from './notebook';
import { captionOf, type Provenance, SYNTHETIC_NOTE } from './provenance';
import { shapeName } from './scored-model';
import type { TrialRow, TrialsReport } from './trials-report';

const HEADER = [
  'Model',
  'Recipe',
  'Patch/depth/dim',
  'Epochs',
  'Validation AUROC',
  'Test AUROC',
  'minus CL',
  'Minutes',
];

const HOW_TO_READ =
  'Recipes of pretraining, by the tuned probe of one seed: mean AUROC of the four tasks. A recipe is chosen by the validation column, whose best is bold. Brackets: 95 % interval over the test patients; minus CL: the paired difference from the contrastive encoder of that architecture and as many epochs, else from the first.';

/** Shows the recipes that were tried: in the notebook as HTML, elsewhere as text. */
export function showTrials({ rows }: TrialsReport, { provenance }: { readonly provenance: Provenance }): void {
  showBundle({ 'text/html': trialsHtml(rows, provenance), 'text/plain': trialsText(rows, provenance) });
}

function trialsHtml(rows: readonly TrialRow[], provenance: Provenance): string {
  const best = Math.max(...rows.map(({ validationAuroc }) => validationAuroc));
  const lines = rows.map((row) => {
    const cells = wordsOf(row).map(escapeHtml);
    if (row.validationAuroc === best) cells[4] = `<b>${cells[4]}</b>`;
    return `<tr>${cells.map((cell, c) => (c < 2 ? `<td style="text-align: left">${cell}</td>` : `<td>${cell}</td>`)).join('')}</tr>`;
  });
  return [
    ...(provenance.synthetic ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`] : []),
    `<table><thead><tr>${HEADER.map((name) => `<th>${name}</th>`).join('')}</tr></thead>`,
    `<tbody>${lines.join('')}</tbody></table>`,
    `<div>${noteHtml(HOW_TO_READ)}</div>`,
    `<div>${noteHtml(captionOf({ ...provenance, synthetic: false }))}</div>`,
  ].join('\n');
}

function trialsText(rows: readonly TrialRow[], provenance: Provenance): string {
  const lines = [HEADER, ...rows.map(wordsOf)];
  const widths = HEADER.map((_, c) => Math.max(...lines.map((line) => line[c].length)));
  const text = lines.map((line) =>
    line
      .map((word, c) => word.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  return [...text, captionOf(provenance)].join('\n');
}

function wordsOf({
  model,
  title,
  architecture,
  epochs,
  validationAuroc,
  auroc,
  overContrastive,
  trainingS,
}: TrialRow): string[] {
  const interval = (low: number, high: number, digits: (value: number) => string) =>
    `[${digits(low)}, ${digits(high)}]`;
  const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
  return [
    model,
    title,
    shapeName(architecture),
    String(epochs),
    validationAuroc.toFixed(3),
    `${auroc.value.toFixed(3)} ${interval(auroc.low, auroc.high, (value) => value.toFixed(3))}`,
    overContrastive === undefined
      ? ''
      : `${signed(overContrastive.value)} ${interval(overContrastive.low, overContrastive.high, signed)}`,
    (trainingS / 60).toFixed(0),
  ];
}
