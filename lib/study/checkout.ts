import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MissingFileError } from '../errors';

const NAME = 'hybrid-ecg-kit';

/**
 * The root of the checkout that a folder lies in: the nearest folder above whose package is the kit.
 *
 * @throws MissingFileError when there is none
 */
export function findCheckout(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === NAME) return folder;
    if (folder === dirname(folder)) {
      const expected = `a folder within a checkout of ${NAME}`;
      throw new MissingFileError('checkout', { expected, actual: resolve(from) });
    }
  }
}
