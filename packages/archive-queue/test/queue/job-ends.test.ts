import { JobEnds, RedisLink } from '@walq/archive-queue/testing';
import { queueNameOf } from '@walq/archive-queue';
import { eventually, startRedis, type RunningRedis } from '@walq/test-support';
import { Worker } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logLines, type LogLines } from '../support/log-lines.ts';
import { channels, connectionTo, openClient, probeQueue, QUEUE } from '../support/queue-probe.ts';

const NAME = queueNameOf(QUEUE, 'orders');
const EVENTS = `bull:${NAME}:events`;
/** No test waits for this long. */
const LONG_MS = 600_000;

interface Following {
  readonly ends: JobEnds;
  readonly log: LogLines;
}

async function follow(url: string): Promise<Following> {
  const log = logLines();
  const link = new RedisLink({ location: url, logger: log.logger, queueName: QUEUE });
  const ends = new JobEnds(link, EVENTS);
  onTestFinished(() => {
    ends.close();
    link.close();
  });
  await link.untilReady(5_000);
  ends.listen();
  await eventually(() => expect(ends.isFollowing).toBe(true));
  return { ends, log };
}

/** Ends each job as its name says. */
async function work(url: string): Promise<void> {
  const connection = { ...connectionTo(url), retryStrategy: () => 50 };
  const worker = new Worker(
    NAME,
    async ({ name }) => {
      if (name === 'failed') throw new Error('as the test wants');
    },
    { connection },
  );
  worker.on('error', () => undefined);
  onTestFinished(() => worker.close(true));
  await worker.waitUntilReady();
}

async function noticesAnEnd({ ends }: Following, url: string): Promise<void> {
  const seen = ends.count;
  const noticed = ends.after(seen, LONG_MS);
  await probeQueue(url).add('completed', {});
  await noticed;
  expect(ends.count).toBeGreaterThan(seen);
}

describe('the ends of jobs', () => {
  it.each(['completed', 'failed'])('are noticed, and nothing before: %s', async (name) => {
    const redis = await startRedis();
    const { ends } = await follow(redis.url);
    const seen = ends.count;
    const noticed = ends.after(seen, LONG_MS);
    const queue = probeQueue(redis.url);
    await queue.pause();
    await queue.add(name, {}, { attempts: 1 });
    await queue.resume();
    const [latest] = await openClient(redis.url).xrevrange(EVENTS, '+', '-', 'COUNT', 1);
    expect(latest?.[1]).toContain('resumed');
    expect(ends.count).toBe(seen);
    await work(redis.url);
    await noticed;
  });

  it('are noticed when they come between a check and the wait after it', async () => {
    const redis = await startRedis();
    const following = await follow(redis.url);
    await work(redis.url);
    const seen = following.ends.count;
    await noticesAnEnd(following, redis.url);
    await following.ends.after(seen, LONG_MS);
  });

  const breaks: Record<string, (redis: RunningRedis) => Promise<unknown>> = {
    'its connection was closed': async ({ url }) => {
      const [id = ''] = await channels(url);
      await openClient(url).client('KILL', 'ID', id);
    },
    'Redis was restarted, empty': (redis) => redis.restartEmpty(),
    'the stream was trimmed': ({ url }) => openClient(url).xtrim(EVENTS, 'MAXLEN', 0),
    'everything in Redis was removed': (redis) => redis.flushAll(),
  };

  it.each(Object.entries(breaks))('are noticed again after %s', async (_, breakIt) => {
    const redis = await startRedis();
    const following = await follow(redis.url);
    await work(redis.url);
    await noticesAnEnd(following, redis.url);
    await breakIt(redis);
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    await eventually(() => expect(following.ends.isFollowing).toBe(true));
    await noticesAnEnd(following, redis.url);
  });

  it('that may have been missed while the connection was broken count as noticed', async () => {
    const redis = await startRedis();
    const { ends } = await follow(redis.url);
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    const noticed = ends.after(ends.count, LONG_MS);
    await breaks['its connection was closed']?.(redis);
    await noticed;
  });

  it('are waited for no longer than asked where they cannot be read, and nothing is logged', async () => {
    const redis = await startRedis();
    await openClient(redis.url).set(EVENTS, 'another type');
    const log = logLines();
    const link = new RedisLink({ location: redis.url, logger: log.logger, queueName: QUEUE });
    const ends = new JobEnds(link, EVENTS);
    await link.untilReady(5_000);
    ends.listen();
    await ends.after(ends.count, 200);
    expect(ends.isFollowing).toBe(false);
    ends.close();
    link.close();
    expect(log.lines).toEqual([]);
  });

  it('are not waited for after closing, which leaves no connection', async () => {
    const redis = await startRedis();
    const { ends } = await follow(redis.url);
    await eventually(async () => expect(await channels(redis.url)).toHaveLength(1));
    const waiting = ends.after(ends.count, LONG_MS);
    ends.close();
    await waiting;
    await ends.after(ends.count, LONG_MS);
    ends.listen();
    await eventually(async () => expect(await channels(redis.url)).toEqual([]));
  });

  it('need no connection before somebody listens', async () => {
    const redis = await startRedis();
    const log = logLines();
    const link = new RedisLink({ location: redis.url, logger: log.logger, queueName: QUEUE });
    onTestFinished(() => link.close());
    await link.untilReady(5_000);
    const ends = new JobEnds(link, EVENTS);
    await ends.after(ends.count, 50);
    const list = (await openClient(redis.url).client('LIST')) as string;
    // The link's, and the one that asks.
    expect(list.trim().split('\n')).toHaveLength(2);
  });
});
