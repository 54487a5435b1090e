/** A PostgreSQL of a test's own: its binaries from Debian's folders, its files in one directory. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, chown, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';

const run = promisify(execFile);
const debianFolder = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root; Debian's package brings this user. */
const unprivileged = 'postgres';

export interface PrivatePostgres {
  /** Where the server writes its segments. */
  readonly walDirectory: string;
  /** Runs pgbench against the server. */
  pgbench(...args: string[]): Promise<void>;
  stop(): Promise<void>;
}

const settings = [
  "listen_addresses = ''",
  'archive_mode = off',
  'wal_level = replica',
  // Nothing is recycled, so that what was written is all still there.
  'wal_keep_size = 4GB',
  'max_wal_size = 8GB',
  // The test is about the bytes, not about a crash.
  'fsync = off',
];

export async function startPostgres(): Promise<PrivatePostgres> {
  const directory = await temporaryDirectory('postgres');
  const asOwner = await ownerOf(directory.path);
  const binaries = await binariesFolder();
  const call = (name: string, ...args: string[]) => asOwner(join(binaries, name), args);
  const cluster = directory.at('cluster');
  await call('initdb', '--pgdata', cluster, '--auth', 'trust', '--no-sync');
  const own = [...settings, `unix_socket_directories = '${directory.path}'`];
  await appendFile(join(cluster, 'postgresql.conf'), `${own.join('\n')}\n`);
  const stop = () => call('pg_ctl', 'stop', '--pgdata', cluster, '--mode', 'fast', '--wait');
  await call('pg_ctl', 'start', '--pgdata', cluster, '--wait', '--log', directory.at('log'));
  let running = true;
  const stopOnce = async (): Promise<void> => {
    if (running) await stop();
    running = false;
  };
  onTestFinished(stopOnce);
  return {
    walDirectory: join(cluster, 'pg_wal'),
    pgbench: async (...args) =>
      void (await call('pgbench', '--host', directory.path, ...args, 'postgres')),
    stop: stopOnce,
  };
}

type Run = (command: string, args: readonly string[]) => Promise<unknown>;

/** Runs commands as a user who may run PostgreSQL and owns the directory. */
async function ownerOf(path: string): Promise<Run> {
  if (process.getuid?.() !== 0) return (command, args) => run(command, [...args], { cwd: path });
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, unprivileged])));
  await chown(path, Number(uid?.stdout), Number(gid?.stdout));
  // The run's root is this user's alone; the other one must pass through it.
  await chmod(tmpdir(), 0o711);
  return (command, args) =>
    run('runuser', ['-u', unprivileged, '--', command, ...args], { cwd: path });
}

/** Debian keeps the server's binaries off the PATH, below a folder for each version. */
async function binariesFolder(): Promise<string> {
  const versions = await readdir(debianFolder).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .toSorted((a, b) => b - a)[0];
  if (newest !== undefined) return join(debianFolder, String(newest), 'bin');
  const { stdout } = await run('pg_config', ['--bindir']);
  return stdout.trim();
}
