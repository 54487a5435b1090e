/** Checks whether a private Redis is ready, and ends one that outlived its owner. Uses plain sockets, no client. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core/internal';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { RedisConfig } from '@walq/config';
import { readRecord, isOwnDirectory } from './place.ts';

const ANSWER_MS = 2_000;
const ANSWER_BYTES_MAX = 4096;

/** The answer to one command; undefined without an answer, or where another user could have created the socket. */
export async function askRedis(path: string, command: string): Promise<string | undefined> {
  if (!(await isOwnDirectory(dirname(path)))) return undefined;
  const socket = connect({ path });
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  // An error closes the socket, which leaves the answer incomplete.
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
    if (answer.includes('\r\n') || answer.length > ANSWER_BYTES_MAX) socket.destroy();
  });
  socket.write(`${command}\r\n`);
  if (!socket.closed) await once(socket, 'close').catch(() => undefined);
  const [first, ...rest] = answer.split('\r\n');
  return rest.length === 0 ? undefined : first;
}

/** The private Redis that a `walq up` runs in this directory; undefined if none is running. */
export async function findRunningRedis(directory: string): Promise<RedisConfig | undefined> {
  const record = await readRecord(directory);
  if (record === undefined) return undefined;
  const { socket: path } = record;
  if ((await askRedis(path, 'PING')) !== '+PONG') return undefined;
  return {
    shown: `unix://${path}`,
    servers: { kind: 'socket', path },
    database: 0,
    tls: false,
    certificateAuthority: undefined,
    username: undefined,
    password: undefined,
  };
}

const SHUTDOWN_MS = 10_000;
const POLL_INTERVAL_MS = 50;

/**
 * Ends a server of this directory whose owner was killed.
 *
 * @throws WalqError if the owner is still running
 */
export async function endLeftover(directory: string): Promise<void> {
  const record = await readRecord(directory);
  if (record === undefined) return;
  const { socket } = record;
  if ((await askRedis(socket, 'PING')) === undefined) return;
  if (record.owner !== process.pid && isRunning(record.owner)) throw inUse(directory, record.owner);
  await askRedis(socket, 'SHUTDOWN');
  const deadlineMs = performance.now() + SHUTDOWN_MS;
  while ((await askRedis(socket, 'PING')) !== undefined) {
    if (performance.now() > deadlineMs) throw notEnding(directory, socket);
    await sleep(POLL_INTERVAL_MS);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const inUse = (directory: string, owner: number): WalqError =>
  new WalqError('redis-unavailable', {
    message: `the private Redis in ${directory} belongs to process ${owner}, which is still running`,
    hint: `Stop that walq up first (kill ${owner}), or set redis.url.`,
  });

const notEnding = (directory: string, socket: string): WalqError =>
  new WalqError('redis-unavailable', {
    message: `an earlier private Redis of ${directory} is still running at ${socket} and did not shut down within ${SHUTDOWN_MS / 1_000} s`,
    hint: `Stop it (redis-cli -s ${socket} shutdown), then try again.`,
  });
