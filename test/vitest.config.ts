import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testsOf } from '../vitest.shared.ts';

// Set by `npm run test:all`: the one suite to run, of those that need a server.
const suite = process.env['WALQ_TEST_SUITE'];

export default testsOf(import.meta.dirname, {
  // These tests mostly wait, for locks to run out and intervals to come round; servers weigh more.
  maxWorkers: suite === undefined ? 3 : 2,
  // Some wait for the lock of a worker that was killed, or for a server that is away, once or twice.
  testTimeout: 300_000,
  include: [suite === undefined ? '*/**/*.test.ts' : `${suite}/**/*.test.ts`],
  exclude: [
    'support/**',
    'simulation/**',
    'fuzz/**',
    ...(suite === undefined ? serverSuites() : []),
  ],
});

function serverSuites(): string[] {
  const listed = readFileSync(join(import.meta.dirname, 'server-suites.json'), 'utf8');
  return (JSON.parse(listed) as { folder: string }[]).map(({ folder }) => `${folder}/**`);
}
