/**
 * A Redis of walq's own, for `walq up` and `walq demo`: at a socket in a directory of this user, where no
 * other user reaches it or can take its place, with its files in one directory, and gone with its owner.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core/internal';
import type { ChildSpec } from '../supervise/index.ts';
import { askRedis } from './ask.ts';
import { dyingWithOwner } from './dying-with-owner.ts';
import { endLeftover } from './end-leftover.ts';
import { isOwnDirectory } from './own-directory.ts';
import { writeRecord } from './record.ts';
import { redisBinary } from './redis-binary.ts';
import { newSocketPath, removeSocket } from './socket-path.ts';

export interface PrivateRedis {
  /** To be supervised; end it after those who use it. */
  readonly child: ChildSpec;
  /** Without the password. */
  readonly url: string;
  /** Tells roles of walq where it is and how to get in. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves once it answers, its files read; rejects after `READY_MS`, or when the signal aborts. */
  untilReady(signal: AbortSignal): Promise<void>;
  /** Once it has ended. */
  removeSocket(): Promise<void>;
}

const READY_MS = 60_000;
const LOOK_EVERY_MS = 20;

/** Prepares the directory, which is made when it is not there; nothing runs yet but what was left over. */
export async function preparePrivateRedis(directory: string): Promise<PrivateRedis> {
  const binary = await redisBinary();
  await makeOwn(directory);
  await endLeftover(directory);
  const socket = await newSocketPath(directory);
  await writeFile(join(directory, 'redis.conf'), configOf(socket), { mode: 0o600 });
  await writeRecord(directory, { socket, owner: process.pid });
  const url = pathToFileURL(socket).href.replace(/^file:/, 'unix:');
  return {
    url,
    child: { name: 'redis', cwd: directory, ...(await dyingWithOwner(binary, ['redis.conf'])) },
    env: { WALQ_REDIS__URL: url },
    untilReady: (signal) => untilReady(socket, directory, signal),
    removeSocket: () => removeSocket(socket, directory),
  };
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
