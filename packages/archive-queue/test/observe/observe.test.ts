import { eventually, freePort, startRedis } from '@walq/test-support';
import { createObserver, type Observer } from '@walq/archive-queue';
import { describe, expect, it, onTestFinished } from 'vitest';
import { consume, produceUpTo } from '../consume/consuming.ts';
import { logLines } from '../support/log-lines.ts';
import { openClient } from '../support/queue-probe.ts';
import { openTestSource } from '../support/test-source.ts';
import { TestArchiver, untilCancelled } from '../support/test-archiver.ts';

function observe(redis: string): Observer {
  const { logger } = logLines();
  const observer = createObserver({ redis, logger, sources: ['orders'], deadlineMs: 1_000 });
  onTestFinished(() => observer.close());
  return observer;
}

describe('an observer', () => {
  it('counts segments by state, and lists running workers with their work', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = (_: string, signal: AbortSignal) => untilCancelled(signal);
    const archiver = new TestArchiver({ work, parallelism: 1 });
    const { consumer } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 10, { batch: { segmentsMax: 4, bytesMax: 1e6 } });
    const observer = observe(redis.url);
    expect(await observer.redisState()).toEqual({ state: 'ok', failure: null });
    await eventually(async () => {
      const counts = await observer.queueCounts();
      expect(counts).toEqual({
        orders: { waiting: 2, active: 8, delayed: 0, failed: 0, pause: null },
      });
    });
    const listed = await observer.workers();
    expect(listed).toMatchObject([{ id: consumer.id, concurrency: 1, sources: ['orders'] }]);
    await eventually(async () => {
      expect(await observer.workers()).toMatchObject([
        {
          active: 8,
          threads: 1,
          inWork: [{ source: 'orders', bytes: 8, doneBytes: 4 }, { source: 'orders' }],
          states: { orders: { isTaking: true, holds: [], stopped: null, isStoreAvailable: true } },
          isStuck: false,
        },
      ]);
    });

    await consumer.close();
    expect(await observer.workers()).toEqual([]);
  });

  it('limits the number and the length of the role records that it reads', async () => {
    const redis = await startRedis();
    const client = openClient(redis.url);
    const key = 'walq:{wal-archive}:worker';
    const record = { host: 'h', concurrency: 1, active: 0, sources: [] };
    const write = async (id: string, version: string): Promise<void> => {
      await client.sadd(`${key}s`, id);
      await client.set(`${key}:${id}`, JSON.stringify({ ...record, id, version }));
    };
    await write('large', 'x'.repeat(1_000_000));
    const observer = observe(redis.url);
    expect(await observer.workers()).toEqual([]);
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => write(`forged-${n}`, '1')));
    const listed = await observer.workers();
    expect(listed.length).toBeGreaterThan(400);
    expect(listed.length).toBeLessThanOrEqual(500);
  });

  it('reports within its deadline that Redis is down or does not answer', async () => {
    const nobody = observe(`redis://127.0.0.1:${await freePort()}`);
    expect((await nobody.redisState()).state).toBe('unreachable');
    const redis = await startRedis();
    const observer = observe(redis.url);
    await observer.redisState();
    redis.freeze();
    expect((await observer.redisState()).state).toBe('unreachable');
    await expect(observer.queueCounts()).rejects.toMatchObject({ code: 'redis-unavailable' });
    redis.resume();
  });

  it('warns about a Redis without persistence, and rejects one that evicts keys', async () => {
    const kept = await startRedis({ args: ['--appendonly', 'yes'] });
    const lost = await startRedis();
    const evicting = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    expect((await observe(kept.url).checkRedis()).warnings).toEqual([]);
    expect((await observe(lost.url).checkRedis()).warnings).toEqual([
      expect.stringContaining('does not persist its data'),
    ]);
    await expect(observe(evicting.url).checkRedis()).rejects.toMatchObject({
      code: 'redis-evicts',
    });
  });

  it('opens BullMQ queues for a board', async () => {
    const redis = await startRedis();
    await produceUpTo(await openTestSource(), redis.url, 3);
    const [queue] = await observe(redis.url).openQueues();
    expect(queue?.name).toBe('wal-archive-orders');
    await eventually(async () => {
      const [job] = (await queue?.getJobs(['waiting'])) ?? [];
      expect(job?.data.segments).toHaveLength(3);
    });
  });
});
