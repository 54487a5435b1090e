/**
 * A connection that breaks at one moment of a start, or of a reconnect, must not leave a role behind that is
 * connected and does nothing. Moments all over the start are tried, before and after the k-th command, until the
 * role has done its first work without meeting the cut. `test/faults` tries every moment, with processes.
 */
import { createConsumer, createObserver, createProducer } from '@walq/archive-queue';
import {
  eventually,
  startCuttingProxy,
  startRedis,
  type Cut,
  type CuttingProxy,
} from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { TestArchiver } from '../support/test-archiver.ts';

/** Much longer than a role needs, and shorter than what a stuck worker takes to be noticed. */
const DONE = { timeoutMs: 30_000 };
const COMMANDS_MAX = 200;
const AT_ONCE = 10;
const STEP = 5;

interface Role {
  /** Flushes or takes this segment, by number: fails until it is done. */
  readonly hasDone: (segment: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Where {
  readonly place: TestSource;
  readonly queueName: string;
  /** Through the proxy. */
  readonly redis: string;
  /** Not through it. */
  readonly direct: string;
}

const logger = () => logLines().logger;

const roles: Readonly<Record<string, (where: Where) => Promise<Role>>> = {
  producer: async ({ place, queueName, redis, direct }) => {
    const producer = createProducer({ ...place, redis, queueName, logger: logger() });
    const sources = ['orders'];
    const observer = createObserver({ redis: direct, queueName, sources, logger: logger() });
    return {
      hasDone: async (segment) => {
        producer.flushed(segmentName(segment));
        expect((await observer.queueCounts())['orders']?.waiting).toBe(segment);
        expect(producer.state().redis).toBe('ok');
      },
      close: async () => {
        observer.close();
        await producer.close();
      },
    };
  },

  worker: async ({ place, queueName, redis, direct }) => {
    const producer = createProducer({ ...place, redis: direct, queueName, logger: logger() });
    const archiver = new TestArchiver();
    const consumer = createConsumer({
      sources: [place],
      archiver,
      redis,
      queueName,
      logger: logger(),
      // A job whose answer was lost comes back when its lock has run out.
      lockDurationMs: 2_000,
      sourceCheckIntervalMs: 500,
    });
    const started = consumer.start();
    return {
      hasDone: async (segment) => {
        await started;
        producer.flushed(segmentName(segment));
        expect(await place.segments()).not.toContain(segmentName(segment));
        expect(consumer.state()).toMatchObject({ redis: 'ok', hangs: undefined });
      },
      close: async () => {
        await consumer.close({ graceMs: 0 });
        await producer.close();
      },
    };
  },

  dashboard: async ({ queueName, redis }) => {
    const options = { redis, queueName, sources: ['orders'], logger: logger() };
    const observer = createObserver(options);
    const [board] = await observer.openQueues();
    return {
      hasDone: async () => {
        expect(await observer.redisState()).toEqual({ state: 'ok', failure: null });
        expect(await observer.queueCounts()).toHaveProperty('orders');
        expect(await observer.workers()).toEqual([]);
        expect(await observer.recentBatches('orders', 5)).toEqual([]);
        expect(await board?.getWaitingCount()).toBe(0);
      },
      close: async () => observer.close(),
    };
  },
};

type Moment = 'start' | 'reconnect';

/** True where the role met the cut before it had done its work. */
async function cutOnce(role: string, when: Moment, direct: string, cut: Cut): Promise<boolean> {
  const place = await openTestSource();
  await place.write(1, 3);
  const queueName = `q${cut.lost}${cut.command}${when}${role}`;
  const proxy = await startCuttingProxy(
    Number(new URL(direct).port),
    when === 'start' ? cut : undefined,
  );
  const begun = await roles[role]?.({ place, queueName, redis: proxy.url, direct });
  if (begun === undefined) throw new Error(`there is no role ${role}`);
  try {
    await eventually(() => begun.hasDone(1), DONE);
    if (when === 'start') return proxy.hasCut;
    return await cutAgain(proxy, cut, () => eventually(() => begun.hasDone(2), DONE));
  } finally {
    await begun.close();
  }
}

async function cutAgain(proxy: CuttingProxy, cut: Cut, done: () => Promise<void>) {
  proxy.cutAt(cut);
  proxy.cutAll();
  await done();
  return proxy.hasCut;
}

const moments = (['start', 'reconnect'] as const).flatMap((when) =>
  (['request', 'answer'] as const).map((lost, index) => ({ when, lost, first: 1 + 2 * index })),
);

describe('a connection that is cut at the k-th command', () => {
  it.each(Object.keys(roles))('never leaves a %s idle', async (role) => {
    const redis = await startRedis();
    const untilNotMet = async ({ when, lost, first }: (typeof moments)[number]) => {
      for (let next = first; next < COMMANDS_MAX; next += STEP * AT_ONCE) {
        const commands = Array.from({ length: AT_ONCE }, (_, index) => next + STEP * index);
        const all = commands.map((command) => cutOnce(role, when, redis.url, { command, lost }));
        if (!(await Promise.all(all)).every(Boolean)) return true;
      }
      return false;
    };
    expect(await Promise.all(moments.map(untilNotMet))).toEqual([true, true, true, true]);
  });
});
