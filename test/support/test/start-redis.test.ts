import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually, startProcess, startRedis } from '@walq/test-support';
import { ping } from '../src/start-redis.ts';

test('a started Redis answers, and no longer once stopped', async () => {
  const redis = await startRedis();
  await expect(ping(redis.port)).resolves.toBeUndefined();
  expect(existsSync(`/proc/${redis.pid}`)).toBe(true);
  await redis.stop();
  await expect(ping(redis.port)).rejects.toThrow('ECONNREFUSED');
});

test('a frozen Redis keeps its port and answers only when resumed', async () => {
  const redis = await startRedis();
  redis.freeze();
  await expect(ping(redis.port)).rejects.toThrow();
  redis.resume();
  await eventually(() => ping(redis.port));
});

test('a Redis restarted empty has the same port and another process', async () => {
  const redis = await startRedis();
  const { port, pid } = redis;
  await redis.restartEmpty();
  expect(redis.port).toBe(port);
  expect(redis.pid).not.toBe(pid);
  await ping(port);
});

test('a Redis that refuses its arguments says so', async () => {
  await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow(
    'redis-server did not start',
  );
});

test('a process that ends reports how', async () => {
  const child = await startProcess(process.execPath, ['-e', 'process.exit(3)']);
  expect(await child.exit).toEqual({ code: 3, signal: null });
});
