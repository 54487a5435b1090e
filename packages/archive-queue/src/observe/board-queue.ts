/** A queue for the queue board, which reads whole jobs: limits how many it gets, and leaves out those too large. */
import { Queue, type Job } from '../bullmq.ts';
import type { RedisLink } from '../connection/redis-link.ts';

/** Per state; the board shows them in pages. */
const JOBS_MAX = 50;
const LOG_LINES_MAX = 100;
/** A job of 64 segments has about 6 KiB; only one of very many and very long names has more than this. */
const JOB_BYTES_MAX = 128 * 1024;

/** Runs in Redis, so that a job that is too large is never sent. */
const SIZE = `
if redis.call('HLEN', KEYS[1]) > 100 then return tonumber(ARGV[1]) + 1 end
local bytes = 0
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  bytes = bytes + #field + redis.call('HSTRLEN', KEYS[1], field)
end
return bytes`;

export class BoardQueue extends Queue {
  readonly #link: RedisLink;

  constructor(link: RedisLink, name: string) {
    super(name, { connection: link.connection, skipMetasUpdate: true, skipVersionCheck: true });
    this.#link = link;
    this.on('error', (error) => link.noteElsewhere(error));
  }

  override async getJob(id: string): Promise<Job | undefined> {
    const { connection } = this.#link;
    const bytes = await connection.eval(SIZE, 1, this.toKey(id), JOB_BYTES_MAX);
    return Number(bytes) > JOB_BYTES_MAX ? undefined : super.getJob(id);
  }

  override async getJobs(
    types?: Parameters<Queue['getJobs']>[0],
    start = 0,
    end = -1,
    asc = false,
  ): Promise<Job[]> {
    const last = end < start ? Infinity : end;
    const states = Array.isArray(types) ? types : [types ?? 'waiting'];
    const ids = await this.getRanges(states, start, Math.min(last, start + JOBS_MAX - 1), asc);
    const jobs = await Promise.all([...new Set(ids)].map((id) => this.getJob(id)));
    return jobs.filter((job) => job !== undefined);
  }

  override getJobLogs(id: string): Promise<{ logs: string[]; count: number }> {
    return super.getJobLogs(id, 0, LOG_LINES_MAX - 1);
  }

  /** walq uses no job schedulers. */
  override async getJobSchedulers(): Promise<[]> {
    return [];
  }
}
