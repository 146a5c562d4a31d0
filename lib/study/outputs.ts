import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '../errors';
import type { Profile } from './profile-schema';
import { PROFILE_NAMES } from './profiles';

/** Where a profile's tables and figures go. */
export interface Outputs {
  readonly tables: string;
  readonly figures: string;
}

/** The folders of a profile's tables and figures in a checkout. */
export function outputsOf(folder: string, { name }: Pick<Profile, 'name'>): Outputs {
  return { tables: join(folder, 'paper-tables', name), figures: join(folder, 'figures', name) };
}

/**
 * Makes sure that a profile of one's own would replace no tables but its own: its folders are empty, or a provenance among
 * the tables says that the kit wrote them for a profile of this name. Earlier settings of the profile do not matter: their
 * runs stay. The kit's own profiles have their names to themselves.
 *
 * @throws ArgumentError when the folders hold anything else
 */
export function checkOutputs({ tables, figures }: Outputs, name: string): void {
  if (PROFILE_NAMES.includes(name) || filesIn(tables).some((file) => isOf(name, join(tables, file)))) return;
  const foreign = [tables, figures].find((folder) => filesIn(folder).length > 0);
  if (foreign === undefined) return;
  throw new ArgumentError('tables of the profile', {
    expected: `none yet, or those of ${name}: give the profile another name, or move away what is here`,
    actual: filesIn(foreign).slice(0, 3).join(', '),
    where: { file: foreign },
  });
}

/** Files but for a profile kept beside its tables. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => !/^\.|\.lock$|\.part$/.test(name) && name !== 'profile.json');
}

/** Whether a file is the provenance of a table of a profile. */
function isOf(name: string, file: string): boolean {
  if (!file.endsWith('.provenance.json')) return false;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).profile === name;
  } catch {
    return false;
  }
}
