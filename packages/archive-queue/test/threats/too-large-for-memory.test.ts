/** Data in Redis that is larger than anything walq writes is never loaded into memory. */
import { eventually, startRedis } from '@walq/test-support';
import { createObserver, createOperator, jobIdOf } from '@walq/archive-queue';
import { nodeDisk, readIdentity } from '@walq/wal-core/internal';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alone, consume, produceUpTo } from '../consume/consuming.ts';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { openClient, probeQueue } from '../support/queue-probe.ts';
import { TestArchiver } from '../support/test-archiver.ts';

const MEBIBYTE = 1 << 20;
const HUGE = 'x'.repeat(50 * MEBIBYTE);

/** By how much this process's memory grew at its sampled peak, in MiB. */
async function growthMiB(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return (Math.max(peak, process.memoryUsage().rss) - before) / MEBIBYTE;
}

function observe(url: string) {
  const { logger } = logLines();
  const observer = createObserver({ redis: url, logger, sources: ['orders'] });
  onTestFinished(() => observer.close());
  return observer;
}

const result = { outcomes: { archived: 2, dropped: 1 }, bytesIn: 1, bytesOut: 1, waitMs: 1 };

describe('data that is too large', () => {
  it('in a record, a finished job or a pause is left out, and the rest is shown', async () => {
    const redis = await startRedis();
    const client = openClient(redis.url);
    const worker = { id: 'w', host: 'h', concurrency: 1, active: 0, sources: ['orders'] };
    await client.sadd('walq:{wal-archive}:workers', 'w', 'huge', HUGE);
    await client.set('walq:{wal-archive}:worker:w', JSON.stringify(worker));
    await client.set('walq:{wal-archive}:worker:huge', HUGE);
    await client.set('walq:{wal-archive-orders}:pause', HUGE);
    const queue = probeQueue(redis.url);
    await queue.pause();
    for (const [id, outcome] of [
      ['s-huge', HUGE],
      ['s-small', JSON.stringify(result)],
    ] as const) {
      const fields = { name: 'archive', data: HUGE, opts: '{}', timestamp: 1, finishedOn: 3 };
      await client.hset(queue.toKey(id), { ...fields, processedOn: 2, returnvalue: outcome });
      await client.zadd(queue.toKey('completed'), 3, id);
    }
    const observer = observe(redis.url);
    const growth = await growthMiB(async () => {
      expect((await observer.workers()).map(({ id }) => id)).toEqual(['w']);
      expect((await observer.queueCounts())['orders']?.pause).toEqual({ by: null, at: null });
      const batches = await observer.recentBatches('orders', 200);
      const [bytesIn, bytesOut, waitMs] = [1, 1, 1];
      expect(batches).toEqual([{ segments: 2, bytesIn, bytesOut, waitMs, finishedAt: 3 }]);
      const [board] = await observer.openQueues();
      expect(await board?.getJobs(['completed'], 0, 9)).toEqual([]);
      expect(await board?.getJob('s-huge')).toBeUndefined();
    });
    expect(growth).toBeLessThan(30);
  });

  it('does not reach the board: it gets one page of twenty thousand jobs', async () => {
    const redis = await startRedis();
    const client = openClient(redis.url);
    const queue = probeQueue(redis.url);
    const filling = client.pipeline();
    for (let n = 0; n < 20_000; n += 1) {
      filling.hset(queue.toKey(`s-${n}`), {
        name: 'archive',
        data: '{}',
        opts: '{}',
        timestamp: 1,
      });
      filling.zadd(queue.toKey('failed'), n, `s-${n}`);
    }
    await filling.exec();
    const [board] = await observe(redis.url).openQueues();
    expect(await board?.getJobs(['failed'], 0, 19_999)).toHaveLength(50);
    expect((await board?.getJobs(['failed'], 50, 59))?.map(({ id }) => id)).toContain('s-19949');
  });

  it('in a delayed job does not keep the producer or an operator from the others', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const client = openClient(redis.url);
    const queue = probeQueue(redis.url);
    // Due for long: a producer has it tried.
    await queue.add('archive', {}, { jobId: 's-huge', delay: 3_600_000 });
    await client.hset(queue.toKey('s-huge'), 'data', HUGE);
    await client.zadd(queue.toKey('delayed'), 1, 's-huge');
    const growth = await growthMiB(async () => {
      await produceUpTo(place, redis.url, 3, alone);
      await eventually(async () => {
        expect(await queue.getJobState(jobIdOf(segmentName(3)))).toBe('waiting');
        expect(await queue.getJobState('s-huge')).toBe('waiting');
      });
      const operator = createOperator({
        redis: redis.url,
        logger: logLines().logger,
        sources: ['orders'],
      });
      onTestFinished(() => operator.close());
      expect(await operator.retry('orders', 'huge')).toBe(false);
      expect(await operator.retryAll('orders')).toBe(0);
    });
    expect(growth).toBeLessThan(30);
  });

  it('in a job closes the connection and is logged, and the other segments are archived', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const client = openClient(redis.url);
    const queue = probeQueue(redis.url);
    for (const n of [1, 2, 3]) {
      await queue.add('archive', {}, { jobId: `s-huge${n}` });
      await client.hset(queue.toKey(`s-huge${n}`), 'data', JSON.stringify(HUGE));
    }
    const archiver = new TestArchiver();
    let logged = '';
    const growth = await growthMiB(async () => {
      await produceUpTo(place, redis.url, 3, alone);
      await eventually(async () => {
        expect(await readIdentity(nodeDisk, place.source)).toBeDefined();
        expect(await queue.getJobState(jobIdOf(segmentName(3)))).toBe('waiting');
      });
      const { log } = await consume(place, redis.url, archiver);
      await eventually(() => expect(archiver.archived).toHaveLength(3));
      logged = JSON.stringify(log.lines);
    });
    expect(logged).toContain('a reply from Redis is larger than 4 MiB');
    expect(growth).toBeLessThan(60);
  });
});
