/**
 * A BullMQ worker of one queue, as the consumer needs it: it can be held for several reasons at once,
 * gives up jobs whose lease ran out, and always ends.
 */
import type { Job, Processor } from 'bullmq';
import { Worker } from '../bullmq/index.ts';
import { isConnectionError, type RedisPlace } from '../connection/index.ts';
import type { JobOutcome } from '../job/index.ts';
import { withDeadline } from '../pace/index.ts';
import type { QueueTelemetry } from '../telemetry/index.ts';
import { bullOptions } from './bull-options.ts';
import { ErrorBrake } from './error-brake.ts';
import { LeaseClock } from './lease.ts';
import { UntoldEnds } from './untold-ends.ts';

/** Why a worker takes no jobs for now. */
export type HoldReason =
  | 'closing'
  | 'store-failing'
  | 'source-unavailable'
  | 'redis-errors'
  | 'redis-unsuitable';

export interface QueueWorkerOptions {
  readonly queueName: string;
  readonly redis: RedisPlace;
  /** Stored with every job that it takes. */
  readonly name: string;
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly telemetry: QueueTelemetry | undefined;
  readonly holds: Iterable<HoldReason>;
  readonly process: (job: Job, token: string, held: HeldJob) => Promise<JobOutcome>;
  /** Errors of Redis connections: many, and all of one outage. */
  readonly onConnectionError: (error: Error) => void;
  readonly onError: (error: Error, what: string) => void;
}

export interface HeldJob {
  readonly signal: AbortSignal;
  /** False when this process may no longer act for the job, as far as its own clock tells. */
  isLeaseFresh(): boolean;
}

const LEASE_CHECKS = 20;
const CLOSE_MAX_MS = 1_000;

export class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #worker: Worker;
  readonly #lease: LeaseClock;
  readonly #brake: ErrorBrake;
  readonly #holds: Set<HoldReason>;
  readonly #leaseTimer: NodeJS.Timeout;
  readonly #active = new Set<string>();
  readonly #untold = new UntoldEnds();
  #lastProgressMs = performance.now();

  constructor(options: QueueWorkerOptions) {
    this.#options = options;
    this.#holds = new Set(options.holds);
    this.#lease = new LeaseClock(options.lockDurationMs);
    this.#brake = new ErrorBrake({
      hold: () => this.hold('redis-errors'),
      release: () => this.release('redis-errors'),
    });
    this.#worker = new Worker(options.queueName, this.#processor(), bullOptions(options));
    this.#listen();
    this.#leaseTimer = setInterval(
      () => this.#giveUpExpired(),
      options.lockDurationMs / LEASE_CHECKS,
    );
    if (this.#holds.size === 0) this.#run();
  }

  /** Jobs in work here. */
  get activeCount(): number {
    return this.#active.size;
  }

  /** When a job last began or ended here; ms of the process's clock. */
  get lastProgressMs(): number {
    return this.#lastProgressMs;
  }

  get holds(): ReadonlySet<HoldReason> {
    return this.#holds;
  }

  set concurrency(concurrency: number) {
    this.#worker.concurrency = concurrency;
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
    void this.#worker.pause(true).catch((error: Error) => this.#report(error, 'unable to pause'));
  }

  release(reason: HoldReason): void {
    if (!this.#holds.delete(reason) || this.#holds.size > 0) return;
    this.#run();
  }

  /** Asks all jobs in work to stop. */
  cancelAll(reason: string): void {
    this.#worker.cancelAllJobs(reason);
  }

  /** True when no job is in work and Redis knows of every end. */
  get isQuiet(): boolean {
    return this.#active.size === 0 && this.#untold.isEmpty;
  }

  /** Ends at once; what is still in work goes back when its lock runs out. */
  async close(): Promise<void> {
    clearInterval(this.#leaseTimer);
    this.#brake.stop();
    try {
      await withDeadline(this.#worker.close(true), CLOSE_MAX_MS, 'closing a worker');
    } catch (error) {
      this.#report(error as Error, 'a worker did not close');
    }
  }

  /** BullMQ passes the signal only to a function that declares all three parameters. */
  #processor(): Processor {
    return async (job: Job, token?: string, signal?: AbortSignal) => {
      if (job.id === undefined || token === undefined || signal === undefined) {
        throw new Error('BullMQ gave a job without id, token or signal');
      }
      return this.#process(job, job.id, token, signal);
    };
  }

  async #process(job: Job, id: string, token: string, signal: AbortSignal): Promise<JobOutcome> {
    this.#lease.take(id, Date.now() - (job.processedOn ?? Date.now()));
    this.#active.add(id);
    this.#lastProgressMs = performance.now();
    try {
      const isLeaseFresh = (): boolean => this.#lease.isFresh(id);
      const outcome = await this.#options.process(job, token, { signal, isLeaseFresh });
      this.#untold.ended(id);
      return outcome;
    } catch (error) {
      if (endsWithEvent(error)) this.#untold.ended(id);
      throw error;
    } finally {
      this.#lease.release(id);
      this.#active.delete(id);
    }
  }

  #listen(): void {
    this.#worker.on('locksRenewed', ({ jobIds }) => this.#lease.renew(jobIds));
    this.#worker.on('completed', (job) => this.#told(job.id));
    this.#worker.on('failed', (job) => this.#told(job?.id));
    this.#worker.on('error', (error) => this.#failed(error));
  }

  #told(id: string | undefined): void {
    if (id !== undefined) this.#untold.told(id);
    this.#lastProgressMs = performance.now();
  }

  #failed(error: Error): void {
    if (isConnectionError(error)) {
      this.#options.onConnectionError(error);
      return;
    }
    const braked = this.#brake.count(error);
    this.#report(error, braked ? 'Redis refuses jobs: pausing' : 'the queue failed');
  }

  #giveUpExpired(): void {
    for (const id of this.#lease.expired()) this.#worker.cancelJob(id, 'lease lost');
    this.#untold.forgetOld();
  }

  #run(): void {
    const running = this.#worker.isPaused() ? this.#worker.resume() : this.#worker.run();
    running.catch((error: Error) => this.#report(error, 'a worker ended'));
  }

  #report(error: Error, what: string): void {
    this.#options.onError(error, what);
  }
}

/** A job that was given back or postponed has ended in Redis already, without an event. */
const endsWithEvent = (error: unknown): boolean =>
  !(error instanceof Error && ['WaitingError', 'DelayedError'].includes(error.name));
