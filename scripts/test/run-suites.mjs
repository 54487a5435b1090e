import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { projectRoot } from '../project.mjs';
import { toolEnv } from '../tool-env.mjs';
import { closingLine, complaints, isGood, sum } from './sum.mjs';
import { readResults } from './read-results.mjs';

/**
 * Runs commands that leave vitest results in `folder`, emptied before, and prints
 * the closing line. Returns the exit code: 0 when all ran, passed and counted.
 */
export async function runSuites(folder, suites) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const broken = suites.filter((suite) => !runsWell(suite, folder)).map(({ name }) => name);
  const results = await withBroken(await readResults(folder), broken, folder);
  for (const line of complaints(results)) console.log(line);
  const total = sum(results);
  console.log(closingLine(total));
  return broken.length === 0 && isGood(total) ? 0 : 1;
}

/**
 * A run can fail where no test did, on an error that nobody waited for: that is a
 * failure too, and is left among the results for a later tally.
 */
async function withBroken(results, broken, folder) {
  if (broken.length === 0 || sum(results).failed > 0) return results;
  const complaints = broken.map((name) => `${name} ended with an error outside the tests`);
  const failure = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, complaints };
  await writeFile(`${folder}/outside.json`, JSON.stringify(failure));
  return await readResults(folder);
}

function runsWell({ command, args, env }, folder) {
  const { status, error } = spawnSync(command, args, {
    cwd: projectRoot,
    env: toolEnv({ ...env, WALQ_TEST_RESULTS: folder }),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.error(`unable to run ${command}: ${error.message}`);
  return status === 0;
}
