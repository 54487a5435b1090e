/** Runs the tests of the packages that differ from main, and of those that stand on them. */
import { spawnSync } from 'node:child_process';
import { projectRoot } from './project.mjs';
import { toolEnv } from './tool-env.mjs';

const args = ['run', 'test', '--affected', '--concurrency=1', '--continue'];
const { status, error } = spawnSync('turbo', args, {
  cwd: projectRoot,
  env: toolEnv({ TURBO_TELEMETRY_DISABLED: '1' }),
  stdio: 'inherit',
});
if (error) console.error(`unable to run turbo (${error.message}): run 'npm run setup' first`);
process.exitCode = status ?? 1;
