/**
 * Where walq's own files are on a host. Directories that systemd sets come before the user's. Undefined for a user without
 * a home directory, as in containers that run under an arbitrary uid.
 */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { WalqError } from '@walq/wal-core/light';
import type { Environment } from './environment.ts';

/** The default paths of the configuration file, in order. */
export const usualConfigPaths = (cwd: string): readonly string[] => [
  join(cwd, 'walq.toml'),
  '/etc/walq/walq.toml',
];

/** For files that may be deleted at any time. */
export const cacheDirectory = (env: Environment = process.env): string | undefined =>
  firstOf(env['CACHE_DIRECTORY']) ?? inHome(env, env['XDG_CACHE_HOME'], '.cache');

/** For files that should outlive the process, such as those of a private Redis. */
export const stateDirectory = (env: Environment = process.env): string | undefined =>
  firstOf(env['STATE_DIRECTORY']) ?? inHome(env, env['XDG_STATE_HOME'], '.local/state');

/** The state directory. @param option the option that could set another directory, for the hint */
export function requireStateDirectory(what: string, option?: string): string {
  const directory = stateDirectory();
  if (directory !== undefined) return directory;
  const user = process.getuid?.() ?? 'unknown';
  throw new WalqError('configuration-invalid', {
    message: `there is no directory for ${what}: user ${user} has no home directory`,
    hint: `Set ${option === undefined ? '' : `${option}, or `}HOME or STATE_DIRECTORY to the absolute path of a directory that this user may write.`,
  });
}

/** systemd separates several directories by colons. */
const firstOf = (text: string | undefined): string | undefined => absolute(text?.split(':')[0]);

/** The XDG Base Directory Specification says to ignore relative paths. */
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
