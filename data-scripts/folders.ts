import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** The folder with `data/`: the nearest one around the working folder, else around this file, whose package is the kit. */
export function checkout(): string {
  return checkoutAround(process.cwd()) ?? checkoutAround(__dirname) ?? process.cwd();
}

function checkoutAround(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'hybrid-ecg-kit') return folder;
  return dirname(folder) === folder ? undefined : checkoutAround(dirname(folder));
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
