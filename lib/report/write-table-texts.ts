import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '../errors';
import { writeFileWhole } from '../io/whole-file';

/** A file that only the folder of the paper's own tables has. */
const PUBLISHED_FILE = 'bold-marks.csv';

/**
 * Writes the texts of a table, each whole: its provenance first, since that says whose the folder's tables are.
 *
 * @param folder of the tables, e.g. `paper-tables/tiny`; made when it is missing
 * @param texts by the names of their files
 * @returns the paths, in the order of `texts`
 * @throws ArgumentError when the folder is that of the paper's own tables; StorageError when the disk refuses
 */
export function writeTableTexts(folder: string, texts: Readonly<Record<string, string>>): string[] {
  if (existsSync(join(folder, PUBLISHED_FILE))) {
    const expected = "another folder than that of the paper's own tables";
    throw new ArgumentError('folder of the tables', { expected, actual: folder });
  }
  const isProvenance = (name: string) => name.endsWith('.provenance.json');
  const names = Object.keys(texts);
  for (const name of [...names.filter(isProvenance), ...names.filter((one) => !isProvenance(one))]) {
    writeFileWhole(join(folder, name), texts[name]);
  }
  return names.map((name) => join(folder, name));
}
