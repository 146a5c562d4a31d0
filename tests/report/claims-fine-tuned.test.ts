import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Claim, type JudgedClaim, judgeClaims } from '../../lib/report/claim';
import { TABLE_1_CLAIMS } from '../../lib/report/claims-table-1';
import { TABLE_3_CLAIMS } from '../../lib/report/claims-table-3';
import { TABLE_4_CLAIMS } from '../../lib/report/claims-table-4';
import { TABLE_5_CLAIMS } from '../../lib/report/claims-table-5';
import { readPublishedTables } from '../../lib/report/published-tables';
import { relationWords } from '../../lib/report/relation-words';
import { dropsMore, falls, HL, VIT, widerGap } from '../../lib/report/relations';
import { publishedEvidenceRows, resampledEvidenceRows, scoreEvidence } from '../../lib/report/score-evidence';
import { table3Report, table4Report, table5Report } from '../../lib/report/score-table-report';
import { simulatedFineTuned } from './simulated-models';

const published = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));
const paperRows = Object.fromEntries(
  (['table-1', 'table-3', 'table-4', 'table-5'] as const).map((name) => [name, publishedEvidenceRows(published[name])]),
);
const onPaper = (claims: readonly Claim[], table: string) => {
  const paper = scoreEvidence(paperRows, { table });
  return judgeClaims(claims, { paper, ours: paper });
};
const verdicts = (judged: readonly JudgedClaim[]) =>
  judged.map(({ claim, onPaper: verdict }) => `${claim.id.slice('table-N-'.length)}: ${verdict}`);
const detail = (judged: readonly JudgedClaim[], name: string) =>
  judged.find(({ claim }) => claim.id.endsWith(name))!.detail.split('; ours')[0];

test("what the paper's own Table 3 carries", () => {
  const judged = onPaper(TABLE_3_CLAIMS, 'table-3');
  expect(verdicts(judged)).toEqual([
    'vit-beats-resnet: holds',
    'ssl-beats-sl: fails',
    'hl-highest-auroc: holds',
    'hl-highest-auprc: fails',
    'hl-superior-all-tasks: fails',
    'hl-most-robust: holds',
    'order-cl-sl: holds',
    'order-gl-sl: holds',
    'order-hl-sl: holds',
  ]);
  expect(detail(judged, 'ssl-beats-sl')).toBe('paper: fails for GL over SL ViT 250/2/1024 Criteria (-0.0090)');
  expect(detail(judged, 'hl-highest-auprc')).toBe('paper: fails for HL over SL ViT 250/2/1024 AUPRC CD (-0.0032)');
});

test("what the paper's own Table 4 carries", () => {
  const judged = onPaper(TABLE_4_CLAIMS, 'table-4');
  expect(verdicts(judged)).toEqual([
    'scores-decrease: holds',
    'criteria-decrease: holds',
    'ssl-beats-sl-everywhere: fails',
    'ssl-beats-sl-criteria: fails',
    'hl-best-everywhere: holds',
    'hl-more-robust: fails',
    'hl-maintains: holds',
  ]);
  expect(detail(judged, 'ssl-beats-sl-criteria')).toBe(
    'paper: fails for GL over SL ViT Criteria at 2 % cases (-0.0573)',
  );
  expect(detail(judged, 'hl-more-robust')).toBe(
    'paper: fails for drop of GL over drop of HL Criteria at 5 % cases (-0.4596 %), drop of CL over drop of HL Criteria at 2 % cases (-0.9522 %), drop of CL over drop of HL Criteria at 1 % cases (-0.2646 %)',
  );
});

test("what the paper's own Table 5 carries", () => {
  const judged = onPaper(TABLE_5_CLAIMS, 'table-5');
  expect(verdicts(judged)).toEqual([
    'scores-decline: fails',
    'most-at-10: holds',
    'sl-sharpest: holds',
    'ssl-beats-sl: holds',
    'cl-maintains: holds',
    'gl-advantage-low: holds',
    'hl-outperforms-all-tasks: fails',
    'hl-highest-50-25: holds',
    'hl-larger-drop-10: holds',
    'hl-larger-drop-sttc-hyp: holds',
    'hl-superior-from-25: holds',
    'cl-smallest-gap: holds',
    'cl-more-resilient: holds',
    'hl-handles-few: holds',
    'cl-best-at-10: holds',
    'hl-robust-4-5: fails',
    'order-gap-cl-sl: holds',
    'order-gap-gl-sl: holds',
    'order-gap-hl-sl: holds',
  ]);
  expect(detail(judged, 'hl-robust-4-5')).toBe('paper: fails for HL over CL Criteria at 10 % labels (-0.0505)');
});

test('each sentence has its own id, a section and at least one comparison', () => {
  const all = [...TABLE_1_CLAIMS, ...TABLE_3_CLAIMS, ...TABLE_4_CLAIMS, ...TABLE_5_CLAIMS];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const { id, table, section, relations } of all) {
    expect(id.startsWith(`${table}-`)).toBe(true);
    expect(section).toMatch(/^[45]\.\d$/);
    expect(relations.length).toBeGreaterThan(0);
  }
});

const options = { published, resamples: 60 };
const size = { records: 500, seeds: [0] };
const report3 = table3Report(simulatedFineTuned(published['table-3'], size), options);
const report4 = table4Report(simulatedFineTuned(published['table-4'], size), { ...options, table3: report3 });
const models5 = simulatedFineTuned(published['table-5'], size);
const report5 = table5Report(models5, { ...options, table3: report3, table4: report4 });
const TENTH = { setting: { data_usage_percent: '10' } };
const ALL = { table: 'table-3' };

/** Of ours: Criteria of a model on all labels or on a tenth, on the test set and on each resample. */
const criteriaOf = (model: string, percent?: string) => {
  const rows = percent === undefined ? report3.rows : report5.rows;
  return rows.find((row) => row.model === model && row.setting.data_usage_percent === percent)!.measured.criteria;
};
const ours = scoreEvidence(
  { 'table-3': resampledEvidenceRows(report3.rows), 'table-5': resampledEvidenceRows(report5.rows) },
  { table: 'table-5' },
);

test('a difference of gaps is that of the four figures on each resample', () => {
  const [difference] = ours.differences(widerGap(HL, VIT, 'criteria', { at: TENTH, than: ALL }));
  const [a, b, c, d] = [criteriaOf(HL, '10'), criteriaOf(VIT, '10'), criteriaOf(HL), criteriaOf(VIT)];
  expect(difference.difference).toBeCloseTo(a.value - b.value - (c.value - d.value), 12);
  const values = Array.from(a.values, (value, i) => value - b.values[i] - (c.values[i] - d.values[i]));
  values.sort((one, other) => one - other);
  const at = 0.025 * 59; // the quantile of NumPy
  const low = values[Math.floor(at)] + (at % 1) * (values[Math.floor(at) + 1] - values[Math.floor(at)]);
  expect(difference.low).toBeCloseTo(low, 12);
});

test('a difference of drops is in percent of what each model had', () => {
  const [difference] = ours.differences(dropsMore(VIT, HL, 'criteria', { from: ALL, to: TENTH }));
  const drop = (model: string) => 100 * (1 - criteriaOf(model, '10').value / criteriaOf(model).value);
  expect(difference.difference).toBeCloseTo(drop(VIT) - drop(HL), 10);
  expect(difference.low).toBeLessThan(difference.difference);
});

test('a model is compared with itself at its own architecture', () => {
  const found = ours.differences(falls(VIT, 'criteria', { from: ALL, to: TENTH }));
  expect(found).toHaveLength(1); // Table 3 has two ViTs
  expect(found[0]).toMatchObject({ leftRow: '250/2/1024', rightRow: undefined });
});

test('comparisons are told in words', () => {
  const at = (percent: string) => ({ setting: { data_usage_percent: percent } });
  expect(relationWords(dropsMore(VIT, HL, 'criteria', { from: ALL, to: at('10') }))).toBe(
    'drop of SL ViT over drop of HL Criteria at 10 % labels',
  );
  expect(relationWords(dropsMore(VIT, HL, 'criteria', { from: at('50'), to: at('10') }))).toBe(
    'drop of SL ViT from 50 % labels over drop of HL from 50 % labels Criteria at 10 % labels',
  );
  expect(relationWords(falls(HL, 'auroc_mi', { from: ALL, to: at('50') }), { leftRow: '60/2/512' })).toBe(
    'HL in Table 3 60/2/512 over HL at 50 % labels AUROC MI',
  );
  expect(relationWords(widerGap(HL, VIT, 'criteria', { at: at('10'), than: ALL }))).toBe(
    'HL at 10 % labels less HL in Table 3 over SL ViT at 10 % labels less SL ViT in Table 3 Criteria',
  );
  const gap = (model: typeof HL, place: object) => ({ model, ...place, minus: { model: VIT, ...place } });
  expect(relationWords({ left: gap(HL, at('10')), right: gap(HL, ALL), measure: 'criteria' })).toBe(
    'HL less SL ViT at 10 % labels over HL less SL ViT in Table 3 Criteria',
  );
});

test('claims on other tables are undecided where those are not given', () => {
  const alone = table5Report(models5, { ...options, table3: report3 });
  const robust = alone.claims.find(({ claim }) => claim.id === 'table-5-hl-robust-4-5')!;
  expect(robust.detail).toContain('HL over SL ViT Criteria at 5 % cases (no figure)');
  const given = report5.claims.find(({ claim }) => claim.id === 'table-5-hl-robust-4-5')!;
  expect(given.detail).not.toContain('no figure');
});

test('of very many comparisons the first twelve are named', () => {
  const { detail: words } = report4.claims.find(({ claim }) => claim.id === 'table-4-scores-decrease')!;
  expect(words).toMatch(/and \d+ more of 24 comparisons$/);
});
