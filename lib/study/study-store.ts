import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { datasetFormat } from '../datasets/registry';
import { writeSyntheticCohort } from '../datasets/synthetic/synthetic-cohort';
import { MissingFileError, StaleError } from '../errors';
import { type OnProgress, trackProgress } from '../progress';
import { MANIFEST_FILE } from '../store/manifest';
import { type EcgStore, openStore } from '../store/open-store';
import { writeStore } from '../store/write-store';
import type { Profile } from './profile-schema';

/**
 * Opens the standardised store of a profile's dataset; the synthetic cohort is written and standardised on the way.
 *
 * @param dataFolder holds `raw/<dataset>` and `standardised/<dataset>`
 * @throws MissingFileError for real ECGs that are not standardised yet, with the command that does it
 */
export async function openStudyStore(
  dataFolder: string,
  { data: { dataset } }: { readonly data: Pick<Profile['data'], 'dataset'> },
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<EcgStore> {
  const folder = join(dataFolder, 'standardised', dataset);
  if (existsSync(join(folder, MANIFEST_FILE))) {
    try {
      return await openStore(folder);
    } catch (fault) {
      if (!(dataset === 'synthetic' && fault instanceof StaleError)) throw fault; // made again below
    }
  }
  if (dataset !== 'synthetic') {
    throw new MissingFileError('standardised ECGs', {
      expected: `a store; make it with: npm run data -- standardise ${dataset} --from FOLDER`,
      actual: 'none',
      where: { file: folder },
    });
  }
  const raw = join(dataFolder, 'raw', dataset);
  const counted = (task: string) => {
    let report: ReturnType<typeof trackProgress> | undefined;
    return ({ done, total }: { done: number; total: number }) => {
      report ??= trackProgress({ task, total, unit: 'ECGs' }, { onProgress });
      report(done);
    };
  };
  await writeSyntheticCohort(raw, { onProgress: counted('synthetic cohort, PTB-XL’s layout'), signal });
  const opened = await datasetFormat(dataset).open(raw);
  await writeStore(folder, opened, { onProgress: counted('standardise synthetic'), signal });
  return openStore(folder);
}
