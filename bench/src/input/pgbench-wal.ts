/** WAL as PostgreSQL's own benchmark makes it, by a server of its own on a socket of its own. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BenchFailure } from '../bench-failure.ts';
import type { InputRequest } from './make-input.ts';

const run = promisify(execFile);
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const TRANSACTIONS = 20_000;

/** PostgreSQL refuses to run as root. */
const asPostgres =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups']
    : [];

/**
 * Gives a directory with at least so many full segments of transactions: those that filled the tables are gone.
 * The server has ended when this returns.
 */
export async function makePgbenchWal(request: InputRequest): Promise<string> {
  const { root, segments, signal } = request;
  const binaries = await binariesOf();
  const home = join(root, 'pgbench');
  await mkdir(home);
  await chmod(root, 0o711);
  if (asPostgres.length > 0) await run('chown', ['postgres', home]);
  const cluster = join(home, 'main');
  const call: CallBinary = (command, ...args) => runAs(home, join(binaries, command), args, signal);
  await call('initdb', '--pgdata', cluster, '--auth', 'trust', '--no-sync');
  await appendFile(join(cluster, 'postgresql.conf'), settingsOf(home));
  await call('pg_ctl', 'start', '--pgdata', cluster, '--wait', '--log', join(home, 'log'));
  const wal = join(cluster, 'pg_wal');
  try {
    await fill(call, home, wal, segments);
  } finally {
    await stop(home, join(binaries, 'pg_ctl'), cluster);
  }
  return wal;
}

type CallBinary = (command: string, ...args: string[]) => Promise<void>;

/** What filled the tables compresses as no other WAL does, and PostgreSQL needs it no more. */
async function fill(call: CallBinary, home: string, wal: string, segments: number): Promise<void> {
  const ends = ['--host', home, 'postgres'];
  await call('pgbench', '-iqs', '20', ...ends);
  const ofTables = await walIn(wal);
  const load = ['-n', '-c', '2', '-t', String(TRANSACTIONS), ...ends];
  while ((await walIn(wal)).length < ofTables.length + segments + 1) await call('pgbench', ...load);
  for (const name of ofTables) await rm(join(wal, name));
}

/** Nothing is recycled: an old segment under a new name would hold old records. */
const settingsOf = (home: string): string => `
listen_addresses = ''
unix_socket_directories = '${home}'
fsync = off
max_wal_size = 64GB
wal_keep_size = 64GB
wal_recycle = off
`;

async function binariesOf(): Promise<string> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a));
  if (newest !== undefined) return join(DEBIAN_FOLDER, newest, 'bin');
  throw new BenchFailure(
    'cannot-measure',
    `there is no PostgreSQL server in ${DEBIAN_FOLDER}`,
    'Install one (apt-get install postgresql), or measure without --pgbench.',
  );
}

async function runAs(home: string, command: string, args: readonly string[], signal: AbortSignal) {
  const [first = '', ...rest] = [...asPostgres, command, ...args];
  await run(first, rest, { cwd: home, env: { ...process.env, HOME: home }, signal });
}

/** Also when all is being ended. */
async function stop(home: string, pgCtl: string, cluster: string): Promise<void> {
  const args = ['stop', '--pgdata', cluster, '--mode', 'immediate', '--wait'];
  await runAs(home, pgCtl, args, new AbortController().signal);
}

async function walIn(wal: string): Promise<string[]> {
  const names = await readdir(wal);
  return names.filter((name) => /^[0-9A-F]{24}$/.test(name));
}
