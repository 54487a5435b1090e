/** Runs every test that needs no server but Redis, and sums what came out. */
import { runSuites } from './test/run-suites.mjs';
import { basicResults } from './test/results-folders.mjs';

// One package at a time: each has several workers of its own, and two would starve one another.
const tests = ['run', 'test', '--concurrency=1', '--continue', '--output-logs=new-only'];

process.exitCode = await runSuites(basicResults, [
  { name: 'tests', command: 'turbo', args: [...tests, '--log-prefix=none'], env: {} },
]);
