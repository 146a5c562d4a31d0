import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCsv } from '../../lib/io/csv';
import { TASKS } from '../../lib/metrics/tasks';
import { tiny } from '../../lib/study/profiles/tiny';
import { openStudy } from '../../lib/study/study';
import { smallCheckout } from './small-checkout';

const supervised = { epochs: 1, patience: 1, learningRate: 1e-3 };
const fineTuning = { ...tiny.fineTuning, batchSize: 16, pretrained: supervised, scratch: supervised };
const changes = {
  fineTuning: { ...fineTuning, resnet: { ...supervised, width: 2, batchSize: 16 } },
  lowIncidence: { ecgs: 40, casePercents: [25] },
  dataUsage: { percents: [50] },
  risk: { perClass: 20, splits: 2 },
  bootstrap: { resamples: 20, seed: 0 },
};

it('Tables 2 to 5 make the runs that their plans name, and no other', { timeout: 240_000 }, async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1, records: 240, changes });
  const study = await openStudy({ profile: join(folder, 'small.json'), folder });
  const made = () => readdirSync(join(folder, 'runs')).sort();
  const planned = (...tables: number[]) =>
    study
      .plan({ tables })
      .map(({ run }) => run)
      .sort();

  const { models } = await study.lowIncidence();
  expect(made()).toEqual(planned(4));
  expect(models.map(({ runs }) => runs.length)).toEqual([4, 4, 4, 4]); // a network a task

  const subsets = models.flatMap(({ runs }) => runs.map((run) => readCsv(join(folder, 'runs', run, 'subset.csv'))));
  for (const [i, ecgs] of subsets.entries()) {
    const label = `label_${TASKS[i % TASKS.length].toLowerCase()}`;
    expect(ecgs.filter((ecg) => ecg[label] === '1')).toHaveLength(10); // 25 % of 40
    expect(new Set(ecgs.map(({ record_id }) => record_id)).size).toBe(40);
  }

  const { provenance, cells } = await study.dataUsage();
  expect(made()).toEqual(planned(4, 5));
  expect(cells.filter(({ measure }) => measure === 'criteria')).toHaveLength(4);

  const risks = await study.riskDecomposition();
  expect(made()).toEqual(planned(2, 4, 5));
  expect(planned(3).every((run) => made().includes(run))).toBe(true);
  expect(study.plan({ tables: [2, 3, 4, 5] }).every(({ state }) => state === 'finished')).toBe(true);
  expect(risks.models.map(({ model }) => model)).toEqual([
    'Contrastive Learning',
    'Generative Learning',
    'Hybrid Learning',
  ]);
  for (const { engine, settings, data } of [provenance, risks.provenance]) {
    expect(engine).toBe(`${study.engine.backend} ${study.engine.version}`);
    expect(settings).toMatch(/^[0-9a-f]{64}$/);
    expect(data).toMatch(/^synthetic cohort \(rate 100\), folds 7, 10, \d+ test ECGs$/);
  }
  study.close();
});
