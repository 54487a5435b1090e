import { eventually, startRedis } from '@walq/test-support';
import { createProducer } from '@walq/archive-queue';
import { nodeDisk, readIdentity } from '@walq/wal-core/internal';
import { expect, it, onTestFinished } from 'vitest';
import { consume } from './consuming.ts';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { openClient, probeQueue } from '../support/queue-probe.ts';
import { TestArchiver } from '../support/test-archiver.ts';

const CLAIM = 'walq:{wal-archive-orders}:source';

function produce({ source, store }: TestSource, redis: string) {
  const logger = logLines().logger;
  const producer = createProducer({ source, store, redis, logger, reconcileIntervalMs: 200 });
  onTestFinished(() => producer.close());
  return producer;
}

it('two sources of one name on one Redis: the second is stopped with a reason and does not affect the first', async () => {
  const redis = await startRedis();
  const [first, second] = [await openTestSource(), await openTestSource()];
  await first.write(1, 4);
  await second.write(1, 4);
  const producer = produce(first, redis.url);
  await eventually(async () => expect(await openClient(redis.url).exists(CLAIM)).toBe(1));
  const late = produce(second, redis.url);
  late.flushed(segmentName(3));
  const lateArchiver = new TestArchiver();
  const { consumer: lateWorker, events } = await consume(second, redis.url, lateArchiver, {
    sourceCheckIntervalMs: 100,
  });
  const failure = {
    code: 'source-name-shared',
    message: expect.stringMatching(
      new RegExp(
        `${first.source.directory} on host .* claimed it first; ${second.source.directory}`,
      ),
    ),
    hint: expect.stringContaining('another name'),
  };
  await eventually(() => {
    expect(late.state().stopped).toMatchObject(failure);
    expect(lateWorker.state().sources['orders']).toMatchObject({
      isTaking: false,
      stopped: failure,
    });
  });
  // A caller that waits for the archive gets the failure immediately too.
  await expect(late.flushedAndArchived(segmentName(3))).rejects.toMatchObject({
    code: 'source-name-shared',
  });
  const archiver = new TestArchiver();
  const { events: firstEvents } = await consume(first, redis.url, archiver);
  producer.flushed(segmentName(3));
  await eventually(() => expect(archiver.archived).toHaveLength(3));
  expect(firstEvents.map(({ kind }) => kind)).toEqual(['archived', 'archived', 'archived']);
  expect(producer.state().stopped).toBeUndefined();
  expect([events, lateArchiver.began]).toEqual([[], []]);
  expect(await probeQueue(redis.url).getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
});

it('a source claims the queue of its name once the other source is gone, and after Redis came back empty', async () => {
  const redis = await startRedis();
  const [first, second] = [await openTestSource(), await openTestSource()];
  await second.write(1, 2);
  const client = openClient(redis.url);
  const gone = { sourceId: 'another', host: 'db1', directory: '/wal' };
  await client.set(CLAIM, JSON.stringify(gone), 'PX', 1_500);
  const producer = produce(second, redis.url);
  producer.flushed(segmentName(1));
  await eventually(() => expect(producer.state().stopped?.message).toContain('/wal on host db1'));
  const archiver = new TestArchiver();
  await consume(second, redis.url, archiver, { sourceCheckIntervalMs: 100 });
  await eventually(() => expect(archiver.archived).toHaveLength(1));
  expect(producer.state().stopped).toBeUndefined();
  await client.del(CLAIM);
  const id = (await readIdentity(nodeDisk, second.source)) ?? 'none';
  await eventually(async () => expect(await client.get(CLAIM)).toContain(id));
  const late = produce(first, redis.url);
  await first.write(1, 2);
  late.flushed(segmentName(1));
  await eventually(() => {
    expect(late.state().stopped).toMatchObject({ code: 'source-name-shared' });
  });
});

it('an invalid claim of any length does not block a queue', async () => {
  const redis = await startRedis();
  const place = await openTestSource();
  await place.write(1, 2);
  await openClient(redis.url).set(CLAIM, 'x'.repeat(5 << 20));
  const producer = produce(place, redis.url);
  producer.flushed(segmentName(1));
  const archiver = new TestArchiver();
  await consume(place, redis.url, archiver);
  await eventually(() => expect(archiver.archived).toHaveLength(1));
});
