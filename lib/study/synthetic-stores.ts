import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SYNTHETIC_PARTS } from '../datasets/synthetic/synthetic-parts';
import { StaleError } from '../errors';
import { lockFolder } from '../io/folder-lock';
import { type OnProgress, trackProgress } from '../progress';
import { MANIFEST_FILE } from '../store/manifest';
import { openStore } from '../store/open-store';
import { writeStore } from '../store/write-store';

/**
 * Writes the synthetic cohort in each publisher's format and standardises it, where its stores are not there.
 *
 * @param dataFolder gets `raw/synthetic` and `standardised/synthetic`, and the same of each other format
 * @throws StorageError while another process writes the same
 */
export async function makeSyntheticStores(
  dataFolder: string,
  { onProgress, signal }: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const counted = (task: string) => {
    let report: ReturnType<typeof trackProgress> | undefined;
    return ({ done, total }: { done: number; total: number }) => {
      report ??= trackProgress({ task, total, unit: 'ECGs' }, { onProgress });
      report(done);
    };
  };
  for (const { format, publisher, write } of SYNTHETIC_PARTS) {
    const { name } = format;
    const store = join(dataFolder, 'standardised', name);
    if (await isThere(store)) continue;
    const raw = join(dataFolder, 'raw', name);
    const unlock = lockFolder(join(dataFolder, 'raw'), { file: `${name}.lock` });
    try {
      if (await isThere(store)) continue; // another process has made it since
      await write(raw, { onProgress: counted(`synthetic cohort, ${publisher}’s format`), signal });
      const opened = await format.open(raw);
      try {
        await writeStore(store, opened, { onProgress: counted(`standardise ${name}`), signal });
      } finally {
        opened.close?.();
      }
    } finally {
      unlock();
    }
  }
}

/** Whether a store is there, and not one of an earlier version. */
async function isThere(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, MANIFEST_FILE))) return false;
  try {
    (await openStore(folder)).close();
    return true;
  } catch (fault) {
    if (fault instanceof StaleError) return false;
    throw fault;
  }
}
