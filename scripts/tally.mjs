/**
 * Sums the results that vitest left in the folders given (default: the last runs
 * of `npm test` and `npm run test:all`), and ends with the line `N passed, N failed`.
 * Fails on failures, when no test ran, and, where CI=true, on skipped tests.
 */
import { resolve } from 'node:path';
import { basicResults, serverResults } from './test/results-folders.mjs';
import { closingLine, complaints, isGood, sum } from './test/sum.mjs';
import { readResults } from './test/read-results.mjs';

const given = process.argv.slice(2).map((folder) => resolve(folder));
const folders = given.length > 0 ? given : [basicResults, serverResults];
const results = (await Promise.all(folders.map(readResults))).flat();
for (const line of complaints(results)) console.log(line);
const total = sum(results);
console.log(closingLine(total));
process.exitCode = isGood(total) ? 0 : 1;
