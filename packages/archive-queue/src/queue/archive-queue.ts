/** The BullMQ queue of one source, asked over a link: every call ends within the link's deadline. */
import { ErrorCode, Job, Queue } from '../bullmq.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import { JOB_NAME, jobIdOf, type ArchiveJob } from '../job/archive-job.ts';
import { readCompleted, type CompletedJob } from './completed-jobs.ts';
import { parsePause, PAUSE_CHARS_MAX, pauseKey, type Pause } from './pause.ts';
import type { QueueTelemetry } from './queue-telemetry.ts';

/** States a job can be in, as BullMQ names them; `unknown` when there is no such job. */
export type JobState = Awaited<ReturnType<Queue['getJobState']>>;

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  /** Backing off after a failure. */
  readonly delayed: number;
  readonly failed: number;
}

/** Named in every job; the workers' own backoff strategy decides. */
export const BACKOFF_TYPE = 'walq';

/** Retryable failures are tried for ever. */
const ATTEMPTS_MAX = 1_000_000_000;
const EVENTS_KEPT = 1_000;
/** The rest of them are found the next time. */
const PROMOTED_AT_ONCE_MAX = 1_000;
/** BullMQ sorts jobs that rest by the millisecond in which they are due, with twelve bits of order below. */
const SCORES_A_MS = 0x1000;

export interface ArchiveQueueOptions {
  /**
   * For a Redis that nobody has checked: BullMQ then does not warn of it on the console, and takes it for
   * an old one, where asking for a job's state costs more. @default false
   */
  readonly skipVersionCheck?: boolean;
  /** Traces each segment from here on. @default none */
  readonly telemetry?: QueueTelemetry | undefined;
}

export class ArchiveQueue {
  readonly name: string;
  readonly #options: ArchiveQueueOptions;
  readonly #link: RedisLink;
  #queue: Queue | undefined;

  constructor(link: RedisLink, name: string, options: ArchiveQueueOptions = {}) {
    this.#options = options;
    this.#link = link;
    this.name = name;
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#call('count the jobs', (queue) =>
      queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
    );
    const of = (state: string): number => counts[state] ?? 0;
    return {
      waiting: of('waiting') + of('prioritized'),
      active: of('active'),
      delayed: of('delayed'),
      failed: of('failed'),
    };
  }

  /** What is known of the pause in force; undefined while it is not paused. */
  async pauseInForce(): Promise<Pause | undefined> {
    return this.#call('read the pause', async (queue) => {
      if (!(await queue.isPaused())) return undefined;
      const key = pauseKey(this.name);
      return parsePause(await this.#link.connection.getrange(key, 0, PAUSE_CHARS_MAX));
    });
  }

  /** Workers take no more of its jobs, also those that start later. `pause` tells the others who did it. */
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

  /** Has a segment tried now that backs off after a failure; false when it does not back off. */
  async retry(segmentName: string): Promise<boolean> {
    return this.#call('retry a job', (queue) => promote(queue, jobIdOf(segmentName)));
  }

  /** As `retry`, for all that back off; gives their number. */
  async retryAll(): Promise<number> {
    return this.#call('retry all jobs', async (queue) => {
      const waiting = await queue.getDelayedCount();
      await queue.promoteJobs();
      return waiting;
    });
  }

  /**
   * As `retry`, for those that are due already and those that are due later than `longestMs` from now. BullMQ
   * stamps a job with the clock of the host where it failed and takes it by the clock of the host that looks,
   * so now is what Redis says: the one clock that all have in common.
   */
  async retryMistimed(longestMs: number): Promise<void> {
    await this.#call('look for jobs that rest too long', async (queue) => {
      const [seconds] = await this.#link.connection.time();
      const nowMs = Number(seconds) * 1_000;
      const due = await this.#dueBetween(queue, 0, nowMs);
      const far = await this.#dueBetween(queue, nowMs + longestMs, Infinity);
      await Promise.all([...due, ...far].map((id) => promote(queue, id)));
    });
  }

  /** The last jobs that were completed, newest first. */
  async completed(countMax: number): Promise<CompletedJob[]> {
    return this.#call('read finished jobs', (queue) =>
      readCompleted(this.#link.connection, (key) => queue.toKey(key), countMax),
    );
  }

  /** The states of the jobs of these segments, in the same order. */
  async statesOf(segmentNames: readonly string[]): Promise<JobState[]> {
    return this.#call('ask for the states of jobs', (queue) =>
      Promise.all(segmentNames.map((name) => queue.getJobState(jobIdOf(name)))),
    );
  }

  /** Adds jobs; ones whose id is there already stay as they are. A failure may have added some. */
  async add(jobs: readonly ArchiveJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { telemetry } = this.#options;
    if (telemetry === undefined) return this.#addBulk(jobs.map((job) => toBulkJob(job)));
    const traces = jobs.map((job) => telemetry.enqueuing(this.name, job));
    const bulk = jobs.map((job, index) => toBulkJob(job, traces[index]?.metadata));
    try {
      await this.#addBulk(bulk);
      for (const trace of traces) trace.end();
    } catch (error) {
      for (const trace of traces) trace.end(error);
      throw error;
    }
  }

  /** Removes the jobs of these segments, save those that a worker holds. */
  async remove(segmentNames: readonly string[]): Promise<void> {
    await this.#call('remove jobs', (queue) =>
      Promise.all(segmentNames.map((name) => queue.remove(jobIdOf(name)))),
    );
  }

  /** Removes the queue with all its jobs, whatever state they are in. */
  async destroy(): Promise<void> {
    await this.#call('remove the queue', async (queue) => {
      await queue.obliterate({ force: true });
      await this.#link.connection.del(pauseKey(this.name));
    });
  }

  async #addBulk(bulk: readonly BulkJob[]): Promise<void> {
    await this.#link.write(`add jobs of ${this.name}`, async () =>
      (await this.#open()).addBulk([...bulk]),
    );
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

  /** A BullMQ queue whose first contact with Redis fails stays broken for ever, so it is made anew. */
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

/** False when it does not rest, or not any more: a worker may have taken it meanwhile. */
async function promote(queue: Queue, id: string): Promise<boolean> {
  try {
    // Not read before: what it says may be of any length.
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

type BulkJob = ReturnType<typeof toBulkJob>;

const toBulkJob = (data: ArchiveJob, trace?: string) => ({
  name: JOB_NAME,
  data,
  opts: {
    jobId: jobIdOf(data.segment),
    timestamp: data.sealedAt,
    attempts: ATTEMPTS_MAX,
    backoff: { type: BACKOFF_TYPE },
    stackTraceLimit: 1,
    ...(trace === undefined ? {} : { telemetry: { metadata: trace } }),
  },
});
