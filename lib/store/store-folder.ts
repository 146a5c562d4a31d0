import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder, withoutPart } from '../io/own-folder';
import { PART } from '../io/whole-file';
import { MANIFEST_FILE } from './manifest';

const SHARD = /^shard-\d{5,}\.npy$/;
const NOTE = /^shard-\d{5,}\.json$/;
/** Notes that the shards were verified, and when their files were last written then. */
export const VERIFIED_FILE = 'verified.json';
const TABLES = ['index.parquet', 'rejected.csv', MANIFEST_FILE, VERIFIED_FILE];

/**
 * Lets a dataset's store into a folder that is empty, or that holds a store of the same dataset, whole or begun.
 *
 * @param options.anew whether a store of another dataset may be replaced too
 * @throws ArgumentError when the folder holds anything else, which then stays as it is
 */
export function claimStoreFolder(folder: string, dataset: string, { anew }: { readonly anew: boolean }): void {
  const store = 'the store of';
  const whole = storeIn(folder);
  claimFolder(folder, {
    writes: `${store} ${dataset}`,
    names: (path) => SHARD.test(path) || NOTE.test(path) || TABLES.includes(path),
    finished: () => whole && `${store} ${whole.dataset}`,
    wrote: (path) => !SHARD.test(path) || whole?.shards.some(({ file }) => file === path) === true,
    replaces: (written) => written === `${store} ${dataset}` || (anew && written.startsWith(`${store} `)),
    cure: 'replace it with --anew',
  });
}

/** What a manifest of any version says. */
function storeIn(folder: string): { dataset: string; shards: { file: string }[] } | undefined {
  try {
    const { version, dataset, shards } = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8'));
    const isStore = typeof version === 'number' && typeof dataset === 'string' && Array.isArray(shards);
    return isStore ? { dataset, shards } : undefined;
  } catch {
    return undefined; // none, or another program's
  }
}

/**
 * Removes what earlier and killed calls have left in the claimed folder of a store: shards of another store, and temporary
 * files.
 *
 * @param whole the files of the shards that stay
 * @param options.notes whether the notes of finished shards go too: they do when the manifest is there; default true
 */
export function removeLeftovers(
  folder: string,
  whole: readonly { readonly file: string }[],
  { notes = true }: { readonly notes?: boolean } = {},
): void {
  const stay = new Set(whole.map(({ file }) => file));
  for (const name of readdirSync(folder)) {
    const of = withoutPart(name);
    const temporary = name.endsWith(PART) && (SHARD.test(of) || NOTE.test(of) || TABLES.includes(of));
    if (temporary || (SHARD.test(name) && !stay.has(name)) || (notes && NOTE.test(name))) {
      rmSync(join(folder, name), { force: true });
    }
  }
}
