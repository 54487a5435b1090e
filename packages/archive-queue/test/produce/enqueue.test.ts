import { Worker } from 'bullmq';
import { advanceWatermark, nodeDisk, openSource } from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { eventually, startRedis } from '@walq/test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProducer, jobIdOf, type Producer, type ProducerOptions } from '@walq/archive-queue';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import {
  connectionTo,
  openClient,
  probeQueue,
  QUEUE,
  waitingNames,
} from '../support/queue-probe.ts';

function produce(
  place: TestSource,
  redis: string,
  options: Partial<ProducerOptions> = {},
): Producer {
  const { source, store } = place;
  const producer = createProducer({ source, store, redis, logger: logLines().logger, ...options });
  onTestFinished(() => producer.close());
  return producer;
}

class Gate {
  open: () => void = () => undefined;
  readonly passed = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

describe('flushed()', () => {
  it('enqueues each segment up to the watermark once, and none above it', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 10);
    const producer = produce(place, redis.url);

    producer.flushed(segmentName(7));
    producer.flushed(segmentName(3));
    producer.flushed(7n);

    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 7)));
    const jobs = await queue.getJobs(['waiting']);
    const last = jobs.flatMap(({ data }) => data.segments).at(-1);
    expect(last).toMatchObject({ segment: segmentName(7), bytes: 28 });
    const sealedAt = jobs.map(({ data }) =>
      Math.min(...data.segments.map((one: { sealedAt: number }) => one.sealedAt)),
    );
    expect(jobs.map(({ timestamp }) => timestamp)).toEqual(sealedAt);
  });

  it('scans for what is due while the watermark is written, and adds it when that is durable', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 4);
    const synced = new Gate();
    const found = new Gate();
    let isHeld = false;
    const disk = faultyDisk(nodeDisk, {
      onCall: async ({ operation, path }) => {
        if (isHeld && operation === 'lstat' && path.endsWith(segmentName(2))) found.open();
        if (isHeld && operation === 'syncDirectory') await synced.passed;
      },
    });
    const producer = produce(place, redis.url, { disk });
    const queue = probeQueue(redis.url);
    producer.flushed(segmentName(1));
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 1)));

    isHeld = true;
    producer.flushed(segmentName(3));
    await found.passed;
    expect(producer.state().watermark).toBe(segmentName(1));
    expect(await waitingNames(queue)).toEqual(names.slice(0, 1));
    synced.open();

    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 3)));
  });

  it('enqueues up to a higher watermark that another process wrote', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 10);
    const producer = produce(place, redis.url);
    const queue = probeQueue(redis.url);
    producer.flushed(segmentName(1));
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 1)));

    const { source, store } = place;
    const { sourceId } = await openSource({ disk: nodeDisk, source, store, registerIfNew: false });
    await advanceWatermark(nodeDisk, source, sourceId, { name: segmentName(9), number: 9n });
    // So that the watermark is known before the queue: the scan for 5 must not be taken for that of 9.
    await openClient(redis.url).client('PAUSE', 300, 'ALL');
    producer.flushed(segmentName(5));
    const soon = { timeoutMs: 10_000 };
    await eventually(
      async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 9)),
      soon,
    );
  });

  it('finds the name for a number on the disk', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 4);
    produce(place, redis.url).flushed(3n);
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 3)));
  });

  it('throws at once for a name that no segment can have', async () => {
    const redis = await startRedis();
    const producer = produce(await openTestSource(), redis.url);
    expect(() => producer.flushed('passwd')).toThrow(/not the name of a segment/);
  });

  it('keeps no more than the window in Redis, and adds more as it drains', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 5_000);
    const windowMax = 64;
    const producer = produce(place, redis.url, { windowMax });
    producer.flushed(segmentName(5_000));
    const queue = probeQueue(redis.url);

    await eventually(async () => expect(await waitingNames(queue)).toHaveLength(windowMax));

    const taken: string[] = [];
    while (taken.length < 1_000) {
      const some = await eventually(async () => {
        const waiting = await waitingNames(queue);
        expect(waiting.length).toBeGreaterThan(0);
        return waiting;
      });
      expect(some.length).toBeLessThanOrEqual(windowMax);
      for (const name of some) await place.take(name);
      for (const job of await queue.getJobs(['waiting'])) await job.remove();
      taken.push(...some);
    }
    expect(taken).toEqual(names.slice(0, taken.length));
  });
});

describe('a full window', () => {
  it('is read once at most, however often a scan is requested', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 20);
    const options = { windowMax: 4, reconcileIntervalMs: 600_000 };
    const producer = produce(place, redis.url, options);
    producer.flushed(segmentName(20));
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toHaveLength(4));
    const client = openClient(redis.url);
    await client.config('RESETSTAT');

    producer.reconcile();

    await eventually(async () => {
      const counts = Number(
        /cmdstat_llen:calls=(\d+)/.exec(await client.info('commandstats'))?.[1],
      );
      expect(counts).toBeGreaterThan(20);
    });
    // The length of the payload of the only job, which is asked for before it is read.
    const stats = await client.info('commandstats');
    expect(Number(/cmdstat_hstrlen:calls=(\d+)/.exec(stats)?.[1] ?? 0)).toBeLessThanOrEqual(1);
  });
});

describe('createProducer()', () => {
  it.each([
    { segmentsMax: 513, bytesMax: 1 },
    { segmentsMax: 0, bytesMax: 1 },
    { segmentsMax: 1.5, bytesMax: 1 },
    { segmentsMax: 1, bytesMax: 0 },
  ])('refuses %j, because workers would drop its jobs', async (batch) => {
    const place = await openTestSource();
    expect(() => produce(place, 'redis://127.0.0.1:1', { batch })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});

describe('what Redis keeps or loses', () => {
  it.each(['completed', 'failed'] as const)('adds a segment again whose job is %s', async (end) => {
    const redis = await startRedis();
    const place = await openTestSource();
    const [first = ''] = await place.write(1, 2);
    const queue = probeQueue(redis.url);
    await queue.add('archive', { stale: true }, { jobId: jobIdOf(first) });
    await endJob(redis.url, end);
    expect(await queue.getJobState(jobIdOf(first))).toBe(end);

    produce(place, redis.url).flushed(first);

    await eventually(async () => expect(await waitingNames(queue)).toEqual([first]));
  });

  it('fills the queue again after FLUSHALL', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 20);
    produce(place, redis.url, { reconcileIntervalMs: 200 }).flushed(segmentName(20));
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));

    await openClient(redis.url).flushall();

    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));
  });

  it('fills the queue again, without waiting for the interval, when Redis comes back empty', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 20);
    produce(place, redis.url, { reconcileIntervalMs: 600_000 }).flushed(segmentName(20));
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));

    await redis.restartEmpty();

    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));
  });

  it('promotes jobs that are delayed by a clock that was set back by an hour, and no others', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const [far = '', due = '', backingOff = ''] = await place.write(1, 4);
    const queue = probeQueue(redis.url);
    await queue.add('archive', {}, { jobId: jobIdOf(far), delay: 3_600_000 });
    await queue.add('archive', {}, { jobId: jobIdOf(due), delay: 1 });
    await queue.add('archive', {}, { jobId: jobIdOf(backingOff), delay: 300_000 });

    produce(place, redis.url, { reconcileIntervalMs: 200 }).flushed(backingOff);

    const stateOf = (name: string) => queue.getJobState(jobIdOf(name));
    await eventually(async () => {
      expect([await stateOf(far), await stateOf(due)]).toEqual(['waiting', 'waiting']);
    });
    expect(await stateOf(backingOff)).toBe('delayed');
  });

  it('enqueues the rest after Redis, its memory full, accepted only a part', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 300);
    const queue = probeQueue(redis.url);
    const client = openClient(redis.url);
    const used = Number(/used_memory:(\d+)/.exec(await client.info())?.[1]);
    await client.config('SET', 'maxmemory', String(used + 150_000));
    const log = logLines();
    const producer = produce(place, redis.url, { logger: log.logger });
    producer.flushed(segmentName(300));
    await eventually(() => expect(log.warnings().join()).toMatch(/OOM/));
    const some = (await waitingNames(queue)).length;
    expect(some).toBeLessThan(300);

    await client.config('SET', 'maxmemory', '0');

    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));
    expect(log.warnings()).toHaveLength(1);
  });
});

async function endJob(url: string, end: 'completed' | 'failed'): Promise<void> {
  const worker = new Worker(
    `${QUEUE}-orders`,
    async () => {
      if (end === 'failed') throw new Error('as the test wants');
    },
    { connection: connectionTo(url) },
  );
  await new Promise<void>((resolve) => {
    worker.on('completed', () => resolve());
    worker.on('failed', () => resolve());
  });
  await worker.close();
}
