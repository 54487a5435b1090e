/** PostgreSQL refuses to run as root: what belongs to a server runs as a user without rights. */
import { execFile } from 'node:child_process';
import { chmod, chown, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess, type RunningProcess } from '@walq/test-support';

const run = promisify(execFile);
const debianFolder = '/usr/lib/postgresql';
/** Debian's package brings this user. */
const unprivileged = 'postgres';

export interface Owner {
  /** Runs a command to its end; rejects when it fails. */
  run(command: string, args: readonly string[], cwd?: string): Promise<string>;
  start(command: string, args: readonly string[], cwd?: string): Promise<RunningProcess>;
  /** Gives a file or directory to this user. */
  own(path: string): Promise<void>;
}

const envIn = (directory: string): Record<string, string> => ({
  WALQ_NODE: process.execPath,
  HOME: directory,
  XDG_STATE_HOME: join(directory, 'state'),
  XDG_CACHE_HOME: join(directory, 'cache'),
});

/** The user that PostgreSQL runs as, who may also enter the test's directory. */
export async function ownerOf(directory: string): Promise<Owner> {
  const as = process.getuid?.() === 0 ? await otherUser(directory) : undefined;
  const prefix = as === undefined ? [] : as.prefix;
  const full = (command: string, args: readonly string[]) => [...prefix, command, ...args];
  return {
    run: async (command, args, cwd = directory) => {
      const [first = '', ...rest] = full(command, args);
      const options = { cwd, env: { ...process.env, ...envIn(directory) }, maxBuffer: 1 << 26 };
      return (await run(first, rest, options)).stdout;
    },
    start: (command, args, cwd = directory) => {
      const [first = '', ...rest] = full(command, args);
      return startProcess(first, rest, { cwd, env: envIn(directory) });
    },
    own: async (path) => {
      if (as !== undefined) await chown(path, as.uid, as.gid);
    },
  };
}

async function otherUser(directory: string) {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, unprivileged])));
  const ids = { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  await chown(directory, ids.uid, ids.gid);
  // The run's root is this user's alone; the other one must pass through it.
  await chmod(tmpdir(), 0o711);
  const prefix = ['setpriv', `--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups'];
  return { ...ids, prefix };
}

/** Debian keeps the server's binaries off the PATH, below a folder for each version. */
export async function binariesFolder(): Promise<string> {
  const versions = await readdir(debianFolder).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .toSorted((a, b) => b - a)[0];
  if (newest !== undefined) return join(debianFolder, String(newest), 'bin');
  const { stdout } = await run('pg_config', ['--bindir']);
  return stdout.trim();
}
