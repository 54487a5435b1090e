/**
 * A Redis of walq's own, for `walq up` and `walq demo`: at a socket in a directory of this user, where no
 * other user reaches it or can take its place, with its files in one directory, and gone with its owner.
 */
import { chmod, mkdir, writeFile, access, constants } from 'node:fs/promises';
import { join, delimiter } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core/internal';
import { dyingWithOwner, type ChildListener } from '../supervise/run-child.ts';
import { askRedis, endLeftover } from './running.ts';
import { isOwnDirectory, writeRecord, newSocketPath, removeSocket } from './place.ts';
import { Supervised } from '../supervise/supervised.ts';

/** Where a private Redis is. */
export interface PrivateRedis {
  readonly url: string;
  /** Tells roles of walq. */
  readonly env: Readonly<Record<string, string>>;
}

const READY_MS = 60_000;
const LOOK_EVERY_MS = 20;

/**
 * Runs a Redis in the directory for as long as the work takes; it ends after those who used it. The directory is
 * made when it is not there, and what was left over in it ended.
 */
export async function withPrivateRedis<T>(
  directory: string,
  listener: ChildListener,
  signal: AbortSignal,
  work: (redis: PrivateRedis) => Promise<T>,
): Promise<T> {
  const binary = await redisBinary();
  await makeOwn(directory);
  await endLeftover(directory);
  const socket = await newSocketPath(directory);
  await writeFile(join(directory, 'redis.conf'), configOf(socket), { mode: 0o600 });
  await writeRecord(directory, { socket, owner: process.pid });
  const command = await dyingWithOwner(binary, ['redis.conf']);
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

/** An earlier walq may have made it for others to look into. */
async function makeOwn(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700).catch(() => undefined);
  if (await isOwnDirectory(directory)) return;
  throw new WalqError('redis-unavailable', {
    message: `the private Redis does not start in ${directory}, which is not a directory of this user alone`,
    hint: 'Give it to this user with mode 0700, or set redis.url.',
  });
}

/** Relative to the directory, which is the server's own; jobs survive its restart, and are never evicted. */
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

/** Until it answers, its files read. */
async function untilReady(socket: string, directory: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + READY_MS;
  while ((await askRedis(socket, 'PING')) !== '+PONG') {
    if (performance.now() > deadlineMs) throw notReady(directory);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

const notReady = (directory: string): WalqError =>
  new WalqError('redis-unavailable', {
    message: `the private Redis in ${directory} did not answer within ${READY_MS / 1000} s`,
    hint: 'Its own lines stand above; or set redis.url to a server that runs.',
  });

/** Where `npm run setup` places a server when the PATH has none; there is none in an installed package. */
const projectRedis = join(import.meta.dirname, '../../../../.cache/redis/bin/redis-server');

/** A server to start: `WALQ_REDIS_SERVER`, `redis-server` or `valkey-server` on the PATH, the project's. */
async function redisBinary(): Promise<string> {
  const named = process.env['WALQ_REDIS_SERVER'];
  const candidates = named
    ? [named]
    : [...onPath('redis-server'), ...onPath('valkey-server'), projectRedis];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  throw new WalqError('redis-unavailable', {
    message: named
      ? `WALQ_REDIS_SERVER names ${named}, which cannot be run`
      : 'there is no redis-server and no valkey-server on the PATH',
    hint: 'Install one (apt-get install redis-server), name one with WALQ_REDIS_SERVER, or set redis.url to a server that runs.',
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
