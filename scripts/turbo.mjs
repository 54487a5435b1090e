/** Runs a turbo task over all packages, with the pnpm of the set-up on the PATH. */
import { spawnSync } from 'node:child_process';
import { projectRoot } from './project.mjs';
import { toolEnv } from './tool-env.mjs';

const args = ['run', ...process.argv.slice(2)];
const { status, error } = spawnSync('turbo', args, {
  cwd: projectRoot,
  env: toolEnv(),
  stdio: 'inherit',
});
if (error) console.error(`unable to run turbo (${error.message}): run 'npm run setup' first`);
process.exitCode = status ?? 1;
