import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetSource } from './sources/dataset-source';

/**
 * Where a dataset's files lie when the user names no place: the folder with `.zip` behind its name, else the zip that
 * `download` put into the folder, else the folder.
 *
 * @param folder `data/raw/<dataset>`
 */
export function rawPlace(folder: string, source: DatasetSource | undefined): string {
  if (existsSync(`${folder}.zip`)) return `${folder}.zip`;
  const archive = source?.access.kind === 'files' ? source.access.archive : undefined;
  const zip = archive === undefined ? undefined : join(folder, archive.zip);
  return zip !== undefined && existsSync(zip) ? zip : folder;
}
