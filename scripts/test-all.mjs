/**
 * Runs the suites that need PostgreSQL, an S3 server or a browser, and the tests that take minutes, which
 * `npm test` leaves out; gets the servers where it can and says what is missing.
 */
import { rm } from 'node:fs/promises';
import { longSuites } from './test/package-suites.mjs';
import { provideServer } from './test/provide-server.mjs';
import { serverResults } from './test/results-folders.mjs';
import { runSuites } from './test/run-suites.mjs';
import { serverSuites } from './test/server-suites.mjs';

await rm(serverResults, { recursive: true, force: true });
const needed = new Set(serverSuites.flatMap(({ needs }) => needs));
const missing = [...needed].map(provideServer).filter((text) => text !== undefined);
for (const text of missing) console.error(text);
process.exitCode = missing.length > 0 ? 1 : await runSuites(serverResults, suites());

function suites() {
  const servers = serverSuites.map(({ folder, isExclusive }) => ({
    name: folder,
    folder: 'test',
    env: { WALQ_TEST_SUITE: folder },
    isExclusive,
  }));
  return [...servers, ...longSuites];
}
