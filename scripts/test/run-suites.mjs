import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { inProject } from '../project.mjs';
import { toolEnv } from '../tool-env.mjs';
import { closingLine, complaints, isGood, sum } from './sum.mjs';
import { readResults } from './read-results.mjs';

/** Two on two cores: while one waits, for a lock to run out or a process to start, the other computes. */
const AT_ONCE = Math.max(2, Math.floor(availableParallelism() / 2));

/**
 * A run of vitest: `folder` within the project, and the environment that selects the folder's tests.
 * `isExclusive`: it runs when all others have ended, because it measures, or unmounts what their namespaces would keep mounted.
 *
 * @typedef {{ name: string, folder: string, env?: Record<string, string>, isExclusive?: boolean }} Suite
 */

/**
 * Runs suites, several at once, in the order given; their results and what they print go to `results`, emptied
 * before. Prints how long each took and the closing line, and returns the exit code: 0 when all ran, passed and
 * counted.
 *
 * @param {string} results
 * @param {Suite[]} suites
 */
export async function runSuites(results, suites) {
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const shared = suites.filter(({ isExclusive }) => !isExclusive);
  const alone = suites.filter(({ isExclusive }) => isExclusive);
  const ends = [
    ...(await runAtOnce(AT_ONCE, shared, results)),
    ...(await runAtOnce(1, alone, results)),
  ];
  const broken = ends.filter(({ ok }) => !ok).map(({ name }) => name);
  const read = await withBroken(await readResults(results), broken, results);
  for (const end of ends.toSorted((a, b) => b.seconds - a.seconds)) console.log(timeOf(end));
  for (const line of complaints(read)) console.log(line);
  const total = sum(read);
  console.log(closingLine(total));
  return broken.length === 0 && isGood(total) ? 0 : 1;
}

async function runAtOnce(count, suites, results) {
  const waiting = [...suites];
  const ends = [];
  const runNext = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      ends.push(await runSuite(suite, results));
    }
  };
  await Promise.all(Array.from({ length: count }, runNext));
  return ends;
}

/** Prints the output of a suite in one piece: always in CI, because it shows retries; elsewhere only after a failure. */
async function runSuite({ name, folder, env }, results) {
  const startedAt = performance.now();
  const log = `${results}/${name.replaceAll('/', '-')}.log`;
  const output = await open(log, 'w');
  const vitest = spawn('vitest', ['run'], {
    cwd: inProject(folder),
    env: toolEnv({ ...env, WALQ_TEST_RESULTS: results }),
    stdio: ['ignore', output.fd, output.fd],
  });
  const [code] = await once(vitest, 'close');
  await output.close();
  const end = { name, ok: code === 0, seconds: (performance.now() - startedAt) / 1000 };
  if (!end.ok || process.env.CI === 'true') process.stdout.write(await readFile(log, 'utf8'));
  console.log(`suite  ${end.ok ? 'ok    ' : 'FAILED'}  ${name}`);
  return end;
}

function timeOf({ name, seconds }) {
  return `took   ${`${seconds.toFixed(0)} s`.padStart(6)}  ${name}`;
}

/**
 * A run can fail where no test did, on an error that nobody waited for: that is a
 * failure too, and is left among the results for a later tally.
 */
async function withBroken(read, broken, results) {
  if (broken.length === 0 || sum(read).failed > 0) return read;
  const complaints = broken.map((name) => `${name} ended with an error outside the tests`);
  const failure = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, complaints };
  await writeFile(`${results}/outside.json`, JSON.stringify(failure));
  return await readResults(results);
}
