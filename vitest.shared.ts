import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';

const projectRoot = import.meta.dirname;
const support = join(projectRoot, 'test/support/src');

/** Files of tests that take long; `npm test` leaves them out. */
const LONG = '**/*.long.test.ts';

/**
 * The vitest configuration of the package in `folder`; each package's
 * `vitest.config.ts` gives it `import.meta.dirname`.
 * Results go to `.cache/test-results/<package>.json`, for `scripts/tally.mjs`.
 */
export function testsOf(folder: string, own: ViteUserConfig['test'] = {}): ViteUserConfig {
  const resultsFile = resultsOf(folder);
  const { include = ['test/**/*.test.ts'], exclude = [], ...others } = own;
  return defineConfig({
    root: folder,
    // One for each run: suites of one folder run side by side, and vitest writes there how long files took.
    cacheDir: join(projectRoot, '.cache/vitest', nameOf(folder)),
    test: {
      include: process.env['WALQ_TESTS']?.split(',') ?? include,
      exclude: [...configDefaults.exclude, ...exclude, ...leftOut()],
      pool: 'forks',
      // Many roles run at once; those tests that ask for metrics choose a port.
      env: { WALQ_METRICS__LISTEN: 'off' },
      maxWorkers: 2,
      // Ends a hung test; longer than a wait within it may take (PATIENCE_MS), whose failure says more.
      testTimeout: 150_000,
      hookTimeout: 150_000,
      teardownTimeout: 60_000,
      // Real processes on a machine that may be starved: a second try separates a fault from a stall. Shown as (retry x1).
      retry: process.env['CI'] === undefined ? 0 : 1,
      passWithNoTests: true,
      // What is built is loaded by Node itself, as users have it: vite's way of loading takes longer than the tests.
      server: { deps: { external: [/\/dist\//] } },
      reporters: ['default', 'json'],
      outputFile: { json: resultsFile },
      globalSetup: [join(support, 'guard/leak-guard.ts')],
      setupFiles: [join(support, 'guard/handle-guard.ts')],
      ...others,
    },
  });
}

/** What `npm test` and `npm run test:all` leave to one another; nothing where vitest is started by hand. */
function leftOut(): string[] {
  const long = process.env['WALQ_TEST_LONG'];
  if (long === 'no') return [LONG];
  return long === 'only' ? ['**/!(*.long).test.ts'] : [];
}

/** What this run is called: after its folder, and what of the folder's tests it runs. */
function nameOf(folder: string): string {
  const suite = process.env['WALQ_TEST_SUITE'] ?? '';
  const long = process.env['WALQ_TEST_LONG'] === 'only' ? 'long' : '';
  return join(relative(projectRoot, folder), suite, long).replaceAll('/', '-');
}

/** The results file, with what an earlier run left there taken away. */
function resultsOf(folder: string): string {
  const directory = process.env['WALQ_TEST_RESULTS'] ?? join(projectRoot, '.cache/test-results');
  const file = join(directory, `${nameOf(folder)}.json`);
  for (const old of [file, file.replace(/\.json$/, '.leaks.json')]) rmSync(old, { force: true });
  process.env['WALQ_TEST_RESULTS_FILE'] = file;
  return file;
}
