/** Jobs that some worker processes end in a given time, once all of them are at work. */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { startProgram, withChildren, type Program } from './child.ts';
import { meterCpu } from './process-usage.ts';
import type { FixedTimeWorker, WorkDone } from './programs/fixed-time-worker.ts';
import type { ProducerProgram } from './programs/producer.ts';
import { makeSegments } from './segments.ts';
import { inPlace, type Place, type Site } from './site.ts';

export interface CountedJobs {
  readonly processes: number;
  readonly jobsPerSecond: number;
  /** Processor time for each job, in milliseconds: all workers together, the producer, Redis. */
  readonly workerCpuMs: number;
  readonly producerCpuMs: number;
  readonly redisCpuMs: number;
}

export interface CountOptions {
  readonly processes: number;
  readonly jobMs: number;
  /** Of each process. */
  readonly parallelism: number;
  readonly seconds: number;
  /** More than the workers can end. */
  readonly segments: number;
}

const WARM_UP_MAX_S = 2;
const LOOK_EVERY_MS = 50;

export const countJobs = (site: Site, options: CountOptions): Promise<CountedJobs> =>
  inPlace(site, async (place) => {
    const source = { name: 'bench', directory: join(place.root, 'bench') };
    await makeSegments(source.directory, { count: options.segments, bytes: 1, ...site });
    const reach = { redisUrl: place.redis.url, archive: join(place.root, 'archive'), source };
    const producing = startProgram<unknown>('producer', reach satisfies ProducerProgram);
    return withChildren([producing], async ([producer]) => {
      if (producer === undefined) throw new Error('no producer');
      const { jobMs, parallelism } = options;
      const given: FixedTimeWorker = { ...reach, jobMs, parallelism };
      const starting = Array.from({ length: options.processes }, () =>
        startProgram<WorkDone & boolean>('fixed-time-worker', given),
      );
      return withChildren(starting, async (workers) => {
        for (const worker of workers) await untilTaking(site, worker);
        await producer.ask(`flushed ${options.segments}`);
        return count(site, place, { producer, workers, options });
      });
    });
  });

/** Before the count begins, all workers are at work for so long. */
export const warmUpSeconds = (seconds: number): number => Math.min(WARM_UP_MAX_S, seconds);

async function untilTaking({ signal }: Site, worker: Program<boolean>): Promise<void> {
  while (!(await worker.ask('isTaking'))) await sleep(LOOK_EVERY_MS, undefined, { signal });
}

interface AtWork {
  readonly producer: Program<unknown>;
  readonly workers: readonly Program<WorkDone>[];
  readonly options: CountOptions;
}

async function count({ signal }: Site, { redis }: Place, at: AtWork): Promise<CountedJobs> {
  const { producer, workers, options } = at;
  await sleep(1_000 * warmUpSeconds(options.seconds), undefined, { signal });
  const used = meterCpu([producer.pid, redis.pid, ...workers.map(({ pid }) => pid)]);
  const from = performance.timeOrigin + performance.now();
  await sleep(options.seconds * 1_000, undefined, { signal });
  const until = performance.timeOrigin + performance.now();
  const [producerS = 0, redisS = 0, ...workersS] = used();
  const done = await Promise.all(workers.map((worker) => worker.ask('done')));
  refuseUnsound(done, options);
  const jobs = done
    .flatMap(({ endedAt }) => endedAt)
    .filter((at) => at >= from && at < until).length;
  const perJobMs = (seconds: number): number => (1_000 * seconds) / jobs;
  return {
    processes: options.processes,
    jobsPerSecond: (1_000 * jobs) / (until - from),
    workerCpuMs: perJobMs(workersS.reduce((sum, one) => sum + one, 0)),
    producerCpuMs: perJobMs(producerS),
    redisCpuMs: perJobMs(redisS),
  };
}

/** Jobs that were done twice, or workers that ran dry, are no figure. */
function refuseUnsound(done: readonly WorkDone[], { segments }: CountOptions): void {
  const names = done.flatMap((one) => one.segments);
  if (new Set(names).size < names.length) throw new Error('segments were archived twice');
  if (names.length >= segments) throw new Error(`${segments} segments were too few`);
}
