import { eventually, freePort, startRedis } from '@walq/test-support';
import {
  announceProducer,
  createObserver,
  createOperator,
  jobIdOf,
  type Observer,
  type Operator,
} from '@walq/archive-queue';
import { listQuarantine, releaseFromQuarantine } from '@walq/wal-core/internal';
import { describe, expect, it, onTestFinished } from 'vitest';
import { consume, produceUpTo } from '../consume/consuming.ts';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { probeQueue } from '../support/queue-probe.ts';
import { failure, TestArchiver } from '../support/test-archiver.ts';

const sources = ['orders'];

function operate(redis: string): { operator: Operator; observer: Observer } {
  const { logger } = logLines();
  const operator = createOperator({ redis, logger, sources, deadlineMs: 1_000 });
  const observer = createObserver({ redis, logger, sources, deadlineMs: 1_000 });
  onTestFinished(() => {
    operator.close();
    observer.close();
  });
  return { operator, observer };
}

describe('an operator', () => {
  it('pauses a source, also for workers that start later, and resumes it', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { operator, observer } = operate(redis.url);
    await operator.pause('orders', 'ada@db1');
    const archiver = new TestArchiver();
    const log = logLines();
    const { consumer } = await consume(place, redis.url, archiver, {
      sourceCheckIntervalMs: 50,
      logger: log.logger,
    });
    await produceUpTo(place, redis.url, 3);
    await eventually(async () => {
      const { orders } = await observer.queueCounts();
      expect(orders).toMatchObject({ waiting: 3, pause: { by: 'ada@db1' } });
    });
    expect(consumer.state()).toMatchObject({ isStuck: false, lastProgressAt: null });
    expect(archiver.began).toEqual([]);
    await eventually(() => {
      const [paused, ...more] = log.lines.filter(({ msg }) => msg.startsWith('source paused'));
      expect(paused).toMatchObject({ by: 'ada@db1', at: expect.any(String) });
      expect(more).toEqual([]);
    });
    await operator.resume('orders');
    await eventually(() => expect(archiver.archived).toHaveLength(3));
    expect((await observer.queueCounts())['orders']?.pause).toBe(null);
    await eventually(async () => {
      const batches = await observer.recentBatches('orders', 2);
      expect(batches).toMatchObject([{ segments: 3, bytesIn: 24, bytesOut: 12 }]);
      expect(batches[0]?.waitMs).toBeGreaterThan(0);
    });
  });

  it('retries a delayed segment at once', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { operator, observer } = operate(redis.url);
    let isBroken = true;
    const work = async () => {
      if (isBroken) throw failure('source-changed');
    };
    const archiver = new TestArchiver({ work });
    await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 2);
    await eventually(async () => {
      expect((await observer.queueCounts())['orders']?.delayed).toBe(2);
    });
    await eventually(async () => {
      const [worker] = await observer.workers();
      expect(worker?.failures[0]).toMatchObject({ code: 'source-changed', kind: 'retried' });
    });
    isBroken = false;
    await operator.retryAll('orders');
    await eventually(() => expect(archiver.archived).toHaveLength(2));
    expect(await operator.retry('orders', segmentName(1))).toBe(false);
  });

  it('retries a segment once if many request it at the same time', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { operator } = operate(redis.url);
    const queue = probeQueue(redis.url);
    const [name = ''] = await place.write(1, 2);
    await queue.add('archive', {}, { jobId: jobIdOf(name), delay: 300_000 });

    const asked = await Promise.all(
      Array.from({ length: 8 }, () => operator.retry('orders', name)),
    );

    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await queue.getJobState(jobIdOf(name))).toBe('waiting');
  });

  it('need not change the queue for a released segment: it is found due and archived again', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    let isBroken = true;
    const work = async () => {
      if (isBroken) throw failure('duplicate');
    };
    const archiver = new TestArchiver({ work });
    await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 1);
    const records = await eventually(async () => {
      const listed = await listQuarantine(place.store, 'orders');
      expect(listed).toHaveLength(1);
      return listed;
    });
    isBroken = false;
    for (const record of records) await releaseFromQuarantine(place.store, 'orders', record);
    await eventually(() => expect(archiver.archived).toEqual([segmentName(1)]));
  });

  it('reports within its deadline that Redis is down, and rejects an unknown source', async () => {
    const { operator } = operate(`redis://127.0.0.1:${await freePort()}`);
    await expect(operator.pause('orders', 'ada@db1')).rejects.toMatchObject({
      code: 'redis-unavailable',
    });
    await expect(operator.pause('other', 'ada@db1')).rejects.toMatchObject({ code: 'usage' });
  });
});

it('a producer is registered with the figures of its sources, and deregistered when it ends', async () => {
  const redis = await startRedis();
  const { observer } = operate(redis.url);
  const { logger } = logLines();
  const stopped = { code: 'source-reset', message: 'odd', hint: 'compare both' };
  const producer = announceProducer({
    redis: redis.url,
    logger,
    version: '1.2.3',
    describe: () => ({ orders: { stopped, stoppedSince: 1_000, figures: null } }),
  });
  await eventually(async () => {
    expect(await observer.producers()).toMatchObject([
      { id: producer.id, version: '1.2.3', sources: { orders: { stopped, stoppedSince: 1_000 } } },
    ]);
  });
  await producer.close();
  expect(await observer.producers()).toEqual([]);
});
