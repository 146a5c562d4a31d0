import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MissingFileError } from '../errors';

/**
 * A program for another process: beside the compiled file that asks for it; beside a TypeScript source, which tests run on,
 * that of the last build.
 *
 * @param folder `__dirname` of who asks
 * @param name such as `shard-worker.js`
 * @param part the folder's name in the package
 * @throws MissingFileError when there is none
 */
export function compiledProgram(folder: string, name: string, part: string): string {
  const places = [join(folder, name), join(folder, '../dist', part, name)];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  const actual = 'none: `npm run build` makes it';
  throw new MissingFileError('compiled worker', { expected: 'a program', actual, where: { file: places[0] } });
}
