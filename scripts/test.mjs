/** Runs every test that needs no server but Redis and no minutes, and sums what came out. */
import { shortSuites } from './test/package-suites.mjs';
import { basicResults } from './test/results-folders.mjs';
import { runSuites } from './test/run-suites.mjs';

process.exitCode = await runSuites(basicResults, shortSuites);
