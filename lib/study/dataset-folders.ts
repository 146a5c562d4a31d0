import { existsSync } from 'node:fs';
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
    const name = !synthetic ? dataset : dataset === 'ptb-xl' ? 'synthetic' : `synthetic-${dataset}`;
    const store = join(dataFolder, 'standardised', name);
    const raw = [join(dataFolder, 'raw', name), join(dataFolder, 'raw', `${name}.zip`)].find((path) =>
      existsSync(path),
    );
    return { dataset, synthetic, name, store: existsSync(join(store, MANIFEST_FILE)) ? store : undefined, raw };
  }).filter(({ store, raw }) => store !== undefined || raw !== undefined);
}
