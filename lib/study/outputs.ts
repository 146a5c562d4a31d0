import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '../errors';
import { hashOf } from './canonical-json';
import type { Profile } from './profile-schema';
import { PROFILE_NAMES } from './profiles';
import { profileOfReadout, readoutsOf } from './readout-jobs';

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
 * Makes sure that a profile of one's own would replace no others' tables: its folders are empty, or the provenances among
 * the tables name the same settings. The kit's own profiles have their names to themselves.
 *
 * @throws ArgumentError when tables or figures of another profile, or other files, are there
 */
export function checkOutputs({ tables, figures }: Outputs, profile: Profile): void {
  if (PROFILE_NAMES.includes(profile.name)) return;
  const own = [profile, ...readoutsOf(profile).map((readout) => profileOfReadout(profile, readout))].map(hashOf);
  const named = filesIn(tables).flatMap((file) => settingsIn(tables, file));
  const others = named.find(({ settings }) => !own.includes(settings));
  const foreign = named.length > 0 ? undefined : [tables, figures].find((folder) => filesIn(folder).length > 0);
  if (others === undefined && foreign === undefined) return;
  throw new ArgumentError('tables of the profile', {
    expected: `none yet, or those of ${profile.name} with these settings: give the profile another name, or move away what is here`,
    actual: foreign === undefined ? `other settings in ${others!.file}` : filesIn(foreign).slice(0, 3).join(', '),
    where: { file: foreign ?? tables },
  });
}

/** Files but for a profile kept beside its tables. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => !/^\.|\.lock$|\.part$/.test(name) && name !== 'profile.json');
}

/** The settings that a provenance names; none in other files, and in those of earlier versions. */
function settingsIn(folder: string, file: string): { file: string; settings: string }[] {
  if (!file.endsWith('.provenance.json')) return [];
  try {
    const { settings } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return typeof settings === 'string' ? [{ file, settings }] : [];
  } catch {
    return [];
  }
}
