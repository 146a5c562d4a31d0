import type { JudgedClaim, Verdict } from './claim';
import { escapeHtml, noteHtml } from './html';
import { showBundle } from './notebook';
import { captionOf, type Provenance, SYNTHETIC_NOTE } from './provenance';

/** A mark beside the word, for those who skim. */
const MARK: Readonly<Record<Verdict, string>> = {
  holds: '✓&nbsp;holds',
  fails: '✗&nbsp;fails',
  undecided: '?&nbsp;undecided',
};

/**
 * Shows in the notebook what the paper says and whether its own figures and ours carry it; elsewhere as text.
 *
 * @param judged from `judgeClaims`
 * @param options.provenance of our figures
 */
export function showClaims(judged: readonly JudgedClaim[], options: { readonly provenance: Provenance }): void {
  showBundle({ 'text/html': claimsHtml(judged, options), 'text/plain': claimsText(judged, options) });
}

/** Judged claims as an HTML table: below each sentence the comparisons that fail or are undecided, the first few. */
export function claimsHtml(
  judged: readonly JudgedClaim[],
  { provenance }: { readonly provenance: Provenance },
): string {
  const rows = judged.map(({ claim, onPaper, onOurs, brief }) => {
    const sentence = `<td style="text-align: left">${escapeHtml(claim.sentence)}</td>`;
    const where = `<small>paper: ${escapeHtml(brief.paper)}<br>ours: ${escapeHtml(brief.ours)}</small>`;
    return [
      `<tr>${sentence}<td>${MARK[onPaper]}</td><td>${MARK[onOurs]}</td></tr>`,
      `<tr><td colspan="3" style="text-align: left">${where}</td></tr>`,
    ].join('');
  });
  const heading = '<tr><th style="text-align: left">The paper says</th><th>on its figures</th><th>on ours</th></tr>';
  return [
    ...(provenance.synthetic ? [`<div>${noteHtml(SYNTHETIC_NOTE, { warning: true })}</div>`] : []),
    `<table><thead>${heading}</thead><tbody>${rows.join('')}</tbody></table>`,
    `<div>${noteHtml(howJudged(judged, provenance))}</div>`,
    `<div>${noteHtml(captionOf({ ...provenance, synthetic: false }))}</div>`,
  ].join('\n');
}

function howJudged(judged: readonly JudgedClaim[], { seeds }: Provenance): string {
  return [
    'On ours: holds or fails where the 95 % interval of the paired difference leaves out zero; differences are the first minus the second. A claim of many comparisons fails where one does, which among many happens by chance: read its interval.',
    seeds.length === 1
      ? 'The interval covers other test patients, not another training: take gaps under .01 in mean AUROC, or .1 in Criteria, as ties whatever the verdict.'
      : 'The interval covers other test patients and, as far as so few seeds can tell, other trainings.',
    ...(judged.some(({ claim }) => claim.sentence.startsWith('(ours)')) ? ['(ours): a question of our own.'] : []),
    'More in claims.csv.',
  ].join(' ');
}

function claimsText(judged: readonly JudgedClaim[], { provenance }: { readonly provenance: Provenance }): string {
  const lines = judged.map(({ claim, onPaper, onOurs }) => {
    return `${`${onPaper} | ${onOurs}`.padEnd(22)} ${claim.sentence}`;
  });
  return ["on the paper's figures | on ours", ...lines, captionOf(provenance)].join('\n');
}
