// The npm packages: installed when what is there is not what the lock file asks for.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './cache-files.mjs';
import { lostRegistry, whyNoRegistry } from './network.mjs';
import { run, tail } from './spawn.mjs';
import { step } from './steps.mjs';

/** What npm writes down last of an install. */
const INSTALLED = 'node_modules/.package-lock.json';

/**
 * Installs the packages with `npm ci`, their scripts off, unless they are there.
 *
 * Without the registry, npm's cache must have them.
 *
 * @throws Error that says which registry cannot be reached, or with the last lines of npm
 */
export async function preparePackages(root) {
  const missing = missingPackages(root);
  if (missing === 0) return;
  await step('packages', `npm ci, ${missing} packages (230 MB to download, 660 MB on disk)`, async () => {
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
    // With NODE_ENV=production npm would leave out what builds the kit.
    const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
    const unreachable = await whyNoRegistry(npm, root);
    if (unreachable) options.push('--offline'); // npm's cache may have all
    const { code, output } = await run([...npm, 'ci', ...options], { cwd: root });
    if (/ENOSPC|EDQUOT/.test(output)) {
      rmSync(join(root, INSTALLED), { force: true }); // npm ends with exit code 0 and leaves half files
      throw new Error(`packages: no space is left on the disk of ${root} or of npm's cache; the packages need 660 MB`);
    }
    if (code === 0) return;
    const lost = unreachable ?? lostRegistry(output);
    throw new Error(
      lost ? `packages: ${lost}` : `npm ci ended with exit code ${code}; its last lines:\n${tail(output)}`,
    );
  });
}

/**
 * How many packages of the lock file are not installed at their version; 0 when all are.
 *
 * Compares package-lock.json with what npm writes down last of an install, node_modules/.package-lock.json: an install
 * that was killed has none. Packages of other platforms are optional and may be absent.
 */
export function missingPackages(root) {
  const locked = readJson(join(root, 'package-lock.json'))?.packages;
  if (locked === undefined)
    throw new Error(`${join(root, 'package-lock.json')}: expected npm's lock file, got none that can be read`);
  const wanted = Object.entries(locked).filter(([path]) => path.includes('node_modules/'));
  const installed = readJson(join(root, INSTALLED))?.packages ?? {};
  return wanted.filter(([path, { version, link, optional }]) => {
    const there = installed[path];
    if (link) return there?.link !== true || !existsSync(join(root, path));
    return there === undefined ? !optional : there.version !== version;
  }).length;
}
