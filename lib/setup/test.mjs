// `npm test`: lint, types, and vitest; ends with one line that counts them.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './cache-files.mjs';
import { mayWrite } from './home.mjs';
import { runGroup } from './spawn.mjs';
import { say } from './steps.mjs';

/**
 * Checks everything; a check that fails does not stop the next, a signal ends all.
 *
 * @param root the checkout, prepared, which must be writable
 * @param args given to vitest (a path, `-t name`)
 * @returns 0 when all passed, else 1
 */
export default async function test(root, args) {
  if (!mayWrite(root)) throw new Error(`${root}: expected a checkout that can be written: npm test compiles into it`);
  const node = (...command) => runGroup([process.execPath, ...command], { cwd: root });
  const modules = join(root, 'node_modules');
  const results = join(root, '.kit/tests.json');
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const check = async (name, ...command) => {
    const code = await node(...command);
    counts[code === 0 ? 'passed' : 'failed']++;
    say(`${name}: ${code === 0 ? 'passed' : `failed (exit code ${code})`}`);
  };
  await check('lint and format', join(modules, '@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.');
  rmSync(join(root, 'tests/dist/tsconfig.tsbuildinfo'), { force: true }); // notes of another tsc would hide errors
  await check('types of the tests', join(modules, 'typescript/bin/tsc'), '-b', 'tests');

  mkdirSync(join(root, '.kit'), { recursive: true });
  rmSync(results, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const code = await node(join(modules, 'vitest/vitest.mjs'), 'run', ...reporters, ...args);
  const report = readJson(results);
  counts.passed += report?.numPassedTests ?? 0;
  counts.failed += report?.numFailedTests ?? 0;
  counts.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  // A file that cannot be loaded has no tests to count, and still fails.
  if (code !== 0 && !(report?.numFailedTests > 0)) counts.failed += Math.max(1, report?.numFailedTestSuites ?? 1);

  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 && code === 0 ? 0 : 1;
}
