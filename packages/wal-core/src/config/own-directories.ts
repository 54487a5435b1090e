/** Where walq keeps things of its own on a machine; systemd's directories go before the user's. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/** For what may be deleted at any time. */
export const cacheDirectory = (env: Environment = process.env): string =>
  env['CACHE_DIRECTORY'] ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'walq');

/** For what should outlive the process, such as the files of a private Redis. */
export const stateDirectory = (env: Environment = process.env): string =>
  env['STATE_DIRECTORY'] ?? join(env['XDG_STATE_HOME'] || join(homedir(), '.local/state'), 'walq');
