import { eventually, freePort, startRedis } from '@walq/test-support';
import { createProducer } from '@walq/archive-queue';
import { nodeDisk, type Disk } from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logLines, type LogLines } from '../support/log-lines.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { probeQueue, waitingNames } from '../support/queue-probe.ts';

function produce(
  place: TestSource,
  redis: string,
  log: LogLines = logLines(),
  disk: Disk = nodeDisk,
) {
  const { source, store } = place;
  const producer = createProducer({ source, store, redis, logger: log.logger, disk });
  onTestFinished(() => producer.close());
  return producer;
}

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the flush side', () => {
  it.each(['up', 'down'] as const)(
    'does nothing but move a mark in the caller’s thread while Redis is %s',
    async (state) => {
      const redis = await startRedis();
      const place = await openTestSource();
      await place.write(1, 100);
      let diskCalls = 0;
      const disk = faultyDisk(nodeDisk, {
        onCall: () => {
          diskCalls += 1;
        },
      });
      const producer = produce(place, redis.url, logLines(), disk);
      if (state === 'down') await redis.kill();
      const [heldBefore, callsBefore] = [process.memoryUsage().heapUsed, diskCalls];

      for (let call = 0; call < 100_000; call += 1) producer.flushed(segmentName(1 + (call % 99)));

      expect(diskCalls).toBe(callsBefore);
      expect(process.memoryUsage().heapUsed - heldBefore).toBeLessThan(50e6);
      await eventually(() => expect(producer.state().watermark).toBe(segmentName(99)));
    },
  );

  it('is not blocked by a Redis that accepts connections and never answers', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 50);
    const producer = produce(place, redis.url);
    await eventually(() => expect(producer.state().redis).toBe('ok'));
    redis.freeze();
    producer.flushed(segmentName(50));
    await eventually(() => expect(producer.state().watermark).toBe(segmentName(50)));
    redis.resume();
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));
  });
});

describe('an outage', () => {
  it('is logged in two lines, and ends with everything enqueued although Redis comes back empty', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 200);
    const log = logLines();
    const producer = produce(place, redis.url, log);
    await eventually(() => expect(producer.state().redis).toBe('ok'));
    await redis.kill();
    for (let number = 1; number <= 200; number += 1) producer.flushed(segmentName(number));
    await eventually(() => expect(producer.state().watermark).toBe(segmentName(200)));
    await pauseFor(1_500);

    await redis.restartEmpty();

    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names));
    const logged = log.lines.filter(({ msg }) => msg.includes('Redis'));
    expect(logged.map(({ msg }) => msg)).toEqual([
      expect.stringContaining('is not available'),
      expect.stringContaining('is available again'),
    ]);
    expect(logged[1]?.['suppressedErrors']).toBeGreaterThan(1);
  });

  it('does not keep a producer from closing with its watermark written', async () => {
    const place = await openTestSource();
    await place.write(1, 10);
    const producer = produce(place, `redis://127.0.0.1:${await freePort()}`);
    producer.flushed(segmentName(9));
    await producer.close();
    expect(producer.state().watermark).toBe(segmentName(9));
  });
});

describe('a source that is stopped', () => {
  it('enqueues nothing, logs it once, and continues when it is fixed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const log = logLines();
    const producer = produce(place, redis.url, log);
    producer.flushed(segmentName(7));
    await eventually(() => expect(producer.state().stopped?.code).toBe('segment-unknown'));
    await pauseFor(1_500);
    expect(log.warnings()).toHaveLength(1);
    expect(await waitingNames(probeQueue(redis.url))).toEqual([]);

    const names = await place.write(4, 7);
    producer.reconcile();

    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toHaveLength(3 + names.length));
    expect(producer.state().stopped).toBeUndefined();
  });

  it('is not waited for', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    await expect(producer.flushedAndArchived(segmentName(9))).rejects.toMatchObject({
      code: 'segment-unknown',
    });
  });
});
