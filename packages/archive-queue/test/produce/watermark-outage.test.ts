import { createProducer, type ProducerOptions } from '@walq/archive-queue';
import { nodeDisk, type Disk } from '@walq/wal-core/internal';
import { faultyDisk, failOperation, systemError } from '@walq/conformance';
import { eventually, startRedis } from '@walq/test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { openClient, probeQueue, waitingNames } from '../support/queue-probe.ts';

function produce(
  place: TestSource,
  redis: string,
  disk: Disk,
  options: Partial<ProducerOptions> = {},
) {
  const { source, store } = place;
  const logger = logLines().logger;
  const producer = createProducer({ source, store, redis, logger, disk, ...options });
  onTestFinished(() => producer.close());
  return producer;
}

/** A disk that has no room under `.walq` while `full`. */
function fillable(): { disk: Disk; state: { full: boolean } } {
  const state = { full: false };
  const disk = faultyDisk(nodeDisk, {
    onCall: (call) => {
      if (state.full && call.operation === 'openNew') throw systemError('ENOSPC', call);
    },
  });
  return { disk, state };
}

describe('a watermark that cannot be written', () => {
  it('does not block what is due by the previous watermark', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 6);
    const { disk, state } = fillable();
    const producer = produce(place, redis.url, disk, { reconcileIntervalMs: 300 });
    producer.flushed(segmentName(3));
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 3)));

    state.full = true;
    producer.flushed(segmentName(5));
    await eventually(() => expect(producer.state().stopped?.code).toBe('source-io'));
    await openClient(redis.url).flushall();
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 3)));

    state.full = false;
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 5)));
    expect(producer.state().stopped).toBeUndefined();
  });

  it('does not block a valid one if its segment does not exist', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const names = await place.write(1, 4);
    const producer = produce(place, redis.url, nodeDisk);
    const wrong = producer.flushedAndArchived(segmentName(9));
    await expect(wrong).rejects.toMatchObject({ code: 'segment-unknown' });

    const stopping = new AbortController();
    const right = producer.flushedAndArchived(segmentName(3), { signal: stopping.signal });
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await waitingNames(queue)).toEqual(names.slice(0, 3)));
    stopping.abort(new Error('enough'));
    await expect(right).rejects.toThrow('enough');
  });
});

describe('a segment that cannot be read', () => {
  it('is reported as a failure of the source', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const onCall = failOperation('lstat', 'ESTALE', new RegExp(segmentName(1)));
    const producer = produce(place, redis.url, faultyDisk(nodeDisk, { onCall }));
    producer.flushed(segmentName(2));
    await eventually(() => expect(producer.state().stopped?.code).toBe('source-io'));
  });
});
