import {
  advanceWatermark,
  createArchiver,
  nodeDisk,
  openSource,
  summarize,
  type Archiver,
} from '@walq/wal-core';
import { createInlineThreads } from '@walq/wal-core/testing';
import { eventually, startRedis } from '@walq/test-support';
import { createConsumer, createProducer, type Producer } from '@walq/archive-queue';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logLines } from '../support/log-lines.ts';
import { openPlace, segmentName, type Place } from '../support/place.ts';
import { openClient } from '../support/queue-probe.ts';

function realArchiver({ store }: Place): Archiver {
  const threads = createInlineThreads(nodeDisk);
  const archiver = createArchiver({
    disk: nodeDisk,
    threads,
    level: 3,
    conservative: true,
    worker: 'test:1',
    storeOf: () => store,
  });
  onTestFinished(() => archiver.close());
  return archiver;
}

async function startWorker(place: Place, redis: string): Promise<void> {
  const { source, store } = place;
  const archiver = realArchiver(place);
  const { logger } = logLines();
  const consumer = createConsumer({ sources: [{ source, store }], archiver, redis, logger });
  onTestFinished(() => consumer.close());
  await consumer.start();
}

function produce({ source, store }: Place, redis: string): Producer {
  const { logger } = logLines();
  const producer = createProducer({ source, store, redis, logger, reconcileIntervalMs: 300 });
  onTestFinished(() => producer.close());
  return producer;
}

describe('flushedAndArchived()', () => {
  it('resolves when all is archived, and reports each segment', async () => {
    const redis = await startRedis();
    const place = await openPlace();
    const names = await place.write(1, 21);
    await startWorker(place, redis.url);
    const producer = produce(place, redis.url);

    const report = await producer.flushedAndArchived(segmentName(20));

    expect(await place.segments()).toEqual([segmentName(21)]);
    expect(report.files.map(({ segment }) => segment).toSorted()).toEqual(names.slice(0, 20));
    expect(report).toEqual(summarize(report.files, report.durationMs));
    expect(report).toMatchObject({ successCount: 20, filesCount: 20, bytesIn: 20 * 28 });
    expect(report.files.every(({ outcome }) => outcome === 'archived')).toBe(true);
  });

  it('has nothing to wait for a second time', async () => {
    const redis = await startRedis();
    const place = await openPlace();
    await place.write(1, 3);
    await startWorker(place, redis.url);
    const producer = produce(place, redis.url);
    await producer.flushedAndArchived(segmentName(2));
    const again = await producer.flushedAndArchived(2n);
    expect(again).toMatchObject({ successCount: 0, filesCount: 0 });
  });

  it('does not wait for what is set aside, and says so', async () => {
    const redis = await startRedis();
    const place = await openPlace();
    await place.write(1, 4);
    await archiveOtherContent(place, segmentName(2));
    await startWorker(place, redis.url);

    const report = await produce(place, redis.url).flushedAndArchived(segmentName(3));

    const outcomes = Object.fromEntries(report.files.map((file) => [file.segment, file.outcome]));
    expect(outcomes).toEqual({
      [segmentName(1)]: 'archived',
      [segmentName(2)]: 'duplicate',
      [segmentName(3)]: 'archived',
    });
    expect(report).toMatchObject({ successCount: 2, filesCount: 3 });
    expect(await place.segments()).toEqual([segmentName(2), segmentName(4)]);
  });

  it('is not misled by a queue that is lost meanwhile', async () => {
    const redis = await startRedis();
    const place = await openPlace();
    await place.write(1, 31);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(30));
    await eventually(() => expect(producer.state().dueCount).toBe(30));
    await openClient(redis.url).flushall();
    await startWorker(place, redis.url);

    expect(await archived).toMatchObject({ successCount: 30, filesCount: 30 });
  });

  it('ends when it is told to, and when the producer is closed', async () => {
    const redis = await startRedis();
    const place = await openPlace();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    const aborting = new AbortController();
    const aborted = producer.flushedAndArchived(2n, { signal: aborting.signal });
    const closed = producer.flushedAndArchived(2n);
    aborting.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow(/enough|aborted/);
    await Promise.all([
      expect(closed).rejects.toMatchObject({ code: 'cancelled' }),
      producer.close(),
    ]);
  });
});

/** Archives a segment and then writes its name again, as an engine must never do. */
async function archiveOtherContent(place: Place, name: string): Promise<void> {
  const { source, store } = place;
  const { sourceId } = await openSource({ disk: nodeDisk, source, store, mayIntroduce: true });
  await advanceWatermark(nodeDisk, source, sourceId, { name, number: 2n });
  await realArchiver(place).archive(source, name, { signal: new AbortController().signal });
  await writeFile(join(source.directory, name), 'other content than in the archive');
}
