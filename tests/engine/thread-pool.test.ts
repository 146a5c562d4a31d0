import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'thread-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));

const header = resolve(__dirname, '../../lib/engine/native/thread-pool.h');

// The pool is never destroyed, as in the add-on: its helpers wait for work until the process ends.
const PROGRAM = `
#include "${header}"
#include <cstdio>
#include <vector>
int main() {
  auto &pool = *new hybrid_ecg::ThreadPool(4);
  long wrong = 0;
  for (int round = 0; round < 5000; round++) {
    std::vector<int> done(1 + round % 37, 0);
    pool.ForEach(done.size(), [&](long task) { done[task]++; });
    for (int times : done) wrong += times != 1;
  }
  std::printf("%ld tasks not done once\\n", wrong);
}
`;

const hasCompiler = spawnSync('g++', ['--version']).status === 0;

it.skipIf(!hasCompiler)(
  'each task of a round is done once, and ThreadSanitizer sees no race (skipped without g++)',
  () => {
    const [source, program] = [join(folder, 'pool.cc'), join(folder, 'pool')];
    writeFileSync(source, PROGRAM);
    const flags = ['-std=c++17', '-O1', '-g', '-march=native', '-pthread', '-fsanitize=thread'];
    const compiled = spawnSync('g++', [...flags, source, '-o', program], { encoding: 'utf8' });
    expect(compiled.stderr).toBe('');
    const { status, stdout, stderr } = spawnSync(program, { encoding: 'utf8', timeout: 50_000 });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '0 tasks not done once\n', stderr: '' });
  },
);
