import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests run on the TypeScript sources; the notebooks' test runs on the compiled package, as users do.
export default defineConfig({
  resolve: { alias: { 'hybrid-ecg': resolve(import.meta.dirname, 'lib/index.ts') } },
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks', // the TensorFlow binding is loaded once a process
    maxWorkers: Math.max(2, availableParallelism() - 1), // many tests wait for processes that they start
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
