import { readFileSync } from 'node:fs';
import { ArgumentError } from '../errors';
import { decodeText } from '../io/decode-text';
import { type Profile, parseProfile } from './profile-schema';
import { paper } from './profiles/paper';
import { ptbxl } from './profiles/ptbxl';
import { ptbxlQuick } from './profiles/ptbxl-quick';
import { tiny } from './profiles/tiny';

const PROFILES = [tiny, ptbxlQuick, ptbxl, paper];

/** Names of the profiles that the kit brings. */
export const PROFILE_NAMES: readonly string[] = PROFILES.map(({ name }) => name);

/**
 * Finds a profile by name, or reads one from a JSON file.
 *
 * @param nameOrFile one of `PROFILE_NAMES`, or a path that ends in `.json`
 * @throws ArgumentError when there is no such profile, or a file's settings are not in order or bear the name of one of
 *   the kit's
 */
export function readProfile(nameOrFile: string): Profile {
  if (nameOrFile.endsWith('.json')) return ownProfile(nameOrFile);
  const settings = PROFILES.find(({ name }) => name === nameOrFile);
  if (settings === undefined) {
    const expected = `one of ${PROFILE_NAMES.join(', ')}, or a .json file`;
    throw new ArgumentError('profile', { expected, actual: nameOrFile });
  }
  return parseProfile(settings);
}

function ownProfile(file: string): Profile {
  const profile = parseProfile(parseJson(file), { file });
  if (!PROFILE_NAMES.includes(profile.name)) return profile;
  const expected = `a name of its own, since tables and figures go by it, other than ${PROFILE_NAMES.join(', ')}`;
  throw new ArgumentError('profile', { expected, actual: profile.name, where: { file, key: 'name' } });
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(decodeText(readFileSync(file), { what: 'profile', where: { file } }));
  } catch (cause) {
    throw new ArgumentError('profile', { expected: 'a file of JSON', actual: String(cause), where: { file }, cause });
  }
}
