import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCsv } from '../../lib/io/csv';
import { allMeasures } from '../../lib/metrics/measure';
import { pairedBootstrapDifference } from '../../lib/metrics/paired-bootstrap-difference';
import type { Predictions } from '../../lib/metrics/predictions';
import { type TriedRecipe, trialsReport } from '../../lib/report/trials-report';
import { writeTrials } from '../../lib/report/write-trials';
import { simulatedModels } from './simulated-models';

const models = simulatedModels({ records: 400, seeds: [0, 1], probes: ['tuned'] });
const predictionsOf = (method: string, seed: number) =>
  models.find((one) => one.method === method && one.seed === seed)!.predictions;
const shape = { patchSize: 125, blockDepth: 2, embeddingSize: 256 };

function recipe(title: string, model: TriedRecipe['model'], predictions: Predictions, epochs = 8): TriedRecipe {
  const rest = { architecture: shape, changes: { epochs }, validationAuroc: 0.8, trainingS: 61.4 };
  return { title, model, epochs, predictions, run: `pretrain ${title}`, ...rest };
}

const tried = [
  recipe('CL', 'Contrastive Learning', predictionsOf('contrastive', 0)),
  recipe('HL', 'Hybrid Learning', predictionsOf('hybrid', 0)),
  recipe('CL, shorter', 'Contrastive Learning', predictionsOf('contrastive', 1), 4),
  recipe('HL, shorter', 'Hybrid Learning', predictionsOf('hybrid', 1), 4),
  recipe('HL, longest', 'Hybrid Learning', predictionsOf('hybrid', 1), 20),
];

it('each recipe is compared with CL that was trained as long, else with the first', () => {
  const { rows } = trialsReport(tried, { resamples: 50 });
  expect(rows.map(({ overContrastive }) => overContrastive?.run)).toEqual([
    undefined,
    'pretrain CL',
    undefined,
    'pretrain CL, shorter',
    'pretrain CL',
  ]);
  for (const [row, other] of [
    [1, 0],
    [3, 2],
    [4, 0],
  ]) {
    const options = { resamples: 50, measure: 'mean_auroc' } as const;
    expect(rows[row].overContrastive).toMatchObject(
      pairedBootstrapDifference(tried[row].predictions, tried[other].predictions, options),
    );
  }
  for (const [i, { auroc }] of rows.entries()) {
    expect(auroc.value).toBe(allMeasures(tried[i].predictions).mean_auroc);
    expect(auroc.low).toBeLessThan(auroc.value);
    expect(auroc.high).toBeGreaterThan(auroc.value);
  }
  expect(trialsReport(tried.slice(1, 2), { resamples: 5 }).rows[0].overContrastive).toBeUndefined();
});

it('is written as a row a recipe, with where it comes from', () => {
  const report = trialsReport(tried, { resamples: 50 });
  const provenance = { profile: 'p', data: 'd', synthetic: false, seeds: [0], engine: 'e', durationS: 1 };
  const paths = writeTrials(report, { tables: mkdtempSync(join(tmpdir(), 'trials-')), provenance });
  const table = parseCsv(readFileSync(paths[0], 'utf8'));
  expect(table[1]).toMatchObject({
    model: 'Hybrid Learning',
    recipe: 'HL',
    patch_size: '125',
    epochs: '8',
    changes: '{"epochs":8}',
    validation_mean_auroc: '0.800000',
    mean_auroc: report.rows[1].auroc.value.toFixed(6),
    minus_contrastive_low: report.rows[1].overContrastive!.low.toFixed(6),
    contrastive_run: 'pretrain CL',
    run: 'pretrain HL',
  });
  expect(table[0].minus_contrastive).toBe('');
  const told = JSON.parse(readFileSync(paths[1], 'utf8'));
  expect(told.runs).toEqual(tried.map(({ run }) => run));
  expect(told.trainingS).toEqual(Object.fromEntries(tried.map(({ run }) => [run, 61])));
});

it('is the same bytes for equal results, however long the runs took', () => {
  const written = (trainingS: number) => {
    const report = trialsReport(
      tried.map((one, i) => ({ ...one, trainingS: trainingS + 10 * i })),
      { resamples: 50 },
    );
    const provenance = { profile: 'p', data: 'd', synthetic: false, seeds: [0], engine: 'e', durationS: trainingS };
    return readFileSync(writeTrials(report, { tables: mkdtempSync(join(tmpdir(), 'trials-')), provenance })[0]);
  };
  expect(written(7000)).toEqual(written(61.4));
});

it.each(['ptbxl', 'ptbxl-125'])('the committed trials of %s have these columns', (profile) => {
  const [report, provenance] = [trialsReport(tried, { resamples: 5 }), { profile: 'p', data: 'd', synthetic: false }];
  const target = {
    tables: mkdtempSync(join(tmpdir(), 'trials-')),
    provenance: { ...provenance, seeds: [], engine: '' },
  };
  const [header] = readFileSync(writeTrials(report, target)[0], 'utf8').split('\n');
  const folder = join(__dirname, '../../paper-tables', profile);
  expect(readFileSync(join(folder, 'trials.csv'), 'utf8').split('\n')[0]).toBe(header);
  const runs = parseCsv(readFileSync(join(folder, 'trials.csv'), 'utf8')).map(({ run }) => run);
  const { trainingS } = JSON.parse(readFileSync(join(folder, 'trials.provenance.json'), 'utf8'));
  expect(Object.keys(trainingS)).toEqual(runs);
});
