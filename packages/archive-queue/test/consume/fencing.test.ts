import { isWalqError, listQuarantine } from '@walq/wal-core/internal';
import { eventually, startRedis } from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import { jobIdOf } from '@walq/archive-queue';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { openClient, probeQueue } from '../support/queue-probe.ts';
import { TestArchiver, untilCancelled } from '../support/test-archiver.ts';
import { alone, consume, produceUpTo } from './consuming.ts';

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('a worker whose locks are not renewed', () => {
  it('cancels its jobs by its own clock while Redis is frozen', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({ work: (_, signal) => untilCancelled(signal) });
    const options = { lockDurationMs: 2_000 };
    const { segmentsOf } = await consume(place, redis.url, archiver, options);
    await produceUpTo(place, redis.url, 1);
    await eventually(() => expect(archiver.began).toEqual([segmentName(1)]));
    redis.freeze();

    await eventually(() => expect(segmentsOf('released')).toEqual([segmentName(1)]));
    redis.resume();
    await eventually(() => expect(archiver.began.length).toBeGreaterThan(1));
  });

  it('deletes nothing, however far a segment has come', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const failures: unknown[] = [];
    const archiver = new TestArchiver({ work: () => pauseFor(1_800) });
    const { archive } = archiver;
    archiver.archive = async (...batch) => {
      const results = await archive(...batch);
      failures.push(...results.map(({ failure }) => failure));
      return results;
    };
    await consume(place, redis.url, archiver, { lockDurationMs: 2_000 });
    await produceUpTo(place, redis.url, 1);
    await eventually(() => expect(archiver.began).toEqual([segmentName(1)]));
    redis.freeze();
    await eventually(() => expect(failures).toHaveLength(1));
    expect(failures.every((error) => isWalqError(error, 'cancelled'))).toBe(true);
    expect(await place.segments()).toContain(segmentName(1));
    redis.resume();
  });

  it('keeps jobs that take much longer than a lock lasts', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({ work: () => pauseFor(4_000) });
    await consume(place, redis.url, archiver, { lockDurationMs: 1_000 });
    await produceUpTo(place, redis.url, 1);
    await eventually(() => expect(archiver.archived).toEqual([segmentName(1)]));
    expect(archiver.began).toEqual([segmentName(1)]);
  });
});

describe('a segment whose workers die', () => {
  it('runs alone after two workers have died, and is cleared if it succeeds', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await produceUpTo(place, redis.url, 20, alone);
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await queue.getWaitingCount()).toBe(20));
    const client = openClient(redis.url);
    await client.hset(queue.toKey(jobIdOf(segmentName(5))), 'stc', '2');
    const running = new Set<string>();
    let withSuspect = 0;
    const work = async (name: string) => {
      running.add(name);
      await pauseFor(20);
      if (running.has(segmentName(5))) withSuspect = Math.max(withSuspect, running.size);
      running.delete(name);
    };
    await consume(place, redis.url, new TestArchiver({ work, parallelism: 4 }));
    await eventually(async () => expect(await place.segments()).toEqual([segmentName(21)]));
    expect(withSuspect).toBe(1);
    expect(await listQuarantine(place.store, 'orders')).toEqual([]);
  });

  it('starts counting again after a worker has survived it', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await produceUpTo(place, redis.url, 1);
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await queue.getWaitingCount()).toBe(1));
    const key = queue.toKey(jobIdOf(segmentName(1)));
    const client = openClient(redis.url);
    await client.hset(key, 'stc', '2');
    let failures = 0;
    const work = async () => {
      failures += 1;
      if (failures > 1) return;
      await client.hset(key, 'stc', '3');
      throw new Error('as the test wants');
    };
    await consume(place, redis.url, new TestArchiver({ work }));
    await eventually(async () => {
      expect(Number(JSON.parse((await client.hget(key, 'data')) ?? '{}').stallsSurvived)).toBe(2);
    });
    await eventually(async () => {
      const records = await listQuarantine(place.store, 'orders');
      expect([records.length, await place.segments()]).toEqual([0, [segmentName(2)]]);
    });
  });
});
