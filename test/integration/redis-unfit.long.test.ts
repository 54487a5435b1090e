import { expect, test } from 'vitest';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf } from '../scene/index.ts';

const evicting = ['--maxmemory-policy', 'allkeys-lru'];

test.each(['worker', 'worker --until-empty'])(
  'walq %s rejects a Redis that evicts keys, with a hint',
  async (role) => {
    const redis = await startRedis({ args: evicting });
    const scene = await newScene({ redisUrl: redis.url });
    const { code, stderr } = await scene.walq(...role.split(' '));
    expect(code).toBe(1);
    expect(stderr).toContain('walq: Redis has maxmemory-policy allkeys-lru; walq needs noeviction');
    expect(stderr).toContain('hint: Set maxmemory-policy noeviction');
    expect(stderr).toContain('code: redis-evicts');
  },
);

test('walq producer enqueues nothing on a Redis that evicts keys, logs it once, and starts once it is fixed', async () => {
  const redis = await startRedis({ args: evicting });
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 2, 1_000);
  await scene.markFlushed(nameOf(1));
  const producer = await scene.start('producer');
  const line = await producer.waitForLine(/redis-evicts/);
  expect(JSON.parse(line)).toMatchObject({
    level: 50,
    code: 'redis-evicts',
    hint: expect.stringContaining('Set maxmemory-policy noeviction') as string,
    msg: 'Redis has maxmemory-policy allkeys-lru; walq needs noeviction',
  });
  // Not `statusOf`, because BullMQ prints a line of its own on stderr.
  const evictingStatus = (await scene.walq('status', '--json')).json();
  expect(evictingStatus).toMatchObject({ queues: { 'wal-archive-orders': { waiting: 0 } } });

  await redis.configure('maxmemory-policy', 'noeviction');
  await eventually(async () =>
    expect((await statusOf(scene)).queues['wal-archive-orders']?.waiting).toBe(1),
  );
  expect(producer.stdout.match(/"level":[456]0/g)).toHaveLength(1);
});

test('walq check reports a Redis that evicts keys', async () => {
  const redis = await startRedis({ args: evicting });
  const scene = await newScene({ redisUrl: redis.url });
  const { code, stdout } = await scene.walq('check');
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILED +redis .*allkeys-lru/);
});

test('roles wait for a Redis that is down, with one log line, and start when it is up', async () => {
  const port = await freePort();
  const scene = await newScene({ redisUrl: `redis://127.0.0.1:${port}` });
  await scene.writeSegments(1, 3, MEBIBYTE);
  await scene.markFlushed(nameOf(2));
  const worker = await scene.start('worker');
  const producer = await scene.start('producer');
  await worker.waitForLine(/Redis redis:.* is not available/);
  await worker.waitForLine(/worker ready/);
  const checked = await scene.walq('check');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toContain(`FAILED   redis redis://127.0.0.1:${port}`);
  expect(checked.stdout).toContain('Check redis.url and that the server runs');

  await startRedis({ port });
  await scene.untilLeft([nameOf(3)]);
  for (const role of [worker, producer]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const loud = role.stdout.split('\n').filter((line) => /"level":[456]0/.test(line));
    expect(loud).toHaveLength(1);
  }
  expect(await scene.faultsAtTheEnd({ left: [nameOf(3)] })).toEqual([]);
});
