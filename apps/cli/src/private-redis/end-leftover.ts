import { setTimeout as sleep } from 'node:timers/promises';
import { WalqError } from '@walq/wal-core/internal';
import { askRedis } from './ask.ts';
import { readRecord } from './record.ts';

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
