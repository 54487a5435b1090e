import {
  archiveKeyOf,
  archiveOne,
  advanceWatermark,
  createArchiver,
  nodeDisk,
  openSource,
  openStore,
  summarize,
  WalqError,
  type Archiver,
  type ArchiveStore,
  type Disk,
  type Source,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { eventually, startRedis } from '@walq/test-support';
import {
  createConsumer,
  createProducer,
  type Producer,
  type ProducerOptions,
} from '@walq/archive-queue';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { channels, openClient, probeQueue } from '../support/queue-probe.ts';

function realArchiver({ store }: TestSource): Archiver {
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

async function startWorker(place: TestSource, redis: string): Promise<void> {
  const { source, store } = place;
  const archiver = realArchiver(place);
  const { logger } = logLines();
  const consumer = createConsumer({ sources: [{ source, store }], archiver, redis, logger });
  onTestFinished(() => consumer.close());
  await consumer.start();
}

function produce(
  { source, store }: TestSource,
  redis: string,
  disk: Disk = nodeDisk,
  more: Partial<ProducerOptions> = {},
): Producer {
  const { logger } = logLines();
  const common = { source, store, redis, logger, disk, reconcileIntervalMs: 300 };
  const producer = createProducer({ ...common, ...more });
  onTestFinished(() => producer.close());
  return producer;
}

describe('flushedAndArchived()', () => {
  it('resolves when all is archived, and reports each segment', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
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

  it('resolves immediately the second time', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    await startWorker(place, redis.url);
    const producer = produce(place, redis.url);
    await producer.flushedAndArchived(segmentName(2));
    const again = await producer.flushedAndArchived(2n);
    expect(again).toMatchObject({ successCount: 0, filesCount: 0 });
  });

  it('does not wait for quarantined segments, and reports them', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
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

  it('does not depend on the queue, which may be lost during the wait', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 31);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(30));
    await eventually(() => expect(producer.state().dueCount).toBe(30));
    await openClient(redis.url).flushall();
    await startWorker(place, redis.url);

    expect(await archived).toMatchObject({ successCount: 30, filesCount: 30 });
  });

  it('is read from the disk also where the ends of jobs cannot be read, which is not logged', async () => {
    const redis = await startRedis();
    await openClient(redis.url).call('ACL', 'SETUSER', 'default', '-xread');
    const place = await openTestSource();
    await place.write(1, 5);
    await startWorker(place, redis.url);
    const log = logLines();
    const producer = produce(place, redis.url, nodeDisk, { logger: log.logger });

    const report = await producer.flushedAndArchived(segmentName(4));

    expect(report).toMatchObject({ successCount: 4, filesCount: 4 });
    expect(log.warnings()).toEqual([]);
  });

  it('reads few objects where jobs say how they were archived, and reports the same', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 121);
    const opened: string[] = [];
    const disk = faultyDisk(nodeDisk, {
      onCall: ({ operation, path }) => {
        if (operation === 'openRead' && path.endsWith('.zst')) opened.push(path);
      },
    });
    const store = openStore(place.archiveDirectory, { disk });
    await startWorker(place, redis.url);
    const producer = produce({ ...place, store }, redis.url, disk);

    for (const upTo of [30, 60, 90, 120]) {
      const { files } = await producer.flushedAndArchived(segmentName(upTo));
      const names = Array.from({ length: 30 }, (_, n) => segmentName(upTo - 29 + n));
      expect(files.map(({ segment }) => segment)).toEqual(names);
      for (const { segment, bytesIn, bytesOut, outcome } of files) {
        const key = archiveKeyOf('orders', { name: segment, number: BigInt(segment.slice(4, 12)) });
        const sizeBytes = (await place.store.stat(key))?.sizeBytes;
        expect([bytesIn, bytesOut, outcome]).toEqual([28, sizeBytes, 'archived']);
      }
    }
    // A poll between the removal of the sources and the end of their job reads them.
    expect(opened.length).toBeLessThan(60);
  });

  it.each([
    ['at the source', false],
    ['gone', true],
  ])('does not believe an event without an object: the segment is %s', async (_, isGone) => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 2);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(1));
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    await eventually(() => expect(producer.state().dueCount).toBe(1));
    if (isGone) await place.take(segmentName(1));
    const result = JSON.stringify({ archived: [[segmentName(1), 99, 1]] });
    const events = probeQueue(redis.url).toKey('events');
    const forged = ['event', 'completed', 'jobId', 's-1', 'returnvalue', result];
    await openClient(redis.url).xadd(events, '*', ...forged);
    if (!isGone) await startWorker(place, redis.url);
    const file = isGone ? { outcome: 'failed' } : { outcome: 'archived', bytesIn: 28 };
    expect(await archived).toMatchObject({ files: [file] });
  });

  it('notices what was archived without a job, which no event announces', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(2));
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    await eventually(() => expect(producer.state().dueCount).toBe(2));
    const archiver = realArchiver(place);
    const { signal } = new AbortController();
    for (const number of [1, 2]) {
      await archiveOne(archiver, place.source, segmentName(number), { signal });
    }
    expect(await archived).toMatchObject({ successCount: 2, filesCount: 2 });
  });

  it('continues after Redis was restarted during the wait, with nothing in it', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 5);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(4));
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    await redis.restartEmpty();
    await startWorker(place, redis.url);
    expect(await archived).toMatchObject({ successCount: 4, filesCount: 4 });
  });

  it('reads the disk once for all callers that wait at the same time', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const count = 100;
    await place.write(1, count + 1);
    let identityChecks = 0;
    const disk = faultyDisk(nodeDisk, {
      onCall: ({ operation, path }) => {
        if (operation === 'lstat' && path.endsWith('source.json')) identityChecks += 1;
      },
    });
    const producer = produce(place, redis.url, disk);
    await producer.flushedAndArchived(0n);
    const before = identityChecks;
    const waits = Array.from({ length: count }, (_, n) =>
      producer.flushedAndArchived(segmentName(n + 1)),
    );
    await startWorker(place, redis.url);

    const reports = await Promise.all(waits);

    reports.forEach((report, n) => expect(report).toMatchObject({ successCount: n + 1 }));
    expect(identityChecks).toBeGreaterThan(before);
    expect(identityChecks - before).toBeLessThan(count);
  });

  it('leaves no connection when the producer is closed during the wait', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    const waits = [producer.flushedAndArchived(1n), producer.flushedAndArchived(2n)];
    const ended = waits.map((wait) => expect(wait).rejects.toMatchObject({ code: 'cancelled' }));
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    const others = openClient(redis.url);
    await producer.close();
    await Promise.all(ended);
    await eventually(async () => {
      const list = (await others.client('LIST')) as string;
      expect(list.split('\n').filter((line) => /cmd=(?!client)/.test(line))).toEqual([]);
    });
  });

  it('rejects when its signal is aborted and when the producer is closed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    const aborting = new AbortController();
    const aborted = producer.flushedAndArchived(2n, { signal: aborting.signal });
    const closed = producer.flushedAndArchived(2n);
    aborting.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await Promise.all([
      expect(closed).rejects.toMatchObject({ code: 'cancelled' }),
      producer.close(),
    ]);
  });

  it('rejects with the reason of its signal also between two polls', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    const aborting = new AbortController();
    const aborted = producer.flushedAndArchived(2n, { signal: aborting.signal });
    await eventually(() => expect(producer.state().dueCount).toBe(2));
    setTimeout(() => aborting.abort(new Error('enough')), 100);
    await expect(aborted).rejects.toThrow('enough');
  });

  it.each(['its caller', 'the producer’s end'])(
    'is ended by %s while the disk hangs',
    async (by) => {
      const redis = await startRedis();
      const place = await openTestSource();
      await place.write(1, 3);
      const hanging = new Promise<void>(() => undefined);
      const disk = faultyDisk(nodeDisk, { onCall: () => hanging });
      const producer = produce(place, redis.url, disk);
      const aborting = new AbortController();
      const archived = producer.flushedAndArchived(2n, { signal: aborting.signal });
      const closed = by === 'its caller' ? undefined : producer.close();
      if (closed === undefined) aborting.abort(new Error('enough'));
      await expect(archived).rejects.toThrow(/enough|was closed/);
      await closed;
    },
  );

  it('reports a segment that is gone without a copy as failed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(1));
    await eventually(() => expect(producer.state().dueCount).toBe(1));
    await place.take(segmentName(1));
    expect(await archived).toMatchObject({ filesCount: 1, files: [{ outcome: 'failed' }] });
  });

  it('rejects when the engine starts again with an empty directory during the wait', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(5, 8);
    const producer = produce(place, redis.url);
    const archived = producer.flushedAndArchived(segmentName(7));
    archived.catch(() => undefined);
    await eventually(() => expect(producer.state().dueCount).toBe(3));
    await place.write(1, 2);
    for (const number of [8, 7, 6, 5]) await place.take(segmentName(number));
    await expect(archived).rejects.toMatchObject({ code: 'source-reset' });
  });

  it('waits while the archive and the source are unavailable', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 4);
    const failing = { left: 0, failed: 0 };
    const list: ArchiveStore['records']['list'] = async (...asked) => {
      if (failing.left-- <= 0) return place.store.records.list(...asked);
      failing.failed += 1;
      throw new WalqError('store-unavailable', { message: 'the archive is away' });
    };
    const store = { ...place.store, records: { ...place.store.records, list } };
    const producer = produce({ ...place, store }, redis.url);
    const archived = producer.flushedAndArchived(segmentName(3));
    await eventually(() => expect(producer.state().dueCount).toBe(3));
    failing.left = 5;
    await eventually(() => expect(failing.failed).toBe(5));
    await startWorker(place, redis.url);
    expect(await archived).toMatchObject({ successCount: 3, filesCount: 3 });
  });

  it('is rejected by a closed producer and for a source without a watermark', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const closed = produce(place, redis.url);
    await closed.close();
    expect(() => closed.flushed(2n)).toThrow(expect.objectContaining({ code: 'producer-closed' }));

    const source: Source = {
      ...place.source,
      sealedRule: { kind: 'skip-newest', count: 1 },
      afterArchive: 'keep',
    };
    const counting = produce({ ...place, source }, redis.url);
    expect(() => counting.flushed(2n)).toThrow(/no watermark/);
    await expect(counting.flushedAndArchived(2n)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('flush()', () => {
  it('only announces with wal.archive_async, also while Redis is down', async () => {
    const redis = await startRedis();
    await redis.stop();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url, nodeDisk, { archiveAsync: true });

    expect(await producer.flush(2n)).toBeUndefined();

    expect(producer.state().flushedUpTo).toBe('2');
    await eventually(() => expect(producer.state().watermark).toBe(segmentName(2)));
    expect(await place.segments()).toHaveLength(3);
  });

  it('only announces by default', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url);
    expect(await producer.flush(segmentName(2))).toBeUndefined();
    await eventually(() => expect(producer.state().dueCount).toBe(2));
  });

  it('waits without wal.archive_async until all is archived, and reports it', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 4);
    const producer = produce(place, redis.url, nodeDisk, { archiveAsync: false });
    let hasReturned = false;
    const flushing = producer.flush(segmentName(3)).finally(() => (hasReturned = true));
    await eventually(() => expect(producer.state().dueCount).toBe(3));
    expect(hasReturned).toBe(false);
    await startWorker(place, redis.url);

    const report = await flushing;

    expect(report).toMatchObject({ successCount: 3, filesCount: 3, bytesIn: 3 * 28 });
    expect(await place.segments()).toEqual([segmentName(4)]);
  });

  it('rejects for an engine that waits when its producer is closed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await place.write(1, 3);
    const producer = produce(place, redis.url, nodeDisk, { archiveAsync: false });
    const flushing = producer.flush(2n);
    await Promise.all([
      expect(flushing).rejects.toMatchObject({ code: 'cancelled' }),
      producer.close(),
    ]);
  });

  it('rejects an invalid segment name, whether it waits or not', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    for (const archiveAsync of [true, false]) {
      const producer = produce(place, redis.url, nodeDisk, { archiveAsync });
      await expect(producer.flush('no-segment')).rejects.toMatchObject({ code: 'usage' });
    }
  });
});

/** Archives a segment and then writes its name again, as an engine must never do. */
async function archiveOtherContent(place: TestSource, name: string): Promise<void> {
  const { source, store } = place;
  const { sourceId } = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  await advanceWatermark(nodeDisk, source, sourceId, { name, number: 2n });
  await archiveOne(realArchiver(place), source, name, { signal: new AbortController().signal });
  await writeFile(join(source.directory, name), 'other content than in the archive');
}
