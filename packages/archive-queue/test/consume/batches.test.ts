/** Each line of the tables at the top of job-processor.ts, for a job of several segments. */
import { listQuarantine, WalqError, type FailureCode } from '@walq/wal-core/internal';
import { eventually, startRedis } from '@walq/test-support';
import { jobIdOf } from '@walq/archive-queue';
import { describe, expect, it } from 'vitest';
import { openClient, probeQueue, waitingNames } from '../support/queue-probe.ts';
import { failure, TestArchiver, untilCancelled } from '../support/test-archiver.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { alone, consume, produceUpTo } from './consuming.ts';

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const [one, two, three, four, five] = [1, 2, 3, 4, 5].map((number) => segmentName(number)) as [
  string,
  string,
  string,
  string,
  string,
];

/** Fails these segments as often as their failures are listed. */
const failing = (failures: Record<string, FailureCode[]>) => async (name: string) => {
  const code = failures[name]?.shift();
  if (code !== undefined) throw failure(code);
};

const never = (code: FailureCode): FailureCode[] => Array<FailureCode>(1_000).fill(code);

const namesOf = (data: { segments: { segment: string }[] } | undefined) =>
  data?.segments.map(({ segment }) => segment);

/** A worker with one batch of so many segments: the first is archived, and the second is until `finish` is called. */
async function workingOnTwo(place: TestSource, redisUrl: string, count: number) {
  let finish: () => void = () => undefined;
  const work = (name: string): Promise<void> =>
    name === two ? new Promise((resolve) => (finish = resolve)) : Promise.resolve();
  const archiver = new TestArchiver({ work });
  const { consumer, segmentsOf } = await consume(place, redisUrl, archiver);
  await produceUpTo(place, redisUrl, count, { reconcileIntervalMs: 600_000 });
  await eventually(() => expect(archiver.began).toEqual([one, two]));
  return { consumer, segmentsOf, finish };
}

describe('a batch', () => {
  it('ends each of its segments by itself, in one job', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const work = failing({
      [two]: never('source-io'),
      [three]: ['duplicate'],
      [four]: ['segment-not-flushed'],
    });
    const { segmentsOf } = await consume(place, redis.url, new TestArchiver({ work }));
    await produceUpTo(place, redis.url, 5, { reconcileIntervalMs: 600_000 });

    await eventually(() => expect(segmentsOf('archived')).toEqual([one, five]));
    expect(segmentsOf('retried')).toEqual([two]);
    expect(segmentsOf('quarantined')).toEqual([three]);
    expect(segmentsOf('dropped')).toEqual([four]);
    const records = await listQuarantine(place.store, 'orders');
    expect(records).toMatchObject([{ segment: three, code: 'duplicate' }]);
    const queue = probeQueue(redis.url);
    await eventually(async () => {
      const [job] = await queue.getJobs(['completed']);
      expect(namesOf(job?.data)).toEqual([one, two, three, four, five]);
      expect(job?.returnvalue).toMatchObject({
        outcomes: { archived: 2, retried: 1, quarantined: 1, dropped: 1 },
        bytesIn: 16,
        others: [
          [two, 'source-io'],
          [three, 'duplicate'],
          [four, 'not-flushed'],
        ],
      });
    });
  });

  it('gives a segment that is retried a delayed job of its own, with its own backoff', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({ work: failing({ [two]: never('source-io') }) });
    await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 3);
    const queue = probeQueue(redis.url);
    await eventually(async () => {
      const job = await queue.getJob(jobIdOf(two));
      expect(job?.attemptsMade).toBeGreaterThan(1);
      expect(namesOf(job?.data)).toEqual([two]);
    });
    expect(archiver.began.filter((name) => name !== two)).toEqual([one, three]);
  });

  it('is not enqueued again by flushes and reconciling while a segment of it is delayed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    // Delayed by up to half a minute.
    const archiver = new TestArchiver({ work: failing({ [two]: never('source-reset') }) });
    const { segmentsOf } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 3, { reconcileIntervalMs: 100 });
    const queue = probeQueue(redis.url);
    await eventually(async () => expect(await queue.getJobState(jobIdOf(two))).toBe('delayed'));
    const job = await queue.getJob(jobIdOf(two));
    await job?.changeDelay(300_000);

    await pauseFor(1_500);

    expect(archiver.began.filter((name) => name === two)).toHaveLength(
      segmentsOf('retried').length,
    );
    expect(await waitingNames(queue)).toEqual([two]);
  });

  it('searches for a missing segment again later, and reports only this one as lost', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({ work: failing({ [two]: never('source-missing') }) });
    const { events } = await consume(place, redis.url, archiver, { missingMs: 400 });
    await produceUpTo(place, redis.url, 3);
    const kindsOf = (name: string) =>
      events.filter(({ segment }) => segment === name).map(({ kind }) => kind);
    await eventually(() => expect(kindsOf(two)).toEqual(['missing', 'quarantined']));
    expect([kindsOf(one), kindsOf(three)]).toEqual([['archived'], ['archived']]);
    const records = await listQuarantine(place.store, 'orders');
    expect(records).toMatchObject([{ segment: two, code: 'segment-lost' }]);
  });

  it('finishes the segment in work when its worker is asked to end, and returns the rest', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { consumer, segmentsOf, finish } = await workingOnTwo(place, redis.url, 5);
    const closing = consumer.close({ graceMs: 10_000 });
    finish();
    await closing;

    expect(segmentsOf('archived')).toEqual([one, two]);
    // A paused worker may get the job again, and returns it again.
    expect([...new Set(segmentsOf('released'))]).toEqual([three, four, five]);
    const queue = probeQueue(redis.url);
    expect(await waitingNames(queue)).toEqual([three, four, five]);
    const [job] = await queue.getJobs(['waiting']);
    expect([namesOf(job?.data), job?.attemptsMade]).toEqual([[three, four, five], 0]);

    const next = new TestArchiver();
    await consume(place, redis.url, next);
    await eventually(() => expect(next.archived).toEqual([three, four, five]));
    expect(next.began).toEqual([three, four, five]);
  });

  it('is left unchanged by a worker that returns the rest of it after another one has taken it over', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { consumer, segmentsOf, finish } = await workingOnTwo(place, redis.url, 3);
    const queue = probeQueue(redis.url);
    const [job] = await queue.getJobs(['active']);
    const key = queue.toKey(job?.id ?? '');
    const client = openClient(redis.url);
    await client.set(`${key}:lock`, 'of another worker');

    const closing = consumer.close({ graceMs: 10_000 });
    finish();
    await closing;

    expect(segmentsOf('released')).toEqual([three]);
    expect(await queue.getJobState(job?.id ?? '')).toBe('active');
    const data = JSON.parse((await client.hget(key, 'data')) ?? '{}');
    expect([namesOf(data), data.stallsSurvived]).toEqual([[one, two, three], undefined]);
  });

  it('returns to the head of the queue, before the batches that wait', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({
      parallelism: 1,
      work: (_, signal) => untilCancelled(signal),
    });
    const { consumer } = await consume(place, redis.url, archiver);
    const batch = { segmentsMax: 2, bytesMax: 1e6 };
    const names = await produceUpTo(place, redis.url, 8, { batch });
    await eventually(() => expect(archiver.began).toHaveLength(2));
    await consumer.close({ graceMs: 0 });

    const next = new TestArchiver({ parallelism: 1 });
    await consume(place, redis.url, next);
    await eventually(() => expect(next.archived.toSorted()).toEqual(names));
    expect(next.began.slice(0, 4).toSorted()).toEqual(names.slice(0, 4));
  });

  it('is split at the head of the queue when its worker died, and its segments keep that count', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const queue = probeQueue(redis.url);
    await queue.pause();
    const batch = { segmentsMax: 3, bytesMax: 1e6 };
    await produceUpTo(place, redis.url, 4, { batch });
    await eventually(async () => expect(await queue.getWaitingCount()).toBe(2));
    const client = openClient(redis.url);
    const [first] = await queue.getJobs(['waiting'], 0, 0, true);
    expect(namesOf(first?.data)).toEqual([one, two, three]);
    await client.hset(queue.toKey(first?.id ?? ''), 'stc', '1');
    const stalls: unknown[] = [];
    const work = async (name: string) => {
      stalls.push((await queue.getJob(jobIdOf(name)))?.data.stallsBefore);
    };
    const archiver = new TestArchiver({ parallelism: 1, work });
    const { segmentsOf } = await consume(place, redis.url, archiver);
    await queue.resume();

    await eventually(() => expect(archiver.archived).toHaveLength(4));
    expect(segmentsOf('released')).toEqual([one, two, three]);
    expect(archiver.began.filter((name) => name !== four)).toEqual([one, two, three]);
    expect(stalls.filter((count) => count === 1)).toHaveLength(3);
  });

  it('quarantines a segment that killed two more workers, one of them while it ran alone', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const queue = probeQueue(redis.url);
    await produceUpTo(place, redis.url, 1, alone);
    await eventually(async () => expect(await queue.getWaitingCount()).toBe(1));
    const key = queue.toKey(jobIdOf(one));
    const client = openClient(redis.url);
    const job = JSON.parse((await client.hget(key, 'data')) ?? '{}');
    const data = JSON.stringify({ ...job, stallsBefore: 1, startedAlone: true });
    await client.hset(key, { data, stc: '1' });
    const { segmentsOf } = await consume(place, redis.url, new TestArchiver());
    await eventually(() => expect(segmentsOf('quarantined')).toEqual([one]));
    expect(await listQuarantine(place.store, 'orders')).toMatchObject([{ code: 'worker-stalled' }]);
  });

  it('is archived by a second worker from the beginning when the first was cut off, without harm', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const options = { lockDurationMs: 1_000 };
    let calls = 0;
    const slow = new TestArchiver({
      work: async (_, signal) => {
        calls += 1;
        if (calls === 1) await untilCancelled(signal);
      },
    });
    const first = await consume(place, redis.url, slow, options);
    const names = await produceUpTo(place, redis.url, 3);
    await eventually(() => expect(slow.began).toEqual([one]));
    const queue = probeQueue(redis.url);
    const [job] = await queue.getJobs(['active']);
    await openClient(redis.url).del(`${queue.toKey(job?.id ?? '')}:lock`);

    const second = await consume(place, redis.url, new TestArchiver(), options);

    await eventually(async () => expect(await place.segments()).toEqual([four]));
    await eventually(() =>
      expect(first.segmentsOf('released')).toEqual(expect.arrayContaining(names)),
    );
    const archived = [...first.segmentsOf('archived'), ...second.segmentsOf('archived')];
    expect([...new Set(archived)].toSorted()).toEqual(names);
    expect(await listQuarantine(place.store, 'orders')).toEqual([]);
  });

  it('ends without harm when Redis is emptied in the middle, and what is left is enqueued again', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    let resume: () => void = () => undefined;
    const emptied = new Promise<void>((resolve) => (resume = resolve));
    let failures = 1;
    const work = async (name: string) => {
      if (name === two) await emptied;
      if (name === three && failures-- > 0) throw failure('source-io');
    };
    const archiver = new TestArchiver({ work });
    const { segmentsOf } = await consume(place, redis.url, archiver);
    const names = await produceUpTo(place, redis.url, 4);
    await eventually(() => expect(archiver.began).toEqual([one, two]));

    await openClient(redis.url).flushall();
    resume();

    await eventually(async () => expect(await place.segments()).toEqual([five]));
    expect(segmentsOf('retried')).toEqual([three]);
    expect(archiver.archived.toSorted()).toEqual(names);
  });

  it('leaves a segment due that could not be delayed, because Redis is full', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const client = openClient(redis.url);
    let isFull = false;
    const work = async (name: string) => {
      if (name !== two || isFull) return;
      isFull = true;
      await client.config('SET', 'maxmemory', '1');
      throw failure('source-io');
    };
    const { log } = await consume(place, redis.url, new TestArchiver({ work }));
    await produceUpTo(place, redis.url, 3);
    await eventually(() => expect(log.warnings().join()).toContain('could not delay'));

    await client.config('SET', 'maxmemory', '0');

    await eventually(async () => expect(await place.segments()).toEqual([four]));
  });

  it('counts its segments, on the queue and in the worker', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const archiver = new TestArchiver({ work: (_, signal) => untilCancelled(signal) });
    const { consumer } = await consume(place, redis.url, archiver);
    await produceUpTo(place, redis.url, 3);
    await eventually(() => expect(consumer.state().active).toBe(3));
    expect(consumer.state().sources['orders']?.active).toBe(3);
  });
});

describe('an archive that fails', () => {
  it('fails one segment of a batch, gets the others back, and is tested with one at a time', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    let isFailing = true;
    const sizes: number[] = [];
    const archiver = new TestArchiver({
      work: async () => {
        if (isFailing) throw failure('store-unavailable');
      },
    });
    const { archive } = archiver;
    archiver.archive = (source, segments, options) => {
      sizes.push(segments.length);
      return archive(source, segments, options);
    };
    const { segmentsOf, consumer } = await consume(place, redis.url, archiver);
    const names = await produceUpTo(place, redis.url, 20);
    await eventually(() => expect(sizes.length).toBeGreaterThan(1));
    expect(sizes).toEqual([20, ...sizes.slice(1).map(() => 1)]);
    expect(segmentsOf('retried').length).toBeLessThanOrEqual(sizes.length);
    isFailing = false;

    await eventually(() => expect(segmentsOf('archived').toSorted()).toEqual(names));
    expect(consumer.state().sources['orders']?.store).toBe('closed');
  });
});

it('a batch whose archiver itself fails is retried, segment by segment', async () => {
  const redis = await startRedis();
  const place = await openTestSource();
  const archiver = new TestArchiver();
  const { archive } = archiver;
  let calls = 0;
  archiver.archive = (source, segments, options) => {
    calls += 1;
    if (calls === 1) return Promise.reject(new WalqError('unexpected', { message: 'a bug' }));
    return archive(source, segments, options);
  };
  const { segmentsOf } = await consume(place, redis.url, archiver);
  const names = await produceUpTo(place, redis.url, 3);
  await eventually(() => expect(segmentsOf('archived').toSorted()).toEqual(names));
  expect(segmentsOf('retried')).toEqual(names);
});
