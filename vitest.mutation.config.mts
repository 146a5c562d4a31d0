import { configDefaults, defineConfig } from 'vitest/config';

/**
 * The tests that mutants of lib/metrics and lib/risk are held against (CONTRIBUTING.md says how): those of the two folders
 * without the statistical ones, which take seconds and would run for each mutant.
 */
export default defineConfig({
  test: {
    include: ['tests/{metrics,risk}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '.kit/**'],
    testNamePattern: /^(?!.*(covers the true AUROC|rejects equal areas|for a calibrated classifier|draws every unit))/,
    testTimeout: 600_000, // the first run counts what each test covers, which is slow
  },
});
