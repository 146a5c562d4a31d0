import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { measureScore } from '../../lib/metrics/measure';
import { writeStore } from '../../lib/store/write-store';
import { readProfile } from '../../lib/study/profiles';
import { openStudy } from '../../lib/study/study';
import { realData } from '../real-data';

const ECGS = { train: 1000, validation: 300, test: 600 };

const folder = mkdtempSync(join(tmpdir(), 'real-ecgs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const raw = realData('ptb-xl-100hz');

// Skipped where HYBRID_ECG_REAL_DATA names no folder with PTB-XL.
describe.skipIf(raw === undefined)('ptbxl-quick on real ECGs, shortened', () => {
  it('from raw files to Table 1: each pretrained encoder beats the random one', { timeout: 600_000 }, async () => {
    const dataset = openPtbXl(raw!);
    const first = (count: number, folds: (fold: number) => boolean) =>
      dataset.rows.filter(({ stratFold }) => folds(stratFold)).slice(0, count);
    const rows = [
      ...first(ECGS.train, (fold) => fold <= 8),
      ...first(ECGS.validation, (fold) => fold === 9),
      ...first(ECGS.test, (fold) => fold === 10),
    ];
    const { manifest } = await writeStore(join(folder, 'data/standardised/ptb-xl'), { ...dataset, rows });
    expect(manifest.records).toBe(rows.length);

    const quick = readProfile('ptbxl-quick');
    const { methods } = quick.pretraining;
    const architecture = { ...methods.hybrid.architecture, embeddingSize: 64, headDim: 16 };
    const shortened = {
      contrastive: { ...methods.contrastive, architecture, epochs: 6 },
      generative: { ...methods.generative, architecture, epochs: 10 },
      hybrid: { ...methods.hybrid, architecture, epochs: 6 },
    };
    const profile = join(folder, 'shortened.json');
    const pretraining = { ...quick.pretraining, batchSize: 64, methods: shortened };
    writeFileSync(profile, JSON.stringify({ ...quick, name: 'shortened', pretraining }));

    const study = await openStudy({
      profile,
      folder: resolve(__dirname, '../..'),
      dataFolder: join(folder, 'data'),
      runsFolder: join(folder, 'runs'),
    });
    const { models } = await study.linearProbing();
    study.close();
    const aurocOf = (method: string) => {
      const model = models.find((one) => one.method === method && one.probe === 'tuned');
      return measureScore(model!.predictions, 'mean_auroc');
    };
    const random = aurocOf('random');
    for (const method of ['contrastive', 'generative', 'hybrid']) {
      expect(aurocOf(method), `${method} against random ${random.toFixed(3)}`).toBeGreaterThan(random);
    }
  });
});
