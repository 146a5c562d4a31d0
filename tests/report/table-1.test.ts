import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { parseCsv } from '../../lib/io/csv';
import { bootstrapInterval } from '../../lib/metrics/bootstrap-interval';
import { MEASURES, measureScore } from '../../lib/metrics/measure';
import { publishedRowOf } from '../../lib/report/published-scores';
import { readPublishedTables } from '../../lib/report/published-tables';
import { resampleModels } from '../../lib/report/resampled-models';
import { TABLE_1 } from '../../lib/report/score-table';
import { scoreCellsCsv, scoreTableCsv } from '../../lib/report/score-table-csv';
import { scoredModelOf } from '../../lib/report/scored-model';
import { table1Report } from '../../lib/report/table-1-report';
import { simulatedModels } from './simulated-models';

const tables = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));
const published = tables['table-1'];
const models = simulatedModels({ records: 300 });
const rows = resampleModels(models.map(scoredModelOf), { resamples: 200 });
const { cells } = table1Report(models, { published: tables, resamples: 200 });

test("rows come in the paper's order with their seeds and runs", () => {
  const tuned = rows.filter(({ setting }) => setting.probe === 'tuned');
  expect(tuned.map(({ model }) => model)).toEqual([
    'Random Initialization',
    'Contrastive Learning',
    'Generative Learning',
    'Hybrid Learning',
  ]);
  expect(tuned[3].seeds).toEqual([0, 1]);
  expect(tuned[3].runs).toEqual([['hybrid-tuned-0'], ['hybrid-tuned-1']]);
  expect(cells).toHaveLength(8 * MEASURES.length);
});

test("a cell is the mean over the seeds, its interval the bootstrap's, its difference to the paper", () => {
  const cell = cells.find(
    (one) => one.model === 'Hybrid Learning' && one.probe === 'tuned' && one.measure === 'auroc_mi',
  )!;
  const runs = models.filter((one) => one.method === 'hybrid' && one.probe === 'tuned').map((one) => one.predictions);
  const scores = runs.map((run) => measureScore(run, 'auroc_mi'));
  expect(cell.value).toBeCloseTo((scores[0] + scores[1]) / 2, 12);
  const { low, high } = bootstrapInterval(runs, { measure: 'auroc_mi', resamples: 200 });
  expect(cell.low).toBeLessThan(cell.value);
  expect(cell.high).toBeGreaterThan(cell.value);
  // Here a resample must leave both classes in all four tasks, there in MI only.
  expect(cell.low).toBeCloseTo(low, 2);
  expect(cell.high).toBeCloseTo(high, 2);
  expect(cell.paper).toBe(0.8053);
  expect(cell.difference).toBeCloseTo(cell.value - 0.8053, 12);
});

test('Criteria is the sum of the eight scores', () => {
  for (const row of rows) {
    const eight = MEASURES.filter((measure) => /_(mi|sttc|cd|hyp)$/.test(measure));
    const sum = eight.reduce((total, measure) => total + row.measured[measure].value, 0);
    expect(row.measured.criteria.value).toBeCloseTo(sum, 12);
  }
});

test("the paper's misprinted Criteria is recomputed", () => {
  const cell = cells.find((one) => one.model === 'Contrastive Learning' && one.measure === 'criteria')!;
  expect(cell.paper).toBe(4.8822);
});

test("a random encoder meets the paper's one of its architecture, else of its place, else the first", () => {
  const shape = { patchSize: 60, blockDepth: 2, embeddingSize: 512 };
  const auroc = (own: Partial<typeof shape>, place: number) => {
    const key = {
      model: 'Random Initialization',
      architecture: { ...shape, ...own },
      setting: { probe: 'tuned' },
    } as const;
    return publishedRowOf(key, published, { place })?.auroc_mi.value;
  };
  expect(auroc({}, 0)).toBe(0.6451);
  expect(auroc({ embeddingSize: 256 }, 0)).toBe(0.6469);
  expect(auroc({ embeddingSize: 256 }, 1)).toBe(0.6451);
  expect(auroc({ embeddingSize: 256 }, 2)).toBe(0.6469);
});

test('the wide table has the columns of the paper and four digits', () => {
  const csv = scoreTableCsv(
    cells.filter(({ probe }) => probe === 'tuned'),
    { table: TABLE_1 },
  );
  expect(csv.split('\n')[0]).toBe(
    'model,patch_size,block_depth,embedding_size,auroc_mi,auroc_sttc,auroc_cd,auroc_hyp,auprc_mi,auprc_sttc,auprc_cd,auprc_hyp,criteria',
  );
  const [random, , , hybrid] = parseCsv(csv);
  expect(random.patch_size).toBe('125');
  const cell = cells.find(
    (one) => one.model === 'Hybrid Learning' && one.probe === 'tuned' && one.measure === 'criteria',
  )!;
  expect(hybrid.criteria).toBe(cell.value.toFixed(4));
});

test('the cells table names task, metric, seeds and runs', () => {
  const parsed = parseCsv(scoreCellsCsv(cells));
  expect(Object.keys(parsed[0]).join(',')).toBe(
    'model,patch_size,block_depth,embedding_size,probe,task,metric,value,low,high,paper,difference,validation,seeds,spread,runs',
  );
  const row = parsed.find(
    (one) => one.model === 'Hybrid Learning' && one.probe === 'weak' && one.metric === 'criteria',
  )!;
  expect(row).toMatchObject({ task: 'all', paper: '5.2047', seeds: '0 1', runs: 'hybrid-weak-0 hybrid-weak-1' });
  expect(Number(row.difference)).toBeCloseTo(Number(row.value) - 5.2047, 5);
});

test('AUROCs have those of the validation ECGs beside them, the mean over the seeds; of the mean AUROC their mean', () => {
  const random = parseCsv(scoreCellsCsv(cells)).filter((row) => row.model === 'Random Initialization');
  const told = random.filter(({ probe }) => probe === 'tuned').map((row) => [row.task, row.metric, row.validation]);
  expect(Object.fromEntries(told.map(([task, metric, value]) => [`${task} ${metric}`, value]))).toMatchObject({
    'MI auroc': '0.800000',
    'HYP auroc': '0.865000',
    'all mean_auroc': '0.831250',
    'MI auprc': '',
    'all criteria': '',
  });
});

test('a seed that comes twice and test ECGs that differ are refused', () => {
  const [first] = models.map(scoredModelOf);
  const [, , other] = simulatedModels({ records: 299 }).map(scoredModelOf);
  expect(() => resampleModels([first, first])).toThrow(/seed 0 twice/);
  expect(() => resampleModels([first, other])).toThrow(ArgumentError);
  expect(() => resampleModels([])).toThrow(ArgumentError);
});
