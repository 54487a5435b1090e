import { eventually, startRedis } from '@walq/test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createObserver } from '@walq/archive-queue';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { openClient } from '../support/queue-probe.ts';
import { TestArchiver } from '../support/test-archiver.ts';
import { consume, produceUpTo } from './consuming.ts';

const EVICTING = ['--maxmemory-policy', 'allkeys-lru'];

function consoleLines(): unknown[][] {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  return warn.mock.calls;
}

describe('a Redis that evicts keys', () => {
  it('pauses the consumer, which resumes once the policy is fixed without a reconnect', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { consumer } = await consume(place, redis.url, new TestArchiver());
    const pauseReasons = () => consumer.state().sources['orders']?.pauseReasons;
    await eventually(() => expect(consumer.state().sources['orders']?.isTaking).toBe(true));
    const client = openClient(redis.url);
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(() => expect(pauseReasons()).toContain('redis-unsuitable'));

    await client.config('SET', 'maxmemory-policy', 'noeviction');

    await eventually(() => expect(pauseReasons()).toEqual([]));
    await produceUpTo(place, redis.url, 3);
    await eventually(async () => expect(await place.segments()).toEqual([segmentName(4)]));
  });

  it('is logged by walq and not by BullMQ on the console', async () => {
    const printed = consoleLines();
    const redis = await startRedis({ args: EVICTING });
    await redis.kill();
    const place = await openTestSource();
    const { consumer, log } = await consume(place, redis.url, new TestArchiver());
    await redis.start();
    await eventually(() => expect(log.warnings().join()).toContain('needs noeviction'));
    expect(consumer.state().sources['orders']?.isTaking).toBe(false);
    const { logger } = logLines();
    const observer = createObserver({ redis: redis.url, logger, sources: ['orders'] });
    onTestFinished(() => observer.close());
    await expect(observer.checkRedis()).rejects.toMatchObject({ code: 'redis-evicts' });
    expect(await observer.queueCounts()).toMatchObject({ orders: { waiting: 0 } });
    await Promise.all((await observer.openQueues()).map((queue) => queue.getWaitingCount()));
    expect(printed).toEqual([]);
  });
});
