import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** The checkout: the folder above this file that holds `lib/` and `data-scripts/`. */
export function checkout(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'data-scripts', 'tsconfig.json'))) {
    if (dirname(folder) === folder) return process.cwd();
    folder = dirname(folder);
  }
  return folder;
}

/** A folder that the user named, seen from where the user stood: npm runs scripts in the checkout. */
export function userFolder(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** Publisher's files of a dataset, unless the user names another folder. */
export function rawFolder(dataset: string): string {
  return join(checkout(), 'data', 'raw', dataset);
}

/** Standardised store of a dataset, unless the user names another folder. */
export function storeFolder(dataset: string): string {
  return join(checkout(), 'data', 'standardised', dataset);
}

/** A folder as it is shown: relative to the checkout where it lies inside. */
export function shown(folder: string): string {
  const path = relative(checkout(), folder);
  return path.startsWith('..') ? folder : path || '.';
}
