/**
 * Where walq keeps things of its own on a machine; systemd's directories go before the user's. Undefined for a
 * user without a home, as in containers that run under any uid.
 */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { WalqError } from '@walq/wal-core/internal';
import type { Environment } from './environment.ts';

/** For what may be deleted at any time. */
export const cacheDirectory = (env: Environment = process.env): string | undefined =>
  firstOf(env['CACHE_DIRECTORY']) ?? inHome(env, env['XDG_CACHE_HOME'], '.cache');

/** For what should outlive the process, such as the files of a private Redis. */
export const stateDirectory = (env: Environment = process.env): string | undefined =>
  firstOf(env['STATE_DIRECTORY']) ?? inHome(env, env['XDG_STATE_HOME'], '.local/state');

/** The state directory for what cannot do without one. `option` may name another place. */
export function requireStateDirectory(what: string, option?: string): string {
  const directory = stateDirectory();
  if (directory !== undefined) return directory;
  const user = process.getuid?.() ?? 'unknown';
  throw new WalqError('configuration-invalid', {
    message: `there is no directory for ${what}: user ${user} has no home directory`,
    hint: `Set ${option === undefined ? '' : `${option}, or `}HOME or STATE_DIRECTORY to the absolute path of a directory that this user may write.`,
  });
}

/** systemd separates several by a colon. */
const firstOf = (text: string | undefined): string | undefined => absolute(text?.split(':')[0]);

/** A relative path is to be ignored, says the XDG Base Directory Specification. */
function inHome(env: Environment, named: string | undefined, usual: string): string | undefined {
  const home = absolute(env['HOME']) ?? homeOfUser();
  const base = absolute(named) ?? (home === undefined ? undefined : join(home, usual));
  return base === undefined ? undefined : join(base, 'walq');
}

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

function homeOfUser(): string | undefined {
  try {
    return absolute(homedir());
  } catch {
    // No HOME, and no entry in /etc/passwd.
    return undefined;
  }
}
