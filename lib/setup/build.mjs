// The build: TypeScript to lib/dist and data-scripts/dist, when a source is newer.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run, tail } from './spawn.mjs';
import { step } from './steps.mjs';

const PROJECTS = ['lib', 'data-scripts'];

/**
 * Compiles the sources unless the last build was made from the same ones and lies as that build left it.
 *
 * Where an output is gone or another program has written there, everything is compiled again: tsc alone goes by its own
 * notes, and those of another version make it leave out files.
 *
 * @throws Error with the compiler's messages
 */
export async function prepareBuild(root) {
  const stamp = stampFile(root);
  const sources = sourceState(root);
  const [lastSources, lastOutputs] = lastBuild(root);
  const untouched = lastOutputs === outputState(root);
  if (untouched && lastSources === sources) return;
  await step('build', 'TypeScript to lib/dist', async () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const force = untouched ? [] : ['--force'];
    const { code, output } = await run([process.execPath, tsc, '-b', ...PROJECTS, ...force], { cwd: root });
    if (code !== 0) throw new Error(`tsc ended with exit code ${code}:\n${tail(output, 30)}`);
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${sources}\n${outputState(root)}\n`);
}

/** Whether everything that the sources compile to is there. */
export function isBuilt(root) {
  return outputsOf(root).every((path) => existsSync(path));
}

const stampFile = (root) => join(root, '.kit/build');

function lastBuild(root) {
  const stamp = stampFile(root);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : [];
}

/** A hash over each source's name, size and time, the compiler's settings and the packages: a look of milliseconds. */
function sourceState(root) {
  const settings = ['tsconfig.base.json', 'package-lock.json'].map((name) => join(root, name));
  return stateOf(root, [...PROJECTS.flatMap((project) => sourcesUnder(join(root, project))), ...settings]);
}

/** The same over what the sources compile to, and the compiler's notes. */
function outputState(root) {
  const notes = PROJECTS.map((project) => join(root, project, 'dist/tsconfig.tsbuildinfo'));
  return stateOf(root, [...outputsOf(root), ...notes]);
}

function outputsOf(root) {
  return PROJECTS.flatMap((project) => {
    const sources = sourcesUnder(join(root, project)).filter((path) => path.endsWith('.ts'));
    const names = sources.map((path) => relative(join(root, project), path).slice(0, -'.ts'.length));
    return names.flatMap((name) => ['.js', '.d.ts'].map((ending) => join(root, project, 'dist', `${name}${ending}`)));
  });
}

function stateOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    hash.update(`${relative(root, path)} ${stat?.size} ${stat?.mtimeMs}\n`);
  }
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
