import { spawnSync } from 'node:child_process';
import { projectRoot } from '../project.mjs';
import { toolEnv } from '../tool-env.mjs';

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs one of the project's tools; `ok` when it exited 0. */
export function runTool(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: projectRoot,
    env: toolEnv(),
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) return { ok: false, stdout: '', output: `unable to run ${command}: ${error.message}` };
  return { ok: status === 0, stdout, output: stdout + stderr };
}
