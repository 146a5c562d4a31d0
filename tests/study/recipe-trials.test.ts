import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCsv } from '../../lib/io/csv';
import { allMeasures } from '../../lib/metrics/measure';
import { parseProfile } from '../../lib/study/profile-schema';
import { readProfile } from '../../lib/study/profiles';
import { openStudy } from '../../lib/study/study';
import { profileOfTrial } from '../../lib/study/trial-jobs';
import { smallCheckout } from './small-checkout';

const TRIALS = [
  { title: 'CL for two epochs', method: 'contrastive', changes: { epochs: 2 } },
  { title: 'gradients normalised', method: 'hybrid', changes: { lossGradients: 'normalised' } },
  {
    title: 'patches of 125',
    method: 'hybrid',
    changes: { epochs: 2, architecture: { patchSize: 125, blockDepth: 1, embeddingSize: 16, headDim: 8 } },
  },
];

interface Changes {
  readonly data?: object;
  readonly dataUsage?: object;
}

it('a trial changes its method and nothing else', () => {
  const profile = readProfile('tiny');
  const changed = profileOfTrial(profile, {
    title: 'faster, in small batches',
    method: 'generative',
    changes: { learningRate: 5e-3, batchSize: 16 },
  });
  const { methods } = profile.pretraining;
  expect(changed).toEqual({
    ...profile,
    pretraining: {
      ...profile.pretraining,
      batchSize: 16,
      methods: { ...methods, generative: { ...methods.generative, learningRate: 5e-3 } },
    },
  });
  const wrong = { ...profile, trials: [{ title: 'x', method: 'hybrid', changes: { learningRat: 1 } }] };
  expect(() => parseProfile(wrong)).toThrow(/learningRat/);
});

it('a plan that too few cases forbid is refused before anything runs', async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1 });
  const study = await openStudy({ profile: join(folder, 'small.json'), folder });
  expect(study.plan({ tables: [1, 3] }).length).toBeGreaterThan(0);
  expect(() => study.plan({ tables: [1, 4] })).toThrow(/expected at least 16 positives for 320 ECGs/);
  study.close();
});

it.each([
  [5, 'the training ECGs', { dataUsage: { percents: [6] } }],
  [1, 'the test ECGs', { data: { test: { folds: [7], limit: 2 } } }],
])('a plan of Table %i is refused too when %s have one class only', async (table, _, { data, ...changes }: Changes) => {
  const folder = await smallCheckout({ name: 'small', epochs: 1, changes });
  const file = join(folder, 'small.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...settings, data: { ...settings.data, ...data } }));
  const study = await openStudy({ profile: file, folder });
  const set = data === undefined ? String.raw`training \(train \w.* 6 % of the labels, seed 0\)` : 'test';
  expect(() => study.plan({ tables: [table] })).toThrow(
    new RegExp(`of the ${set} set: expected both classes, got one`),
  );
  study.close();
});

it('trials are planned, made and compared with the contrastive encoder', async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1 });
  const file = join(folder, 'small.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), trials: TRIALS }));
  const tasks = new Set<string>();
  const study = await openStudy({ profile: file, folder, onProgress: ({ task }) => tasks.add(task) });
  const planned = study.plan({ tables: [], trials: true });
  expect(planned.filter(({ job }) => !job.includes('(')).map(({ run }) => run.replace(/-[0-9a-f]+$/, ''))).toEqual(
    ['contrastive', 'generative', 'hybrid'].flatMap((one) => [
      `pretrain-${one}`,
      `features-${one}`,
      `probe-tuned-${one}`,
    ]),
  );
  expect(planned.filter(({ job }) => job.includes('(')).map(({ job }) => job)).toEqual([
    'pretrain contrastive 250/1/16, seed 0 (CL for two epochs)',
    'features of contrastive 250/1/16, seed 0 (CL for two epochs)',
    'tuned probe on contrastive 250/1/16, seed 0 (CL for two epochs)',
    'pretrain hybrid 250/1/16, seed 0 (gradients normalised)',
    'features of hybrid 250/1/16, seed 0 (gradients normalised)',
    'tuned probe on hybrid 250/1/16, seed 0 (gradients normalised)',
    'pretrain hybrid 125/1/16, seed 0 (patches of 125)',
    'features of hybrid 125/1/16, seed 0 (patches of 125)',
    'tuned probe on hybrid 125/1/16, seed 0 (patches of 125)',
  ]);
  const { rows, provenance, write } = await study.recipeTrials();
  expect(study.plan({ tables: [], trials: true }).every(({ state }) => state === 'finished')).toBe(true);
  expect(rows.map(({ model, title }) => `${model}: ${title}`)).toEqual([
    "Contrastive Learning: the profile's",
    "Generative Learning: the profile's",
    "Hybrid Learning: the profile's",
    'Contrastive Learning: CL for two epochs',
    'Hybrid Learning: gradients normalised',
    'Hybrid Learning: patches of 125',
  ]);
  expect(new Set(rows.map(({ run }) => run)).size).toBe(6);
  expect([...tasks]).toContain('pretrain hybrid 250/1/16, seed 0');
  expect([...tasks]).toContain('pretrain hybrid 250/1/16, seed 0 (gradients normalised)');

  const { models } = await study.linearProbing(); // the profile's own are those of Table 1
  for (const { model, auroc, overContrastive } of rows.slice(0, 3)) {
    const own = (name: string) =>
      allMeasures(models.find((one) => one.model === name && one.probe === 'tuned')!.predictions).mean_auroc;
    expect(auroc.value).toBe(own(model));
    expect(auroc.low).toBeLessThanOrEqual(auroc.high);
    if (model === 'Contrastive Learning') expect(overContrastive).toBeUndefined();
    else expect(overContrastive!.value).toBeCloseTo(own(model) - own('Contrastive Learning'), 12);
  }

  const paths = await write();
  const table = parseCsv(readFileSync(paths[0], 'utf8'));
  expect(table.map((row) => row.validation_mean_auroc)).toEqual(
    rows.map(({ validationAuroc }) => validationAuroc.toFixed(6)),
  );
  expect(JSON.parse(table[5].changes)).toMatchObject({ epochs: 2, architecture: { patchSize: 125 } });
  expect(JSON.parse(readFileSync(paths[1], 'utf8')).runs).toEqual(rows.map(({ run }) => run));
  expect(provenance.seeds).toEqual([0]);
});
