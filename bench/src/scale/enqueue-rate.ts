/** How fast producers bring segments from the disk into the queue, each with a source of its own. */
import { createObserver, type Observer } from '@walq/archive-queue';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { inTurn, median } from '../figures.ts';
import { meterCpu, startProgram, withChildren, type Program } from './child.ts';
import type { ProducerProgram } from './programs/producer.ts';
import { inPlace, makeSegments, type Site } from './site.ts';
import { cell, type Table } from '../report/table.ts';

interface Enqueued {
  readonly segmentsPerSecond: number;
  readonly producerCpuMs: number;
  readonly redisCpuMs: number;
}

interface EnqueueRate extends Enqueued {
  readonly producers: number;
}

const SAMPLE_INTERVAL_MS = 10;
/** Each in a Redis of its own. */
const RUNS_A_ROUND = 2;

export async function measureProducers(site: Site): Promise<EnqueueRate[]> {
  const { producers, rounds } = site.options;
  const runs = new Map(producers.map((number) => [number, [] as Enqueued[]]));
  for (let round = 0; round < rounds * RUNS_A_ROUND; round += 1) {
    for (const number of inTurn(producers, round)) {
      site.say(`${number} producers, round ${round + 1}`);
      runs.get(number)?.push(await enqueue(site, number));
    }
  }
  return producers.map((number) => {
    const of = (key: keyof Enqueued) => median((runs.get(number) ?? []).map((run) => run[key]));
    return {
      producers: number,
      segmentsPerSecond: of('segmentsPerSecond'),
      producerCpuMs: of('producerCpuMs'),
      redisCpuMs: of('redisCpuMs'),
    };
  });
}

const enqueue = (site: Site, number: number): Promise<Enqueued> =>
  inPlace(site, async ({ root, redis }) => {
    const names = Array.from({ length: number }, (_, index) => `bench-${index + 1}`);
    const count = site.options.enqueued;
    const reach = { redisUrl: redis.url, archive: join(root, 'archive'), windowMax: count };
    for (const name of names) await makeSegments(join(root, name), { count, bytes: 1, ...site });
    const starting = names.map((name) => {
      const given: ProducerProgram = { ...reach, source: { name, directory: join(root, name) } };
      return startProgram<{ redis: string }>('producer', given);
    });
    return withChildren(starting, async (producers) => {
      for (const producer of producers) await untilConnected(site, producer);
      const logger = pino({ level: 'silent' });
      const observer = createObserver({ redis: redis.url, logger, sources: names });
      try {
        await countWaiting(observer);
        return await time(site, { observer, producers, redisPid: redis.pid, count });
      } finally {
        observer.close();
      }
    });
  });

async function untilConnected({ signal }: Site, producer: Program<{ redis: string }>) {
  while ((await producer.ask('state')).redis !== 'ok') await sleep(50, undefined, { signal });
}

interface Enqueuing {
  readonly observer: Observer;
  readonly producers: readonly Program<unknown>[];
  readonly redisPid: number;
  /** Of each. */
  readonly count: number;
}

async function time({ signal }: Site, enqueuing: Enqueuing): Promise<Enqueued> {
  const { observer, producers, redisPid, count } = enqueuing;
  const segments = count * producers.length;
  const used = meterCpu([redisPid, ...producers.map(({ pid }) => pid)]);
  const startedMs = performance.now();
  await Promise.all(producers.map((producer) => producer.ask(`flushed ${count}`)));
  while ((await countWaiting(observer)) < segments)
    await sleep(SAMPLE_INTERVAL_MS, undefined, { signal });
  const seconds = (performance.now() - startedMs) / 1_000;
  const [redisS = 0, ...producersS] = used();
  return {
    segmentsPerSecond: segments / seconds,
    producerCpuMs: (1_000 * producersS.reduce((sum, one) => sum + one, 0)) / segments,
    redisCpuMs: (1_000 * redisS) / segments,
  };
}

async function countWaiting(observer: Observer): Promise<number> {
  const counts = Object.values(await observer.queueCounts());
  return counts.reduce((sum, { waiting }) => sum + waiting, 0);
}

export const producersTable = (enqueued: number, rows: readonly EnqueueRate[]): Table => ({
  title: `Enqueuing: from flushed() of ${enqueued} segments to their jobs, each producer with its own source`,
  head: ['producers', 'segments/s', 'ms CPU a segment: producers', 'Redis'],
  rows: rows.map((row) => [
    cell(row.producers, 0),
    cell(row.segmentsPerSecond, 0),
    cell(row.producerCpuMs, 3),
    cell(row.redisCpuMs, 3),
  ]),
});
