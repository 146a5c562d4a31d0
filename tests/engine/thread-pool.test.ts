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
#include <stdexcept>
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
  long caught = 0, late = 0;
  for (int round = 0; round < 2000; round++) {
    std::atomic<int> inside{0};
    try {
      pool.ForEach(40, [&](long task) {
        inside++;
        if (task % 13 == round % 13) { inside--; throw std::runtime_error("a task"); }
        inside--;
      });
    } catch (const std::runtime_error &) { caught++; }
    late += inside != 0;
  }
  std::printf("%ld thrown, %ld before all had stopped\\n", caught, late);
}
`;

const hasCompiler = spawnSync('g++', ['--version']).status === 0;

it.skipIf(!hasCompiler)(
  'each task of a round is done once, what one throws is thrown, and ThreadSanitizer sees no race (skipped without g++)',
  () => {
    const [source, program] = [join(folder, 'pool.cc'), join(folder, 'pool')];
    writeFileSync(source, PROGRAM);
    const flags = ['-std=c++17', '-O1', '-g', '-march=native', '-pthread', '-fsanitize=thread'];
    const compiled = spawnSync('g++', [...flags, source, '-o', program], { encoding: 'utf8' });
    expect(compiled.stderr).toBe('');
    const { status, stdout, stderr } = spawnSync(program, { encoding: 'utf8', timeout: 50_000 });
    expect(stdout).toBe('0 tasks not done once\n2000 thrown, 0 before all had stopped\n');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout, stderr: '' });
  },
);
