/** What the queue carries where archiving costs nothing: how far one Redis and one processor reach. */
import { countJobs, warmUpSeconds, type CountedJobs } from './count-jobs.ts';
import { inTurn } from './in-turn.ts';
import type { Site } from './site.ts';
import { cell, type Table } from './table.ts';
import { medianOf } from './worker-processes.ts';

const PROCESSES = [1, 2];
const PARALLELISM = 4;
const JOBS_A_SECOND_MAX = 5_000;
const SECONDS_BESIDES = 0.5;

export async function measureQueue(site: Site): Promise<CountedJobs[]> {
  const { rounds, seconds } = site.options;
  const runs = new Map(PROCESSES.map((processes) => [processes, [] as CountedJobs[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of inTurn(PROCESSES, round)) {
      site.say(`the queue alone with ${processes} worker processes, round ${round + 1}`);
      const atWork = warmUpSeconds(seconds) + seconds + SECONDS_BESIDES;
      const segments = Math.ceil(atWork * JOBS_A_SECOND_MAX);
      const counted = { processes, jobMs: 0, parallelism: PARALLELISM, seconds, segments };
      runs.get(processes)?.push(await countJobs(site, counted));
    }
  }
  return PROCESSES.map((processes) => medianOf(runs.get(processes) ?? []));
}

export const queueTable = (rows: readonly CountedJobs[]): Table => ({
  title: `The queue alone: jobs that take no time, ${PARALLELISM} at once in each process`,
  head: ['processes', 'jobs/s', 'ms CPU a job: workers', 'producer', 'Redis'],
  rows: rows.map((row) => [
    cell(row.processes, 0),
    cell(row.jobsPerSecond, 0),
    cell(row.workerCpuMs, 3),
    cell(row.producerCpuMs, 3),
    cell(row.redisCpuMs, 3),
  ]),
});
