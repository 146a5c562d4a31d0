import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FormatError } from '../../lib/errors';
import { parseCsv } from '../../lib/io/csv';
import { pairedBootstrapDifference } from '../../lib/metrics/paired-bootstrap-difference';
import { type Claim, type Difference, type Evidence, judgeClaims } from '../../lib/report/claim';
import { TABLE_1_CLAIMS } from '../../lib/report/claims-table-1';
import { readPublishedTables } from '../../lib/report/published-tables';
import { type ResampledModel, resampleModels } from '../../lib/report/resampled-models';
import { publishedEvidenceRows, resampledEvidenceRows, scoreEvidence } from '../../lib/report/score-evidence';
import { scoredModelOf } from '../../lib/report/scored-model';
import { writeClaims } from '../../lib/report/write-claims';
import { simulatedModels } from './simulated-models';

const published = readPublishedTables(resolve(__dirname, '../../paper-tables/published'))['table-1'];
const table = 'table-1';
const paper = scoreEvidence({ [table]: publishedEvidenceRows(published) }, { table });
const oursOf = (rows: readonly ResampledModel[]) => scoreEvidence({ [table]: resampledEvidenceRows(rows) }, { table });
const models = simulatedModels({ probes: ['tuned'] });
const rows = resampleModels(models.map(scoredModelOf), { resamples: 300 });
const judged = judgeClaims(TABLE_1_CLAIMS, { paper, ours: oursOf(rows) });
const scratch = mkdtempSync(join(tmpdir(), 'claims-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test("the paper's own figures carry twelve of the sixteen sentences on Table 1", () => {
  expect(judged.map(({ claim, onPaper }) => [claim.id, onPaper])).toEqual([
    ['table-1-ssl-beats-random-auroc', 'fails'],
    ['table-1-ssl-beats-random-auprc', 'fails'],
    ['table-1-hl-highest-criteria', 'holds'],
    ['table-1-hl-surpasses-cl-gl', 'holds'],
    ['table-1-hl-highest-auroc-mi', 'holds'],
    ['table-1-hl-highest-auroc-cd', 'holds'],
    ['table-1-gl-highest-auroc-sttc', 'holds'],
    ['table-1-cl-highest-auroc-hyp', 'holds'],
    ['table-1-cl-gl-beat-hl-sttc-hyp', 'holds'],
    ['table-1-hl-superior-overall', 'holds'],
    ['table-1-hl-almost-all-tasks', 'fails'],
    ['table-1-gl-promising-sttc', 'holds'],
    ['table-1-cl-distinguishes-hyp', 'fails'],
    ['table-1-order-hl-cl', 'holds'],
    ['table-1-order-cl-gl', 'holds'],
    ['table-1-order-gl-random', 'holds'],
  ]);
});

test("'all SSL models beat the baseline' fails at four AUROC cells of the paper, named", () => {
  expect(judged[0].detail.split('; ours')[0]).toBe(
    'paper: fails for GL over random AUROC CD (-0.0020), GL over random AUROC HYP (-0.0288), HL over random AUROC STTC (-0.0083), HL over random AUROC HYP (-0.0382)',
  );
});

test('on our figures an interval that holds zero leaves a claim undecided', () => {
  const onOurs = Object.fromEntries(judged.map(({ claim, onOurs }) => [claim.id.slice(8), onOurs]));
  expect(onOurs['ssl-beats-random-auroc']).toBe('holds');
  expect(onOurs['gl-highest-auroc-sttc']).toBe('fails');
  expect(onOurs['cl-highest-auroc-hyp']).toBe('undecided');
});

test('the interval of a difference is that of the paired bootstrap', () => {
  const of = (method: string) => models.filter((one) => one.method === method).map(({ predictions }) => predictions);
  const relation = TABLE_1_CLAIMS.find(({ id }) => id === 'table-1-hl-surpasses-cl-gl')!.relations[0];
  const [difference] = oursOf(rows).differences(relation);
  const oracle = pairedBootstrapDifference(of('hybrid'), of('contrastive'), { measure: 'criteria', resamples: 300 });
  expect(difference.difference).toBeCloseTo(oracle.value, 12);
  expect(difference.low).toBeCloseTo(oracle.low, 12);
  expect(difference.high).toBeCloseTo(oracle.high, 12);
});

const claim = (lowerIsBetter: boolean): Claim => ({
  id: 'c',
  table: 'table-2',
  section: '4.2',
  sentence: 's',
  relations: [
    { left: { model: 'Hybrid Learning' }, right: { model: 'Contrastive Learning' }, measure: 'total', lowerIsBetter },
  ],
});
const evidence = (...differences: Difference[]): Evidence => ({ differences: () => differences });
const judge = (one: Claim, ours: Evidence) => judgeClaims([one], { paper: ours, ours })[0];

test.each([
  ['above zero', { difference: 0.2, low: 0.1, high: 0.3 }, 'holds', 'fails'],
  ['below zero', { difference: -0.2, low: -0.3, high: -0.1 }, 'fails', 'holds'],
  ['around zero', { difference: 0.1, low: -0.1, high: 0.3 }, 'undecided', 'undecided'],
  ['a tie without interval', { difference: 0, low: 0, high: 0 }, 'fails', 'fails'],
] as const)('%s', (_, difference, higher, lower) => {
  expect(judge(claim(false), evidence(difference)).onOurs).toBe(higher);
  expect(judge(claim(true), evidence(difference)).onOurs).toBe(lower);
});

test('a missing figure leaves a claim undecided and is named', () => {
  const { onOurs, detail } = judge(claim(false), evidence());
  expect(onOurs).toBe('undecided');
  expect(detail).toContain('HL over CL total (no figure)');
});

test('claims.csv keeps the claims of other tables, in order, and is written whole', async () => {
  const other = judge(claim(false), evidence({ difference: 1, low: 1, high: 1 }));
  const options = { folder: scratch, seeds: [0, 1] };
  const [path] = await Promise.all([writeClaims(judged, options), writeClaims([other], { ...options, seeds: [0] })]);
  await writeClaims(judged, options);
  const written = parseCsv(readFileSync(path, 'utf8'));
  expect(written.map((row) => row.table)).toEqual([...judged.map(() => 'table-1'), 'table-2']);
  expect(Object.keys(written[0])).toEqual(['id', 'table', 'sentence', 'on_paper', 'on_ours', 'seeds', 'detail']);
  expect(written[0].detail).toBe(judged[0].detail); // it has commas
  expect([written[0].seeds, written.at(-1)!.seeds]).toEqual(['0 1', '0']);
  expect(readdirSync(scratch)).toEqual(['claims.csv']);
  writeFileSync(path, 'id,table\n1,2\n');
  await expect(writeClaims(judged, options)).rejects.toThrow(FormatError);
});

test('two rows of one model are told apart', () => {
  const ours: Evidence = { differences: () => [{ difference: -1, low: -2, high: -0.5, rightRow: '60/2/512' }] };
  expect(judge(claim(false), ours).detail).toContain('HL over CL 60/2/512 total (-1.0000 [-2.0000, -0.5000])');
});
