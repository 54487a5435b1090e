/** How jobs a second grow with worker processes, where a job takes a fixed time. */
import { median } from '../figures.ts';
import { countJobs, type CountedJobs } from './count-jobs.ts';
import { inTurn } from './in-turn.ts';
import type { Site } from './site.ts';
import { cell, type Table } from './table.ts';

/** Enough for the warm-up and what comes behind the count. */
const SECONDS_BESIDES = 15;

export interface WorkerScale extends CountedJobs {
  /** Of what so many times the first number of processes would do. */
  readonly efficiency: number;
}

export async function measureWorkers(site: Site): Promise<WorkerScale[]> {
  const { workers, rounds, jobMs, seconds } = site.options;
  const runs = new Map(workers.map((processes) => [processes, [] as CountedJobs[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of inTurn(workers, round)) {
      site.say(`${processes} worker processes, round ${round + 1}`);
      const segments = Math.ceil(((seconds + SECONDS_BESIDES) * 1_000 * processes) / jobMs);
      const counted = { processes, jobMs, parallelism: 1, seconds, segments };
      runs.get(processes)?.push(await countJobs(site, counted));
    }
  }
  const counted = workers.map((processes) => medianOf(runs.get(processes) ?? []));
  return counted.map((one) => ({ ...one, efficiency: efficiencyOf(one, counted[0]) }));
}

export function medianOf(runs: readonly CountedJobs[]): CountedJobs {
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
