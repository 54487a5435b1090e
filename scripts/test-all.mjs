/**
 * Runs the suites that need PostgreSQL, an S3 server or a browser, which
 * `npm test` leaves out; gets the servers where it can and says what is missing.
 */
import { rm } from 'node:fs/promises';
import { provideServer } from './test/provide-server.mjs';
import { runSuites } from './test/run-suites.mjs';
import { serverResults } from './test/results-folders.mjs';
import { serverSuites } from './test/server-suites.mjs';

await rm(serverResults, { recursive: true, force: true });
if (serverSuites.length === 0) {
  console.log("nothing to run: no suite needs more than 'npm test' has");
} else {
  const needed = new Set(serverSuites.flatMap(({ needs }) => needs));
  const missing = [...needed].map(provideServer).filter((text) => text !== undefined);
  for (const text of missing) console.error(text);
  process.exitCode = missing.length > 0 ? 1 : await runSuites(serverResults, runs());
}

function runs() {
  return serverSuites.map(({ folder }) => ({
    name: folder,
    command: 'vitest',
    args: ['run', '--root', 'test'],
    env: { WALQ_TEST_SUITE: folder },
  }));
}
