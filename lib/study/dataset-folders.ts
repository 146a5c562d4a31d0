import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DATASET_NAMES, type DatasetName } from '../report/dataset-facts';
import { MANIFEST_FILE } from '../store/manifest';

/** A dataset as far as it lies in a data folder. */
export interface DatasetFolder {
  readonly dataset: DatasetName;
  readonly synthetic: boolean;
  /** Name of its folders under `raw` and `standardised`. */
  readonly name: string;
  /** The store; undefined where it has not been standardised, or not to the end. */
  readonly store: string | undefined;
  /** The publisher's files, a folder or a zip archive; undefined where they are elsewhere. */
  readonly raw: string | undefined;
}

/** Name of a dataset's folders under `raw` and `standardised`, or of those of the synthetic cohort in its format. */
export function folderName(
  dataset: DatasetName | 'wfdb-folder',
  { synthetic }: { readonly synthetic: boolean },
): string {
  if (!synthetic || dataset === 'wfdb-folder') return dataset; // the cohort has no part in a format of one's own
  return dataset === 'ptb-xl' ? 'synthetic' : `synthetic-${dataset}`;
}

/**
 * The datasets that a data folder holds, raw or standardised: the real ones, or those that the synthetic cohort writes in
 * their formats.
 *
 * Of the cohort the one in PTB-XL's format lies in `synthetic`, the others in `synthetic-<dataset>`.
 *
 * @param dataFolder holds `raw/` and `standardised/`
 * @param options.synthetic which of the two
 */
export function datasetFolders(dataFolder: string, { synthetic }: { readonly synthetic: boolean }): DatasetFolder[] {
  return DATASET_NAMES.map((dataset) => {
    const name = folderName(dataset, { synthetic });
    const store = join(dataFolder, 'standardised', name);
    const raw = publishersFiles(join(dataFolder, 'raw', name));
    return { dataset, synthetic, name, store: existsSync(join(store, MANIFEST_FILE)) ? store : undefined, raw };
  }).filter(({ store, raw }) => store !== undefined || raw !== undefined);
}

/** The zip beside the folder, else the only zip in it, as `npm run data -- download` leaves it, else the folder. */
function publishersFiles(folder: string): string | undefined {
  if (existsSync(`${folder}.zip`)) return `${folder}.zip`;
  if (!existsSync(folder)) return undefined;
  const inside = readdirSync(folder).filter((name) => !/\.(part|json|txt)$|^\./.test(name));
  return inside.length === 1 && inside[0].endsWith('.zip') ? join(folder, inside[0]) : folder;
}
