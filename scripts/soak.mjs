/**
 * Runs producers and workers under random faults for hours: `npm run soak -- --hours 4 [--seed TEXT]`.
 * Prints the figures: segments, faults, restarts, what is wrong, what the processes hold at first and at the end.
 */
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { inProject } from './project.mjs';
import { toolEnv } from './tool-env.mjs';

const options = { hours: { type: 'string', default: '1' }, seed: { type: 'string' } };
const { hours, seed } = parseArgs({ options }).values;
const seconds = Math.round(Number(hours) * 3600);
if (!(seconds > 0)) {
  console.error(`--hours is a number above 0, not '${String(hours)}'`);
  process.exit(2);
}
const env = { WALQ_TEST_SUITE: 'soak', WALQ_SOAK_SECONDS: String(seconds) };
const { status } = spawnSync('vitest', ['run'], {
  cwd: inProject('test'),
  env: toolEnv({ ...env, ...(seed !== undefined && { WALQ_SOAK_SEED: seed }) }),
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = status ?? 1;
