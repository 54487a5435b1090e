/**
 * The private Redis of `walq up` and `walq demo`. It listens on a socket in a directory that only this user can
 * access, so no other user can reach or impersonate it. It ends with the process that started it.
 */
import { chmod, mkdir, writeFile, access, constants } from 'node:fs/promises';
import { join, delimiter } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core/internal';
import { endingWithParent, type ChildListener } from '../supervise/run-child.ts';
import { askRedis, endLeftover } from './running.ts';
import { isOwnDirectory, writeRecord, newSocketPath, removeSocket } from './place.ts';
import { Supervised } from '../supervise/supervised.ts';

export interface PrivateRedis {
  readonly url: string;
  /** The variables that give walq's roles this URL. */
  readonly env: Readonly<Record<string, string>>;
}

const READY_MS = 60_000;
const POLL_INTERVAL_MS = 20;

/** Runs a Redis in the directory until the work ends. Creates the directory, and ends a Redis that was left over in it. */
export async function withPrivateRedis<T>(
  directory: string,
  listener: ChildListener,
  signal: AbortSignal,
  work: (redis: PrivateRedis) => Promise<T>,
): Promise<T> {
  const binary = await redisBinary();
  await makePrivate(directory);
  await endLeftover(directory);
  const socket = await newSocketPath(directory);
  await writeFile(join(directory, 'redis.conf'), configOf(socket), { mode: 0o600 });
  await writeRecord(directory, { socket, owner: process.pid });
  const command = await endingWithParent(binary, ['redis.conf']);
  const server = new Supervised({ name: 'redis', cwd: directory, ...command }, listener);
  try {
    await untilReady(socket, directory, signal);
    const url = pathToFileURL(socket).href.replace(/^file:/, 'unix:');
    return await work({ url, env: { WALQ_REDIS__URL: url } });
  } finally {
    await server.stop();
    await removeSocket(socket, directory);
  }
}

/** Earlier versions of walq created the directory readable by others. */
async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700).catch(() => undefined);
  if (await isOwnDirectory(directory)) return;
  throw new WalqError('redis-unavailable', {
    message: `the private Redis does not start in ${directory}, because other users can access that directory`,
    hint: `Run chown and chmod 0700 on ${directory} so that only this user can access it, or set redis.url.`,
  });
}

/** Jobs survive a restart of the server and are never evicted. Paths are relative to its directory. */
const configOf = (socket: string): string =>
  [
    'port 0',
    `unixsocket ${JSON.stringify(socket)}`,
    'unixsocketperm 600',
    'daemonize no',
    'dir ./',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'loglevel warning',
    '',
  ].join('\n');

/** Resolves when the server has loaded its files and answers. */
async function untilReady(socket: string, directory: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + READY_MS;
  while ((await askRedis(socket, 'PING')) !== '+PONG') {
    if (performance.now() > deadlineMs) throw notReady(directory);
    await sleep(POLL_INTERVAL_MS, undefined, { signal });
  }
}

const notReady = (directory: string): WalqError =>
  new WalqError('redis-unavailable', {
    message: `the private Redis in ${directory} did not answer within ${READY_MS / 1000} s`,
    hint: `To see why, run redis-server redis.conf in ${directory}. Or set redis.url to a running server.`,
  });

/** Where `npm run setup` installs a server if the PATH has none; an installed package has no such file. */
const projectRedis = join(import.meta.dirname, '../../../../.cache/redis/bin/redis-server');

/** In this order: `WALQ_REDIS_SERVER`, `redis-server` or `valkey-server` on the PATH, the project's own. */
async function redisBinary(): Promise<string> {
  const named = process.env['WALQ_REDIS_SERVER'];
  const candidates = named
    ? [named]
    : [...onPath('redis-server'), ...onPath('valkey-server'), projectRedis];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  throw new WalqError('redis-unavailable', {
    message: named
      ? `WALQ_REDIS_SERVER names ${named}, which cannot be run`
      : 'neither redis-server nor valkey-server is on the PATH',
    hint: 'Install one (apt-get install redis-server), set WALQ_REDIS_SERVER to its path, or set redis.url to a running server.',
  });
}

function onPath(name: string): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name));
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
