/** Jobs that some worker processes end in a given time, once all of them are at work. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, median } from '../figures.ts';
import { meterCpu, startProgram, withChildren, type Program } from './child.ts';
import type { FixedTimeWorker, WorkDone } from './programs/fixed-time-worker.ts';
import type { ProducerProgram } from './programs/producer.ts';
import { inPlace, makeSegments, type Place, type Site } from './site.ts';
import { cell, type Table } from '../report/table.ts';

interface CountedJobs {
  readonly processes: number;
  readonly jobsPerSecond: number;
  /** Processor time for each job, in milliseconds: all workers together, the producer, Redis. */
  readonly workerCpuMs: number;
  readonly producerCpuMs: number;
  readonly redisCpuMs: number;
}

interface CountOptions {
  readonly processes: number;
  readonly jobMs: number;
  /** Of each process. */
  readonly parallelism: number;
  readonly seconds: number;
  /** More than the workers can end. */
  readonly segments: number;
}

/** What is counted is jobs, not how many segments they hold. */
const ONE_SEGMENT = { segmentsMax: 1, bytesMax: 1 };
const WARM_UP_MAX_S = 2;
const SAMPLE_INTERVAL_MS = 50;

const countJobs = (site: Site, options: CountOptions): Promise<CountedJobs> =>
  inPlace(site, async (place) => {
    const source = { name: 'bench', directory: join(place.root, 'bench') };
    await makeSegments(source.directory, { count: options.segments, bytes: 1, ...site });
    const reach = { redisUrl: place.redis.url, archive: join(place.root, 'archive'), source };
    const given: ProducerProgram = { ...reach, batch: ONE_SEGMENT };
    const producing = startProgram<unknown>('producer', given);
    return withChildren([producing], async ([producer]) => {
      if (producer === undefined) throw new Error('no producer');
      const { jobMs, parallelism } = options;
      const work: FixedTimeWorker = { ...reach, jobMs, parallelism };
      const starting = Array.from({ length: options.processes }, () =>
        startProgram<WorkDone & boolean>('fixed-time-worker', work),
      );
      return withChildren(starting, async (workers) => {
        for (const worker of workers) await untilTaking(site, worker);
        await producer.ask(`flushed ${options.segments}`);
        return count(site, place, { producer, workers, options });
      });
    });
  });

/** Before the count begins, all workers are at work for so long. */
const warmUpSeconds = (seconds: number): number => Math.min(WARM_UP_MAX_S, seconds);

async function untilTaking({ signal }: Site, worker: Program<boolean>): Promise<void> {
  while (!(await worker.ask('isTaking'))) await sleep(SAMPLE_INTERVAL_MS, undefined, { signal });
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

/** Enough for the warm-up and what comes behind the count. */
const EXTRA_SECONDS = 15;

interface WorkerScale extends CountedJobs {
  /** Of what so many times the first number of processes would do. */
  readonly efficiency: number;
}

/** How jobs a second grow with worker processes, where a job takes a fixed time. */
export async function measureWorkers(site: Site): Promise<WorkerScale[]> {
  const { workers, rounds, jobMs, seconds } = site.options;
  const runs = new Map(workers.map((processes) => [processes, [] as CountedJobs[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of inTurn(workers, round)) {
      site.say(`${processes} worker processes, round ${round + 1}`);
      const segments = Math.ceil(((seconds + EXTRA_SECONDS) * 1_000 * processes) / jobMs);
      const counted = { processes, jobMs, parallelism: 1, seconds, segments };
      runs.get(processes)?.push(await countJobs(site, counted));
    }
  }
  const counted = workers.map((processes) => medianOf(runs.get(processes) ?? []));
  return counted.map((one) => ({ ...one, efficiency: efficiencyOf(one, counted[0]) }));
}

function medianOf(runs: readonly CountedJobs[]): CountedJobs {
  const of = (key: keyof CountedJobs): number => median(runs.map((run) => run[key]));
  return {
    processes: of('processes'),
    jobsPerSecond: of('jobsPerSecond'),
    workerCpuMs: of('workerCpuMs'),
    producerCpuMs: of('producerCpuMs'),
    redisCpuMs: of('redisCpuMs'),
  };
}

function efficiencyOf(one: CountedJobs, first: CountedJobs | undefined): number {
  if (first === undefined) return Number.NaN;
  return one.jobsPerSecond / one.processes / (first.jobsPerSecond / first.processes);
}

export const workersTable = (jobMs: number, rows: readonly WorkerScale[]): Table => ({
  title: `Worker processes on jobs of ${jobMs} ms, one at a time in each`,
  head: ['processes', 'jobs/s', 'efficiency', 'ms CPU a job: workers', 'producer', 'Redis'],
  rows: rows.map((row) => [
    cell(row.processes, 0),
    cell(row.jobsPerSecond, 1),
    cell(row.efficiency, 3),
    cell(row.workerCpuMs, 3),
    cell(row.producerCpuMs, 3),
    cell(row.redisCpuMs, 3),
  ]),
});

const PROCESSES = [1, 2];
const PARALLELISM = 4;
const JOBS_A_SECOND_MAX = 5_000;
const QUEUE_EXTRA_SECONDS = 0.5;

/** What the queue carries where archiving costs nothing: how far one Redis and one processor reach. */
export async function measureQueue(site: Site): Promise<CountedJobs[]> {
  const { rounds, seconds } = site.options;
  const runs = new Map(PROCESSES.map((processes) => [processes, [] as CountedJobs[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of inTurn(PROCESSES, round)) {
      site.say(`the queue alone with ${processes} worker processes, round ${round + 1}`);
      const atWork = warmUpSeconds(seconds) + seconds + QUEUE_EXTRA_SECONDS;
      const segments = Math.ceil(atWork * JOBS_A_SECOND_MAX);
      const counted = { processes, jobMs: 0, parallelism: PARALLELISM, seconds, segments };
      runs.get(processes)?.push(await countJobs(site, counted));
    }
  }
  return PROCESSES.map((processes) => medianOf(runs.get(processes) ?? []));
}

export const queueTable = (rows: readonly CountedJobs[]): Table => ({
  title: `The queue alone: jobs of one segment that take no time, ${PARALLELISM} at once in each process`,
  head: ['processes', 'jobs/s', 'ms CPU a job: workers', 'producer', 'Redis'],
  rows: rows.map((row) => [
    cell(row.processes, 0),
    cell(row.jobsPerSecond, 0),
    cell(row.workerCpuMs, 3),
    cell(row.producerCpuMs, 3),
    cell(row.redisCpuMs, 3),
  ]),
});
