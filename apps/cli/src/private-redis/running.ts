/**
 * A few words with our own Redis: whether it is ready, and to end one that outlived its owner. The
 * queue's connections are archive-queue's; this needs no client.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core/internal';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { RedisConfig } from '@walq/config';
import { readRecord, isOwnDirectory } from './place.ts';

const ANSWER_MS = 2_000;
const ANSWER_BYTES_MAX = 4096;

/** The server's answer to one command; undefined when nobody answers, or where others could have put the socket. */
export async function askRedis(path: string, command: string): Promise<string | undefined> {
  if (!(await isOwnDirectory(dirname(path)))) return undefined;
  const socket = connect({ path });
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  // What went wrong shows in the answer that is missing.
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

/** The private Redis that a `walq up` runs in this directory now; undefined when none does. */
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
const LOOK_EVERY_MS = 50;

/**
 * Ends a server of this directory whose owner was killed. Its socket is where only this user can have put it.
 *
 * @throws WalqError where the owner still runs
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
    await sleep(LOOK_EVERY_MS);
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
    message: `the private Redis in ${directory} belongs to process ${owner}, which still runs`,
    hint: 'End that walq up first, or set redis.url.',
  });

const notEnding = (directory: string, socket: string): WalqError =>
  new WalqError('redis-unavailable', {
    message: `an earlier Redis of ${directory} still runs at ${socket} and does not end`,
    hint: 'End it by hand, then try again.',
  });
