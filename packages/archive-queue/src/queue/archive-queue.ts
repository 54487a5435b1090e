/** The BullMQ queue of one source. Every call goes through a link and ends within its deadline. */
import type { JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { ErrorCode, Job, Queue } from '../bullmq.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import { batchIdOf, JOB_NAME, jobIdOf, type ArchiveJob } from '../job/archive-job.ts';
import { pauseKey, type Pause } from './pause.ts';
import { QueueReader } from './queue-reader.ts';
import type { QueueTelemetry } from './queue-telemetry.ts';

/** The backoff type in every job: the workers' own strategy decides. */
export const BACKOFF_TYPE = 'walq';

/** Retryable failures are retried for ever. */
const ATTEMPTS_MAX = 1_000_000_000;
const EVENTS_KEPT = 1_000;
/** The remaining ones are promoted at the next reconciliation. */
const PROMOTED_AT_ONCE_MAX = 1_000;
const UPDATE_LOCKED = `-- update a locked job
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('HSET', KEYS[1], 'data', ARGV[2])
end`;
/** BullMQ sorts delayed jobs by their due time in milliseconds, followed by twelve bits that keep their order. */
const SCORES_A_MS = 0x1000;

export interface ArchiveQueueOptions {
  /**
   * For a Redis that was not checked before: BullMQ then prints no warning about it on the console, and assumes an old
   * version, for which reading a job's state is slower. @default false
   */
  readonly skipVersionCheck?: boolean;
  /** Traces each job that is enqueued. @default no traces */
  readonly telemetry?: QueueTelemetry | undefined;
}

export class ArchiveQueue extends QueueReader {
  readonly #options: ArchiveQueueOptions;
  readonly #link: RedisLink;
  #queue: Queue | undefined;

  constructor(link: RedisLink, name: string, options: ArchiveQueueOptions = {}) {
    super(link, name);
    this.#options = options;
    this.#link = link;
  }

  /** Workers, including those that start later, take no more jobs of this queue. `pause` records who paused it. */
  async pause(pause: Pause): Promise<void> {
    await this.#call('pause', async (queue) => {
      await this.#link.connection.set(pauseKey(this.name), JSON.stringify(pause));
      await queue.pause();
    });
  }

  async resume(): Promise<void> {
    await this.#call('resume', async (queue) => {
      await queue.resume();
      await this.#link.connection.del(pauseKey(this.name));
    });
  }

  /** Retries now a segment that is delayed after a failure; false if it is not delayed. */
  async retry(segmentName: string): Promise<boolean> {
    return this.#call('retry a job', (queue) => promote(queue, jobIdOf(segmentName)));
  }

  /** As `retry`, for all delayed segments; returns their number. */
  async retryAll(): Promise<number> {
    return this.#call('retry all jobs', async (queue) => {
      const waiting = await queue.getDelayedCount();
      await queue.promoteJobs();
      return waiting;
    });
  }

  /**
   * As `retry`, for delayed jobs that are overdue and for those due later than `longestMs` from now. BullMQ sets a due
   * time by the clock of the host where the job failed and compares it with the clock of the polling host; this uses the
   * clock of Redis, which all hosts share.
   */
  async retryMistimed(longestMs: number): Promise<void> {
    await this.#call('promote overdue jobs', async (queue) => {
      const [seconds] = await this.#link.connection.time();
      const nowMs = Number(seconds) * 1_000;
      const due = await this.#dueBetween(queue, 0, nowMs);
      const far = await this.#dueBetween(queue, nowMs + longestMs, Infinity);
      await Promise.all([...due, ...far].map((id) => promote(queue, id)));
    });
  }

  /** Adds jobs; BullMQ ignores those whose id it has already. If it fails, some may have been added. */
  async add(jobs: readonly ArchiveJob[]): Promise<void> {
    await this.#add(jobs.map((job) => toBulkJob(job)));
  }

  /** As `add`, at the head of the queue: the first job is the next one to be taken. */
  async addAtHead(jobs: readonly ArchiveJob[]): Promise<void> {
    await this.#add(jobs.map((job) => toBulkJob(job, { lifo: true })).toReversed());
  }

  /** As `add`, each with a delay in milliseconds. */
  async addDelayed(jobs: readonly (readonly [job: ArchiveJob, delayMs: number])[]): Promise<void> {
    // BullMQ counts the delay from the timestamp.
    const timestamp = Date.now();
    await this.#add(jobs.map(([job, delay]) => toBulkJob(job, { delay, timestamp })));
  }

  /** Replaces the payload of a job, if the worker that took it with this token still has its lock. */
  async updateLocked(jobId: string, token: string, data: ArchiveJob): Promise<void> {
    const key = this.toKey(jobId);
    await this.#link.write(`update a job of ${this.name}`, (client) =>
      updateLockedJob(client, key, token, data),
    );
  }

  /** Removes the queue with all its jobs, in whatever state. */
  async destroy(): Promise<void> {
    await this.#call('remove the queue', async (queue) => {
      await queue.obliterate({ force: true });
      await this.#link.connection.del(pauseKey(this.name));
    });
  }

  async #add(jobs: readonly BulkJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { telemetry } = this.#options;
    const traces = telemetry && jobs.map(({ data }) => telemetry.enqueuing(this.name, data));
    const traced = (job: BulkJob, index: number): BulkJob =>
      traces === undefined ? job : withTrace(job, traces[index]?.metadata);
    try {
      await this.#addBulk(jobs.map(traced));
      for (const trace of traces ?? []) trace.end();
    } catch (error) {
      for (const trace of traces ?? []) trace.end(error);
      throw error;
    }
  }

  /**
   * BullMQ ignores a new job whose id it still keeps: where that job has ended, it is removed, and the new one added again.
   * All goes over one connection, so that the states are those from before.
   */
  async #addBulk(jobs: readonly BulkJob[]): Promise<void> {
    await this.#link.write(`add jobs of ${this.name}`, async () => {
      const queue = await this.#open();
      const before = jobs.map(({ opts }) => queue.getJobState(opts.jobId));
      const [, ...states] = await Promise.all([queue.addBulk([...jobs]), ...before]);
      const ended = jobs.filter((_, index) => isEnded(states[index]));
      if (ended.length === 0) return;
      await Promise.all(ended.map(({ opts }) => queue.remove(opts.jobId)));
      await queue.addBulk(ended);
    });
  }

  async #dueBetween(queue: Queue, fromMs: number, untilMs: number): Promise<string[]> {
    const until = Number.isFinite(untilMs) ? untilMs * SCORES_A_MS : '+inf';
    const page = ['LIMIT', 0, PROMOTED_AT_ONCE_MAX] as const;
    const key = queue.toKey('delayed');
    return this.#link.connection.zrangebyscore(key, fromMs * SCORES_A_MS, until, ...page);
  }

  #call<T>(what: string, work: (queue: Queue) => Promise<T>): Promise<T> {
    return this.#link.call(`${what} of ${this.name}`, async () => work(await this.#open()));
  }

  /** A BullMQ queue whose first connection to Redis fails never recovers, so it is replaced. */
  async #open(): Promise<Queue> {
    const queue = (this.#queue ??= this.#make());
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      if (this.#queue === queue) this.#queue = undefined;
      throw error;
    }
  }

  #make(): Queue {
    const { telemetry, ...options } = this.#options;
    const queue = new Queue(this.name, {
      ...options,
      ...(telemetry === undefined ? {} : { telemetry: telemetry.bull }),
      connection: this.#link.connection,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    queue.on('error', (error) => this.#link.noteElsewhere(error));
    return queue;
  }
}

/** False if the job is not delayed; a worker may just have taken it. */
async function promote(queue: Queue, id: string): Promise<boolean> {
  try {
    // The job is not read first: its payload may be of any length.
    await new Job(queue, JOB_NAME, undefined, {}, id).promote();
    return true;
  } catch (error) {
    if (isNotDelayed(error)) return false;
    throw error;
  }
}

const isNotDelayed = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === ErrorCode.JobNotInState || error.code === ErrorCode.JobNotExist);

const isEnded = (state: string | undefined): boolean => state === 'completed' || state === 'failed';

type BulkJob = ReturnType<typeof toBulkJob>;

const toBulkJob = (data: ArchiveJob, options: JobsOptions = {}) => ({
  name: JOB_NAME,
  data,
  opts: {
    jobId: batchIdOf(data.segments),
    timestamp: Math.min(...data.segments.map(({ sealedAt }) => sealedAt)),
    attempts: ATTEMPTS_MAX,
    backoff: { type: BACKOFF_TYPE },
    stackTraceLimit: 1,
    ...options,
  },
});

const withTrace = (job: BulkJob, metadata: string | undefined): BulkJob =>
  metadata === undefined ? job : { ...job, opts: { ...job.opts, telemetry: { metadata } } };

/** Unlike BullMQ's own command, it changes no job that another worker has taken over, or that has ended. */
export async function updateLockedJob(
  client: Redis,
  key: string,
  token: string,
  data: object,
): Promise<void> {
  await client.eval(UPDATE_LOCKED, 2, key, `${key}:lock`, token, JSON.stringify(data));
}
