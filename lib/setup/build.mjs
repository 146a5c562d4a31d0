// The build: TypeScript to lib/dist and data-scripts/dist, when a source is newer.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, tail } from './spawn.mjs';
import { step } from './steps.mjs';

const PROJECTS = ['lib', 'data-scripts'];

/**
 * Compiles the sources unless the last build was made from the same ones.
 *
 * @throws Error with the compiler's messages
 */
export async function prepareBuild(root) {
  const stamp = join(root, '.kit/build');
  const sources = sourceState(root);
  const built =
    existsSync(join(root, 'lib/dist/index.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
  if (built) return;
  await step('build', 'TypeScript to lib/dist', async () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { code, output } = await run([process.execPath, tsc, '-b', ...PROJECTS], { cwd: root });
    if (code !== 0) throw new Error(`tsc ended with exit code ${code}:\n${tail(output, 30)}`);
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources);
}

/** A hash over each source's name, size and time, the compiler's settings and the packages: a look of milliseconds. */
function sourceState(root) {
  const hash = createHash('sha256');
  const add = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path} ${stat?.size} ${stat?.mtimeMs}\n`);
  };
  for (const project of PROJECTS) for (const path of sourcesUnder(join(root, project))) add(path);
  for (const name of ['tsconfig.base.json', 'package-lock.json']) add(join(root, name));
  return hash.digest('hex');
}

function sourcesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return ['dist', 'node_modules', 'setup', 'shims'].includes(entry.name) ? [] : sourcesUnder(path);
      return entry.name.endsWith('.ts') || entry.name === 'tsconfig.json' ? [path] : [];
    });
}
