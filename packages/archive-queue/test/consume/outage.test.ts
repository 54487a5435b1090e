import { eventually, startRedis } from '@walq/test-support';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { openClient, probeQueue, waitingNames } from '../support/queue-probe.ts';
import { TestArchiver } from '../support/test-archiver.ts';
import { alone, consume, produceUpTo } from './consuming.ts';

const untilAborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('a consumer without Redis', () => {
  it('logs one line, and continues when Redis comes back empty', async () => {
    const redis = await startRedis();
    const places = [await openTestSource('orders'), await openTestSource('ledger')] as const;
    const { consumer, log } = await consume(places, redis.url, new TestArchiver());
    await produceUpTo(places[0], redis.url, 5);
    await eventually(async () => expect(await places[0].segments()).toEqual([segmentName(6)]));

    await redis.kill();
    await eventually(() => expect(consumer.state().redis).toBe('unreachable'));
    await pauseFor(2_000);
    await redis.restartEmpty();
    await produceUpTo(places[1], redis.url, 5);

    await eventually(async () => expect(await places[1].segments()).toEqual([segmentName(6)]));
    await eventually(() => {
      expect(log.lines.filter(({ msg }) => msg.includes('available again'))).toHaveLength(1);
    });
    expect(log.warnings()).toHaveLength(1);
  });

  it('logs no failure for a job whose end was lost with the data of Redis', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const finishing = new AbortController();
    const work = (): Promise<void> => untilAborted(finishing.signal);
    const archiver = new TestArchiver({ work });
    const { consumer, log, segmentsOf } = await consume(place, redis.url, archiver);
    const [first] = await produceUpTo(place, redis.url, 1);
    await eventually(() => expect(archiver.began).toEqual([first]));

    redis.freeze();
    finishing.abort();
    await eventually(() => expect(segmentsOf('archived')).toEqual([first]));
    await pauseFor(200);
    await redis.restartEmpty();

    await eventually(() => {
      expect(log.lines.filter(({ msg }) => msg.includes('available again'))).toHaveLength(1);
    });
    await eventually(() => expect(consumer.state().redis).toBe('ok'));
    await pauseFor(1_000);
    expect(log.warnings()).toEqual([expect.stringContaining('is not available')]);
  });

  it('starts, and takes jobs once Redis is available', async () => {
    const redis = await startRedis();
    await redis.kill();
    const place = await openTestSource();
    const { consumer } = await consume(place, redis.url, new TestArchiver());
    expect(consumer.state().redis).toBe('unreachable');
    await redis.start();
    await produceUpTo(place, redis.url, 5);
    await eventually(async () => expect(await place.segments()).toEqual([segmentName(6)]));
  });
});

describe('a Redis that is full', () => {
  it('is not called in a tight loop, and is used again when it has memory', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const released = new AbortController();
    const work = (): Promise<void> => untilAborted(released.signal);
    const { consumer, log } = await consume(place, redis.url, new TestArchiver({ work }));
    await produceUpTo(place, redis.url, 20, alone);
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await queue.getActiveCount()).toBeGreaterThan(0));
    const client = openClient(redis.url);
    await client.config('SET', 'maxmemory', '1');
    released.abort();
    await eventually(() => {
      expect(consumer.state().sources['orders']?.pauseReasons).toEqual(['redis-errors']);
    });
    await pauseFor(2_000);
    const refusals = /errorstat_OOM:count=(\d+)/.exec(await client.info('errorstats'))?.[1];
    expect(Number(refusals)).toBeLessThan(10);
    expect(log.warnings().length).toBeLessThan(4);

    await client.config('SET', 'maxmemory', '0');

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(21)]));
  });

  it('is waited for by a worker that starts, which logs the reason', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await produceUpTo(place, redis.url, 5);
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));
    const client = openClient(redis.url);
    await client.config('SET', 'maxmemory', '1');
    const { consumer, log } = await consume(place, redis.url, new TestArchiver());
    await eventually(() => expect(consumer.state().redis).toBe('refusing'));
    expect(consumer.state().redisProblem).toContain('OOM');
    await eventually(() => expect(log.warnings().join()).toContain('OOM'));

    await client.config('SET', 'maxmemory', '0');

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(6)]));
    expect(consumer.state().redis).toBe('ok');
  });
});
