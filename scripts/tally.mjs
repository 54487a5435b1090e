/**
 * Sums the results that vitest left in the folders given (default: the last runs
 * of `npm test` and `npm run test:all`), and ends with the line `N passed, N failed`.
 * Fails on failures, when no test ran, and, where CI=true, on skipped tests.
 */
import { relative } from 'node:path';
import { inProject, projectRoot } from './project.mjs';
import { basicResults, serverResults } from './test/results-folders.mjs';
import { closingLine, isGood, sum } from './test/sum.mjs';
import { readResults } from './test/read-results.mjs';

const given = process.argv.slice(2).map((folder) => inProject(folder));
const folders = given.length > 0 ? given : [basicResults, serverResults];
const results = (await Promise.all(folders.map(readResults))).flat();
for (const { file, complaint } of results.filter(({ complaint }) => complaint)) {
  console.log(`${relative(projectRoot, file)}: ${complaint}`);
}
const total = sum(results);
console.log(closingLine(total));
process.exitCode = isGood(total) ? 0 : 1;
