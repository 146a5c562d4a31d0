import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeStore } from '../../lib/store/write-store';
import { tiny } from '../../lib/study/profiles/tiny';
import { exampleDataset } from '../store/example-dataset';

const root = resolve(__dirname, '../..');

/**
 * A checkout with a small store in place of the synthetic cohort, and a profile on it in `<name>.json` that pretrains so
 * many epochs.
 *
 * @param options.records of the store; changes: settings of the profile that are others than those of `tiny`
 */
export async function smallCheckout({
  name,
  epochs,
  records = 60,
  changes = {},
}: {
  name: string;
  epochs: number;
  records?: number;
  changes?: object;
}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'hybrid-ecg-kit' }));
  mkdirSync(join(folder, 'paper-tables'));
  symlinkSync(join(root, 'paper-tables/published'), join(folder, 'paper-tables/published'));
  await writeStore(join(folder, 'data/standardised/synthetic'), exampleDataset(records));
  const architecture = { patchSize: 250, blockDepth: 1, embeddingSize: 16, headDim: 8 };
  const method = { architecture, epochs, learningRate: 1e-3 };
  const methods = { contrastive: method, generative: method, hybrid: method };
  const pretraining = { ...tiny.pretraining, batchSize: 16, methods };
  const folds = { pretrain: [1, 2, 3, 4, 5, 6], train: [1, 2, 3, 4, 5, 6], validation: [8, 9], test: [7, 10] }; // both classes in each
  const splits = Object.fromEntries(Object.entries(folds).map(([split, list]) => [split, { folds: list }]));
  const data = { dataset: 'synthetic', ...splits };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...tiny, name, data, pretraining, ...changes }));
  return folder;
}
