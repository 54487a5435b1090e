import { spawnSync } from 'node:child_process';

/** What `command args` prints when it starts and exits 0, else undefined. */
export function outputOf(command, args, env = process.env) {
  const { status, stdout } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 30_000,
  });
  return status === 0 ? stdout.trim() : undefined;
}
