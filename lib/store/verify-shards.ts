import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StorageError } from '../errors';
import { writeFileWhole } from '../io/whole-file';
import { type OnProgress, trackProgress } from '../progress';
import type { StoreManifest } from './manifest';
import { requireHash } from './open-store';
import { VERIFIED_FILE } from './store-folder';

/** Shards that this process has verified, as their files were then; also of stores that nothing can be noted in. */
const verified = new WeakMap<StoreManifest, string>();

/**
 * Compares every shard of a store with its SHA-256 (about 1 s a gigabyte), unless that was done and no shard's file has
 * changed since: results carry the manifest's hash, and a flipped byte would stay unseen.
 *
 * `verified.json` beside the shards notes it, by the size and times of each file; a store on a disk that cannot be
 * written is verified by every process, which the progress says.
 *
 * @param store an opened store, or its folder and manifest
 * @param options.again whether shards are compared whatever was noted; default false
 * @param options.onProgress called after every shard that was compared
 * @param options.signal stops it
 * @throws MissingFileError when a shard is missing; FormatError when one is not that of the manifest
 */
export async function verifyShards(
  { folder, manifest }: { readonly folder: string; readonly manifest: StoreManifest },
  {
    again = false,
    onProgress,
    signal,
  }: { readonly again?: boolean; readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const note = join(folder, VERIFIED_FILE);
  const files = filesOf(folder, manifest);
  if (!again && (verified.get(manifest) ?? noteIn(note)) === files) return;
  const total = manifest.shards.length;
  const report = trackProgress({ task: `verify the store ${basename(folder)}`, total, unit: 'shards' }, { onProgress });
  for (const [i, { file, sha256 }] of manifest.shards.entries()) {
    await requireHash(join(folder, file), sha256, { signal });
    if (i + 1 < total) report(i + 1);
  }
  verified.set(manifest, files);
  report(total, remember(note, files) ? 'as its manifest says' : 'not noted, as its disk cannot be written');
}

/** What decides whether shards are still those that were verified: a copy or a write changes a time. */
function filesOf(folder: string, { hash, shards }: StoreManifest): string {
  const states = shards.map(({ file }) => {
    const stats = statSync(join(folder, file), { bigint: true, throwIfNoEntry: false });
    return [file, String(stats?.size), String(stats?.mtimeNs), String(stats?.ctimeNs)];
  });
  return createHash('sha256')
    .update(JSON.stringify([hash, states]))
    .digest('hex');
}

function noteIn(path: string): string | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))?.files;
  } catch {
    return undefined; // none, or a damaged one: verify again
  }
}

function remember(path: string, files: string): boolean {
  try {
    writeFileWhole(path, `${JSON.stringify({ files })}\n`);
    return true;
  } catch (fault) {
    if (fault instanceof StorageError) return false;
    throw fault;
  }
}
