/** How many small segments a second one real worker archives, from `flushed()` until the last is deleted. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, median } from '../figures.ts';
import {
  meterCpu,
  startProgram,
  startRole,
  withChildren,
  type Child,
  type Program,
} from './child.ts';
import type { ProducerProgram } from './programs/producer.ts';
import { inPlace, makeSegments, writeConfig, type Site } from './site.ts';
import { cell, type Table } from './table.ts';

interface Archived {
  readonly segmentsPerSecond: number;
  readonly workerCpuMs: number;
  readonly producerCpuMs: number;
  readonly redisCpuMs: number;
}

interface TinySegments extends Archived {
  readonly bytes: number;
  readonly concurrency: number;
}

interface Kind {
  readonly bytes: number;
  readonly concurrency: number;
}

const WARM_UP_SHARE = 0.1;
const SAMPLE_INTERVAL_MS = 100;

export async function measureTiny(site: Site): Promise<TinySegments[]> {
  const { tinyBytes, concurrency: numbers, rounds } = site.options;
  const kinds = tinyBytes.flatMap((bytes) =>
    numbers.map((concurrency): Kind => ({ bytes, concurrency })),
  );
  const runs = new Map(kinds.map((kind) => [kind, [] as Archived[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of inTurn(kinds, round)) {
      site.say(`segments of ${kind.bytes} bytes, ${kind.concurrency} at once, round ${round + 1}`);
      runs.get(kind)?.push(await archive(site, kind));
    }
  }
  return kinds.map((kind) => {
    const of = (key: keyof Archived) => median((runs.get(kind) ?? []).map((run) => run[key]));
    return {
      ...kind,
      segmentsPerSecond: of('segmentsPerSecond'),
      workerCpuMs: of('workerCpuMs'),
      producerCpuMs: of('producerCpuMs'),
      redisCpuMs: of('redisCpuMs'),
    };
  });
}

const archive = (site: Site, { bytes, concurrency }: Kind): Promise<Archived> =>
  inPlace(site, async ({ root, redis }) => {
    const directory = join(root, 'bench');
    await makeSegments(directory, { count: site.options.tinySegments, bytes, ...site });
    const config = await writeConfig(root, redis.url, ['bench']);
    const given: ProducerProgram = {
      redisUrl: redis.url,
      archive: join(root, 'archive'),
      source: { name: 'bench', directory },
    };
    const producing = startProgram<unknown>('producer', given);
    return withChildren([producing], async ([producer]) => {
      const args = ['worker', '--concurrency', String(concurrency)];
      const working = startRole(args, config, /worker ready/);
      return withChildren([working], async ([worker]) => {
        if (producer === undefined || worker === undefined) throw new Error('nobody works');
        return drain(site, { directory, producer, worker, redisPid: redis.pid });
      });
    });
  });

interface Draining {
  readonly directory: string;
  readonly producer: Program<unknown>;
  readonly worker: Child;
  readonly redisPid: number;
}

async function drain(site: Site, draining: Draining): Promise<Archived> {
  const { directory, producer, worker, redisPid } = draining;
  const all = site.options.tinySegments;
  const warmUp = Math.max(1, Math.floor(all * WARM_UP_SHARE));
  await producer.ask(`flushed ${warmUp}`);
  await untilLeft(site, directory, all - warmUp);
  const used = meterCpu([worker.pid, producer.pid, redisPid]);
  const startedMs = performance.now();
  await producer.ask(`flushed ${all}`);
  await untilLeft(site, directory, 0);
  const seconds = (performance.now() - startedMs) / 1_000;
  const segments = all - warmUp;
  const [workerS = 0, producerS = 0, redisS = 0] = used();
  const perSegmentMs = (cpuSeconds: number): number => (1_000 * cpuSeconds) / segments;
  return {
    segmentsPerSecond: segments / seconds,
    workerCpuMs: perSegmentMs(workerS),
    producerCpuMs: perSegmentMs(producerS),
    redisCpuMs: perSegmentMs(redisS),
  };
}

/** Without the newest, which stays. */
async function untilLeft({ signal }: Site, directory: string, left: number): Promise<void> {
  const count = async (): Promise<number> =>
    (await readdir(directory)).filter((name) => name.endsWith('.bin')).length - 1;
  while ((await count()) > left) await sleep(SAMPLE_INTERVAL_MS, undefined, { signal });
}

export const tinyTable = (rows: readonly TinySegments[]): Table => ({
  title: 'Tiny segments through the queue, archived by one walq worker, fsynced and deleted',
  head: ['bytes', 'at once', 'segments/s', 'ms CPU a segment: worker', 'producer', 'Redis'],
  rows: rows.map((row) => [
    cell(row.bytes, 0),
    cell(row.concurrency, 0),
    cell(row.segmentsPerSecond, 0),
    cell(row.workerCpuMs, 3),
    cell(row.producerCpuMs, 3),
    cell(row.redisCpuMs, 3),
  ]),
});
