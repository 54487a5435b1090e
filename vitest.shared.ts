import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const projectRoot = import.meta.dirname;
const support = join(projectRoot, 'test/support/src');

/**
 * The vitest configuration of the package in `folder`; each package's
 * `vitest.config.ts` gives it `import.meta.dirname`.
 * Results go to `.cache/test-results/<package>.json`, for `scripts/tally.mjs`.
 */
export function testsOf(folder: string, own: ViteUserConfig['test'] = {}): ViteUserConfig {
  const resultsFile = resultsOf(folder);
  return defineConfig({
    root: folder,
    test: {
      include: process.env['WALQ_TESTS']?.split(',') ?? ['test/**/*.test.ts'],
      pool: 'forks',
      // Many roles run at once; those tests that ask for metrics choose a port.
      env: { WALQ_METRICS__LISTEN: 'off' },
      maxWorkers: 2,
      // What ends a hung test, no expectation: machines are slow and shared.
      testTimeout: 600_000,
      hookTimeout: 180_000,
      teardownTimeout: 60_000,
      // Real processes on a machine that may be starved: once more tells a fault from a stall. Shown as (retry x1).
      retry: process.env['CI'] === undefined ? 0 : 1,
      passWithNoTests: true,
      reporters: ['default', 'json'],
      outputFile: { json: resultsFile },
      globalSetup: [join(support, 'guard/leak-guard.ts')],
      setupFiles: [join(support, 'guard/handle-guard.ts')],
      ...own,
    },
  });
}

/** The results file, with what an earlier run left there taken away. */
function resultsOf(folder: string): string {
  const directory = process.env['WALQ_TEST_RESULTS'] ?? join(projectRoot, '.cache/test-results');
  const suite = process.env['WALQ_TEST_SUITE'] ?? '';
  const name = join(relative(projectRoot, folder), suite).replaceAll('/', '-');
  const file = join(directory, `${name}.json`);
  for (const old of [file, file.replace(/\.json$/, '.leaks.json')]) rmSync(old, { force: true });
  process.env['WALQ_TEST_RESULTS_FILE'] = file;
  return file;
}
