import { resolve } from 'node:path';

/** A path that the user gave, seen from where the user stood: npm runs scripts in the checkout. */
export function userPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
