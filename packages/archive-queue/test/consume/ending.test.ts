import { eventually, freePort, startRedis } from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import { jobIdOf } from '@walq/archive-queue';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { probeQueue } from '../support/queue-probe.ts';
import { TestArchiver, untilCancelled } from '../support/test-archiver.ts';
import { alone, consume, produceUpTo } from './consuming.ts';

const endless = () =>
  new TestArchiver({ parallelism: 1, work: (_, signal) => untilCancelled(signal) });

describe('ending a consumer', () => {
  it('returns unfinished jobs to the head of the queue at once, without counting an attempt', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = endless();
    const { consumer, segmentsOf } = await consume(place, redis.url, archiver);
    const names = await produceUpTo(place, redis.url, 20, alone);
    await eventually(() => expect(archiver.began.toSorted()).toEqual(names.slice(0, 2)));

    await consumer.close({ graceMs: 200 });

    expect(segmentsOf('released').toSorted()).toEqual(names.slice(0, 2));
    const queue = probeQueue(redis.url);
    expect(await queue.getJobCounts('active', 'waiting')).toEqual({ active: 0, waiting: 20 });
    const job = await queue.getJob(jobIdOf(segmentName(1)));
    expect(job?.attemptsMade).toBe(0);
  });

  it.each([
    ['before', ['ledger', 'orders']],
    ['after', ['orders', 'ledger']],
  ])(
    'waits for a busy source listed %s an idle one, in the grace and after it',
    async (_when, names) => {
      const redis = await startRedis();
      const places = await Promise.all(names.map((source) => openTestSource(source)));
      const busy = places[names.indexOf('orders')];
      if (busy === undefined) throw new Error('no source is busy');
      const ends = new Map<string, () => void>();
      const work = async (segment: string, signal: AbortSignal) => {
        const ended = new Promise<void>((resolve) => ends.set(segment, resolve));
        await Promise.race([ended, untilCancelled(signal)]);
      };
      const archiver = new TestArchiver({ parallelism: 1, work });
      const { consumer, segmentsOf } = await consume(places, redis.url, archiver);
      const [first = '', second] = await produceUpTo(busy, redis.url, 4, alone);
      await eventually(() => {
        expect(archiver.began).toHaveLength(2);
        expect(consumer.state().sources['ledger']?.isTaking).toBe(true);
      });

      setTimeout(() => ends.get(first)?.(), 100);
      await consumer.close({ graceMs: 500 });

      expect(segmentsOf('archived')).toEqual([first]);
      expect(segmentsOf('released')).toEqual([second]);
      const queue = probeQueue(redis.url);
      expect(await queue.getJobCounts('active', 'waiting')).toEqual({ active: 0, waiting: 3 });
    },
  );

  it('lets a job finish within the grace', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = () => new Promise<void>((resolve) => setTimeout(resolve, 300));
    const archiver = new TestArchiver({ work, parallelism: 1 });
    const { consumer } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 20, alone);
    await eventually(() => expect(archiver.began).toHaveLength(2));

    await consumer.close({ graceMs: 3_000 });

    expect(archiver.archived.toSorted()).toEqual(archiver.began.toSorted());
    const queue = probeQueue(redis.url);
    const { active = 0, completed = 0 } = await queue.getJobCounts('active', 'completed');
    expect({ active, completed }).toEqual({ active: 0, completed: archiver.archived.length });
  });

  it.each(['stopped', 'frozen'] as const)('ends in time while Redis is %s', async (how) => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = endless();
    const { consumer } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 5);
    await eventually(() => expect(archiver.began.length).toBeGreaterThan(0));
    if (how === 'stopped') await redis.kill();
    else redis.freeze();

    await consumer.close({ graceMs: 500 });
    redis.resume();
  });

  it('ends in time when Redis was never there', async () => {
    const place = await openTestSource();
    const redis = `redis://127.0.0.1:${await freePort()}`;
    const { consumer, log } = await consume(place, redis, new TestArchiver());
    await eventually(() => expect(log.warnings()).toHaveLength(1));
    await consumer.close();
  });
});

describe('starting a consumer', () => {
  it('rejects a Redis that evicts keys', async () => {
    const redis = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const place = await openTestSource();
    await expect(consume(place, redis.url, new TestArchiver())).rejects.toMatchObject({
      code: 'redis-evicts',
    });
  });
});
