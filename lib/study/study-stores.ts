import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MissingFileError } from '../errors';
import type { OnProgress } from '../progress';
import { MANIFEST_FILE } from '../store/manifest';
import { openStore } from '../store/open-store';
import { folderName } from './dataset-folders';
import type { StudyStores } from './pretraining-source';
import type { Profile } from './profile-schema';
import { makeSyntheticStores } from './synthetic-stores';

/**
 * Opens the standardised stores of a profile: of its dataset, and of the others that it pretrains on. The synthetic cohort
 * is written and standardised on the way.
 *
 * @param dataFolder holds `raw/<dataset>` and `standardised/<dataset>`
 * @throws MissingFileError for real ECGs that are not standardised yet, with the command that does it
 */
export async function openStudyStores(
  dataFolder: string,
  { data: { dataset, pretrain } }: { readonly data: Pick<Profile['data'], 'dataset' | 'pretrain'> },
  watch: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<StudyStores> {
  const synthetic = dataset === 'synthetic';
  if (synthetic) await makeSyntheticStores(dataFolder, watch);
  const datasets = ('datasets' in pretrain && pretrain.datasets) || [];
  const names = [dataset, ...datasets.map((name) => folderName(name, { synthetic }))];
  const folderOf = (name: string) => join(dataFolder, 'standardised', name);
  const missing = names.filter((name) => !existsSync(join(folderOf(name), MANIFEST_FILE)));
  if (missing.length > 0) {
    const [stores, from] = missing.length === 1 ? ['a store', ' --from FOLDER'] : ['stores', ''];
    throw new MissingFileError('standardised ECGs', {
      expected: `${stores}; make ${missing.length === 1 ? 'it' : 'them'} with: npm run data -- standardise ${missing.join(' ')}${from}`,
      actual: missing.length === names.length ? 'none' : `only ${names.length - missing.length} of ${names.length}`,
      where: { file: missing.length === 1 ? folderOf(missing[0]) : join(dataFolder, 'standardised') },
    });
  }
  const [own, ...rest] = await Promise.all(names.map((name) => openStore(folderOf(name))));
  return { store: own, others: new Map(rest.map((store, i) => [names[i + 1], store])) };
}
