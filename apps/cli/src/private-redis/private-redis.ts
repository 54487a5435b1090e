/**
 * A Redis of walq's own, for `walq up` and `walq demo`: on the loopback, behind a password, with its
 * files in one directory, and gone with its owner.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core';
import type { ChildSpec } from '../supervise/index.ts';
import { askRedis } from './ask.ts';
import { dyingWithOwner } from './dying-with-owner.ts';
import { endLeftover } from './end-leftover.ts';
import { passwordOf, passwordPath, writeRecord } from './record.ts';
import { redisBinary } from './redis-binary.ts';

export interface PrivateRedis {
  /** To be supervised; end it after those who use it. */
  readonly child: ChildSpec;
  /** Without the password. */
  readonly url: string;
  /** Tells roles of walq where it is and how to get in. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves once it answers, its files read; rejects after `READY_MS`, or when the signal aborts. */
  untilReady(signal: AbortSignal): Promise<void>;
}

const READY_MS = 60_000;
const LOOK_EVERY_MS = 20;

/** Prepares the directory, which is made when it is not there; nothing runs yet but what was left over. */
export async function preparePrivateRedis(directory: string): Promise<PrivateRedis> {
  const binary = await redisBinary();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const password = await passwordOf(directory);
  await endLeftover(directory, password);
  const port = await freePort();
  await writeFile(join(directory, 'redis.conf'), configOf(port, password), { mode: 0o600 });
  await writeRecord(directory, { port, owner: process.pid });
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    child: { name: 'redis', cwd: directory, ...(await dyingWithOwner(binary, ['redis.conf'])) },
    env: { WALQ_REDIS__URL: url, WALQ_REDIS__PASSWORD_FILE: passwordPath(directory) },
    untilReady: (signal) => untilReady({ port, password }, directory, signal),
  };
}

/** Relative to the directory, which is the server's own; jobs survive its restart, and are never evicted. */
const configOf = (port: number, password: string): string =>
  [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'daemonize no',
    'dir ./',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'loglevel warning',
    '',
  ].join('\n');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('a listening server has a port');
}

async function untilReady(
  door: { port: number; password: string },
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + READY_MS;
  while ((await askRedis(door, 'PING')) !== '+PONG') {
    if (performance.now() > deadlineMs) throw notReady(directory);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

const notReady = (directory: string): WalqError =>
  new WalqError('redis-unavailable', {
    message: `the private Redis in ${directory} did not answer within ${READY_MS / 1000} s`,
    hint: 'Its own lines stand above; or set redis.url to a server that runs.',
  });
