/**
 * A BullMQ worker for one identity of a source directory. Several reasons can pause it at the same time; it cancels jobs
 * whose lease has expired, and closing it always ends.
 */
import type { Lease } from '@walq/wal-core/internal';
import type { Job } from 'bullmq';
import { ErrorCode, Worker } from '../bullmq.ts';
import { isConnectionError } from '../connection/redis-errors.ts';
import type { JobResult } from '../job/job-ending.ts';
import { withDeadline } from '../deadline.ts';
import type { SharedParts } from './consumer-options.ts';
import { ErrorThrottle } from './error-throttle.ts';
import type { JobProcessor } from './job-processor.ts';
import { LeaseClock } from './lease.ts';
import { bullWorkerOptions } from './worker-options.ts';

/** Why a worker is paused. */
export type PauseReason =
  | 'closing'
  | 'store-failing'
  | 'source-unavailable'
  | 'redis-errors'
  | 'redis-unsuitable';

export interface QueueWorkerStart {
  readonly queueName: string;
  /** The identity in the source's directory. */
  readonly sourceId: string;
  readonly concurrency: number;
  readonly pauseReasons: Iterable<PauseReason>;
}

/** A job that BullMQ handed to this process. */
export interface LeasedJob {
  readonly sourceId: string;
  /** Proves to BullMQ that this worker holds the job's lock. */
  readonly token: string;
  readonly signal: AbortSignal;
  /** Aborted when the worker pauses: what was begun is finished, the rest returns to the queue. */
  readonly finish: AbortSignal;
  /** Ends before the lock on the job may have expired, by this process's own clock. */
  readonly lease: Lease;
}

/** While Redis refuses writes, a batch continues: it could not return the rest to the queue. */
const endsBatches: ReadonlySet<PauseReason> = new Set([
  'closing',
  'store-failing',
  'source-unavailable',
]);

const LEASE_CHECKS = 20;
const CLOSE_MAX_MS = 1_000;
/** BullMQ emits no event if Redis did not record the end of a job, so the wait for that event is bounded. */
const UNCONFIRMED_MAX_MS = 30_000;

export class QueueWorker {
  readonly sourceId: string;
  readonly #shared: SharedParts;
  readonly #jobs: JobProcessor;
  readonly #worker: Worker;
  readonly #lease: LeaseClock;
  readonly #throttle: ErrorThrottle;
  readonly #pauseReasons: Set<PauseReason>;
  readonly #leaseTimer: NodeJS.Timeout;
  readonly #active = new Set<string>();
  /** Of the jobs in progress. */
  #finishing = new AbortController();
  /** Jobs that ended here and that BullMQ has not yet confirmed as recorded in Redis, with the time of their end. */
  readonly #unconfirmed = new Map<string, number>();
  #lastProgressMs = performance.now();

  constructor(shared: SharedParts, jobs: JobProcessor, start: QueueWorkerStart) {
    const { redis, lockDurationMs, telemetry, id: name } = shared;
    this.#shared = shared;
    this.#jobs = jobs;
    this.sourceId = start.sourceId;
    this.#pauseReasons = new Set(start.pauseReasons);
    this.#lease = new LeaseClock(lockDurationMs);
    this.#throttle = new ErrorThrottle(
      () => this.pause('redis-errors'),
      () => this.resume('redis-errors'),
    );
    this.#worker = new Worker(start.queueName, this.#process.bind(this), {
      ...bullWorkerOptions(redis, lockDurationMs),
      name,
      concurrency: start.concurrency,
      ...(telemetry && { telemetry: telemetry.bull }),
    });
    this.#listen();
    this.#leaseTimer = setInterval(() => this.#giveUpExpired(), lockDurationMs / LEASE_CHECKS);
    if (this.#pauseReasons.size === 0) this.#run();
  }

  /** Jobs in progress in this process. */
  get activeCount(): number {
    return this.#active.size;
  }

  /** When a job last started or ended here, by `performance.now()`. */
  get lastProgressMs(): number {
    return this.#lastProgressMs;
  }

  get pauseReasons(): ReadonlySet<PauseReason> {
    return this.#pauseReasons;
  }

  set concurrency(concurrency: number) {
    this.#worker.concurrency = concurrency;
  }

  /** Takes no more jobs, and for most reasons no more segments of the batches in progress. */
  pause(reason: PauseReason): void {
    this.#pauseReasons.add(reason);
    if (endsBatches.has(reason)) {
      this.#finishing.abort();
      this.#finishing = new AbortController();
    }
    void this.#worker.pause(true).catch((error: Error) => this.#report(error, 'could not pause'));
  }

  resume(reason: PauseReason): void {
    if (!this.#pauseReasons.delete(reason) || this.#pauseReasons.size > 0) return;
    this.#run();
  }

  /** Asks all jobs in progress to stop. */
  cancelAll(reason: string): void {
    this.#worker.cancelAllJobs(reason);
  }

  /** True when no job is in progress and Redis has recorded every end. */
  get isQuiet(): boolean {
    return this.#active.size === 0 && this.#unconfirmed.size === 0;
  }

  /** Does not wait for jobs: one still in progress returns to the queue when its lock expires. */
  async close(): Promise<void> {
    clearInterval(this.#leaseTimer);
    this.#throttle.stop();
    try {
      await withDeadline(this.#worker.close(true), CLOSE_MAX_MS, 'closing a worker');
    } catch (error) {
      this.#report(error as Error, 'could not close a queue worker in time');
    }
  }

  /** BullMQ's callback. It passes the signal only to a function that declares all three parameters. */
  async #process(job: Job, token?: string, signal?: AbortSignal): Promise<JobResult> {
    const { id } = job;
    if (id === undefined || token === undefined || signal === undefined) {
      throw new Error('BullMQ passed a job without id, token or signal');
    }
    const lease = this.#lease.take(id, Date.now() - (job.processedOn ?? Date.now()));
    this.#active.add(id);
    this.#lastProgressMs = performance.now();
    try {
      const { sourceId } = this;
      const finish = this.#finishing.signal;
      const leased = { sourceId, token, signal, finish, lease };
      const result = await this.#jobs.process(job, leased);
      this.#unconfirmed.set(id, performance.now());
      return result;
    } catch (error) {
      if (endsWithEvent(error)) this.#unconfirmed.set(id, performance.now());
      throw error;
    } finally {
      this.#lease.release(id, lease);
      this.#active.delete(id);
    }
  }

  #listen(): void {
    this.#worker.on('locksRenewed', ({ jobIds }) => this.#lease.renew(jobIds));
    this.#worker.on('completed', (job) => this.#confirmed(job.id));
    this.#worker.on('failed', (job) => this.#confirmed(job?.id));
    this.#worker.on('error', (error) => this.#failed(error));
  }

  #confirmed(id: string | undefined): void {
    if (id !== undefined) this.#unconfirmed.delete(id);
    this.#lastProgressMs = performance.now();
  }

  /** The many connection errors all belong to one outage, which the link logs. */
  #failed(error: Error): void {
    if (isConnectionError(error)) {
      this.#shared.link.noteElsewhere(error);
      return;
    }
    if (isJobLost(error)) {
      this.#shared.logger.debug(
        { err: error },
        'a job ended that is no longer in Redis, or that another worker has taken over',
      );
      return;
    }
    const isThrottled = this.#throttle.count(error);
    const what = isThrottled ? 'Redis rejects commands; pausing' : 'a call to the queue failed';
    this.#report(error, what);
  }

  #giveUpExpired(): void {
    for (const id of this.#lease.expired()) this.#worker.cancelJob(id, 'lease lost');
    const oldest = performance.now() - UNCONFIRMED_MAX_MS;
    for (const [id, endedMs] of this.#unconfirmed) {
      if (endedMs < oldest) this.#unconfirmed.delete(id);
    }
  }

  #run(): void {
    const running = this.#worker.isPaused() ? this.#worker.resume() : this.#worker.run();
    running.catch((error: Error) => this.#report(error, 'a queue worker stopped unexpectedly'));
  }

  #report(error: Error, what: string): void {
    this.#shared.errors.report(error, what);
  }
}

const jobLostCodes: readonly unknown[] = [
  ErrorCode.JobNotExist,
  ErrorCode.JobLockNotExist,
  ErrorCode.JobLockMismatch,
];

/**
 * True if a job that ends here is gone from Redis or locked by another worker, as after an outage that lost Redis's data
 * or outlasted the lock. Nothing is left to do: the segment is enqueued again if it is still due.
 */
const isJobLost = (error: Error): boolean => 'code' in error && jobLostCodes.includes(error.code);

/** A job that was returned to the queue or postponed has ended in Redis already, without an event. */
const endsWithEvent = (error: unknown): boolean =>
  !(error instanceof Error && ['WaitingError', 'DelayedError'].includes(error.name));
