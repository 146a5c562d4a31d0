import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes what earlier and killed calls have left in the folder of a store: shards of another store, and temporary files.
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
    const temporary = /^(shard-|index\.|rejected\.|manifest\.).*\.part$/.test(name);
    const shard = /^shard-\d+\.npy$/.test(name) && !stay.has(name);
    const note = notes && /^shard-\d+\.json$/.test(name);
    if (temporary || shard || note) rmSync(join(folder, name), { force: true });
  }
}
