import {
  listQuarantine,
  namingOf,
  nodeDisk,
  quarantineSegment,
  readIdentity,
  type FailureCode,
} from '@walq/wal-core/internal';
import { eventually, startRedis } from '@walq/test-support';
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { jobIdOf } from '@walq/archive-queue';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { payloadOf, probeQueue, waitingNames } from '../support/queue-probe.ts';
import { failure, TestArchiver } from '../support/test-archiver.ts';
import { alone, consume, produceUpTo } from './consuming.ts';

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const onceFailing = (code: FailureCode, segment: string) => {
  let failed = 0;
  return async (name: string) => {
    if (name === segment && failed++ === 0) throw failure(code);
  };
};

describe('a consumer', () => {
  it('archives what the producer enqueues, until only the open segment is left', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver();
    const { segmentsOf } = await consume(place, redis.url, archiver);
    const names = await produceUpTo(place, redis.url, 50);

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(51)]));
    await eventually(() => expect(segmentsOf('archived').toSorted()).toEqual(names));
  });

  it('shares the work with a second consumer; no segment is archived twice', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const [one, two] = [new TestArchiver({ work }), new TestArchiver({ work })];
    await consume(place, redis.url, one);
    await consume(place, redis.url, two);
    const names = await produceUpTo(place, redis.url, 100);

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(101)]));
    expect([...one.began, ...two.began].toSorted()).toEqual(names);
    expect(one.began.length).toBeGreaterThan(0);
    expect(two.began.length).toBeGreaterThan(0);
  });

  it.each(['source-io', 'source-changed', 'decode-mismatch', 'unexpected'] as const)(
    'tries again after %s',
    async (code) => {
      const redis = await startRedis();
      const place = await openTestSource();
      const archiver = new TestArchiver({ work: onceFailing(code, segmentName(1)) });
      const { segmentsOf } = await consume(place, redis.url, archiver);
      await produceUpTo(place, redis.url, 3);

      await eventually(async () => expect(await place.segments()).toEqual([segmentName(4)]));
      expect(segmentsOf('retried')).toEqual([segmentName(1)]);
    },
  );

  it.each(['duplicate', 'segment-malformed', 'object-corrupt'] as const)(
    'quarantines a segment durably and once after %s, and continues with the others',
    async (code) => {
      const redis = await startRedis();
      const place = await openTestSource();
      const work = async (name: string) => {
        if (name === segmentName(2)) throw failure(code);
      };
      const archiver = new TestArchiver({ work });
      await consume(place, redis.url, archiver);
      await produceUpTo(place, redis.url, 3, alone);

      const left = [segmentName(2), segmentName(4)];
      await eventually(async () => expect(await place.segments()).toEqual(left));
      await eventually(async () => {
        const [record] = await listQuarantine(place.store, 'orders');
        expect(record).toMatchObject({ segment: segmentName(2), code });
      });
      const queue = probeQueue(redis.url);
      await eventually(async () => {
        expect(await queue.getJobState(jobIdOf(segmentName(2)))).toBe('failed');
      });
      expect(archiver.began.filter((name) => name === segmentName(2))).toHaveLength(1);
    },
  );

  it('drops a segment that is not flushed yet, and archives it once it is', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({ work: onceFailing('segment-not-flushed', segmentName(1)) });
    const { events } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 1);

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(2)]));
    expect(events.map(({ kind }) => kind)).toEqual(['dropped', 'archived']);
  });

  it('reports a segment as lost only if it is still missing later', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = async (name: string) => {
      if (name === segmentName(1)) throw failure('source-missing');
    };
    const archiver = new TestArchiver({ work });
    const { events } = await consume(place, redis.url, archiver, { missingMs: 400 });
    await produceUpTo(place, redis.url, 1);

    await eventually(() => {
      expect(events.map(({ kind }) => kind)).toEqual(['missing', 'quarantined']);
    });
    const records = await listQuarantine(place.store, 'orders');
    expect(records.map(({ code }) => code)).toEqual(['segment-lost']);
  });

  it('records a lost segment when a hundred are quarantined for other reasons', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = async (name: string) => {
      await rm(join(place.source.directory, name), { force: true });
      throw failure('source-missing');
    };
    for (let number = 100; number < 200; number += 1) {
      await quarantineSegment(place.store, 'orders', {
        segment: segmentName(number),
        code: 'segment-malformed',
        message: 'it is damaged',
        hint: '',
        quarantinedAt: new Date().toISOString(),
        worker: 'test',
      });
    }
    await consume(place, redis.url, new TestArchiver({ work }), { missingMs: 100 });
    await produceUpTo(place, redis.url, 1);

    await eventually(async () => {
      const records = await listQuarantine(place.store, 'orders');
      const lost = records.filter(({ code }) => code === 'segment-lost');
      expect(lost.map(({ segment }) => segment)).toEqual([segmentName(1)]);
    });
  });

  it('starts counting again if the host’s clock was set back by an hour', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = async () => {
      throw failure('source-missing');
    };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    const archiver = new TestArchiver({ work });
    const { events } = await consume(place, redis.url, archiver, { missingMs: 400 });
    await produceUpTo(place, redis.url, 1);
    await eventually(() => expect(events).toHaveLength(1));
    vi.useRealTimers();

    await eventually(() => expect(events.at(-1)?.kind).toBe('quarantined'));
    expect(events.map(({ kind }) => kind)).toEqual(['missing', 'missing', 'quarantined']);
  });

  it('starts counting again once a segment was found', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const failures: FailureCode[] = ['source-missing', 'source-io', 'source-missing'];
    const work = async () => {
      const code = failures.shift();
      if (code !== undefined) throw failure(code);
    };
    const archiver = new TestArchiver({ work });
    const { events } = await consume(place, redis.url, archiver, { missingMs: 300 });
    await produceUpTo(place, redis.url, 1);

    await eventually(() => expect(events.at(-1)?.kind).toBe('archived'));
    expect(events.map(({ kind }) => kind)).toEqual(['missing', 'retried', 'missing', 'archived']);
  });
});

describe('a queue that an operator has paused', () => {
  it('gets no worker until it is resumed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const queue = probeQueue(redis.url);
    await queue.pause();
    const { log, consumer } = await consume(place, redis.url, new TestArchiver(), {
      stuckAfterMs: 200,
      sourceCheckIntervalMs: 50,
    });
    await produceUpTo(place, redis.url, 3);
    await eventually(() => expect(consumer.state().sources['orders']?.isTaking).toBe(true));
    await pauseFor(1_500);
    expect(log.warnings()).toEqual(['source paused by an operator; taking no archive jobs']);

    await queue.resume();
    await eventually(async () => expect(await place.segments()).toEqual([segmentName(4)]));
  });
});

describe('a foreign job', () => {
  it.each([
    ['another source', { sourceId: randomUUID() }, 'other-source'],
    ['another version', { v: 3 }, 'unknown-version'],
    ['version 1 without a segment', { v: 1 }, 'malformed'],
    ['nonsense', { sourceId: 7 }, 'malformed'],
    ['a segment twice', payloadOf(randomUUID(), segmentName(1), segmentName(1)), 'malformed'],
    ['no segment', { segments: [] }, 'malformed'],
  ])('is dropped: %s', async (_, payload, why) => {
    const redis = await startRedis();
    const place = await openTestSource();
    const [name = ''] = await place.write(1, 2);
    const archiver = new TestArchiver();
    const { events } = await consume(place, redis.url, archiver);
    const queue = probeQueue(redis.url);
    await queue.add('archive', { ...payloadOf(undefined, name), ...payload });

    await eventually(() => expect(events).toMatchObject([{ kind: 'dropped', why }]));
    expect(archiver.began).toEqual([]);
    expect(await queue.getFailedCount()).toBe(0);
  });
});

describe('a job of version 1, which an older producer added', () => {
  const version1 = async (place: TestSource, name: string) => {
    const sourceId = await readIdentity(nodeDisk, place.source);
    return { v: 1, sourceId, segment: name, bytes: 1, sealedAt: 1, host: 'old' };
  };

  it('is run as a batch of one, and is retried as such', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const [name = ''] = await place.write(1, 2);
    let failures = 1;
    const work = async () => {
      if (failures-- > 0) throw failure('source-io');
    };
    const { events } = await consume(place, redis.url, new TestArchiver({ work }));
    const jobId = jobIdOf(name);
    await probeQueue(redis.url).add('archive', await version1(place, name), {
      jobId,
      attempts: 9,
      backoff: { type: 'walq' },
    });

    await eventually(() => expect(events.map(({ kind }) => kind)).toEqual(['retried', 'archived']));
    expect(events.map(({ segment }) => segment)).toEqual([name, name]);
  });

  it('is not enqueued again by a newer producer', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const queue = probeQueue(redis.url);
    const [name = ''] = await place.write(1, 3);
    await queue.add('archive', await version1(place, name), { jobId: jobIdOf(name) });
    await produceUpTo(place, redis.url, 2);

    await eventually(async () => expect(await waitingNames(queue)).toEqual([segmentName(2)]));
  });
});

describe('a name that the configured naming does not recognise', () => {
  it('is passed to the archiver, which knows the segment size of this PostgreSQL', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const naming = namingOf({ kind: 'postgres', segmentBytes: 16 * 1024 * 1024 });
    // Of segments of 1 MiB there are 4,096 where there are 256 of the usual ones.
    const name = '000000010000000000000FFF';
    expect(naming.parse(name)).toBeUndefined();
    const archiver = new TestArchiver();
    const configured = { ...place, source: { ...place.source, naming } };
    const { events } = await consume(configured, redis.url, archiver);
    const sourceId = await readIdentity(nodeDisk, place.source);
    await probeQueue(redis.url).add('archive', payloadOf(sourceId, name));

    await eventually(() => expect(events).toMatchObject([{ kind: 'archived', segment: name }]));
    expect(archiver.began).toEqual([name]);
  });
});

describe('a source', () => {
  it('is skipped while its directory does not exist, and archived once it does', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const away = `${place.source.directory}-unmounted`;
    const archiver = new TestArchiver();
    await rename(place.source.directory, away);
    const { consumer, log } = await consume(place, redis.url, archiver, {
      sourceCheckIntervalMs: 50,
    });
    await eventually(() => {
      expect(consumer.state().sources['orders']?.stopped?.code).toBe('source-unavailable');
    });
    expect(consumer.state().sources['orders']?.isTaking).toBe(false);

    await rename(away, place.source.directory);
    await produceUpTo(place, redis.url, 3);

    await eventually(async () => expect(await place.segments()).toEqual([segmentName(4)]));
    expect(log.warnings()).toHaveLength(1);
  });
});
