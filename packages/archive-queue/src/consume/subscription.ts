/**
 * One source of a consumer: takes its jobs while its directory is there and carries its identity, and
 * looks again from time to time while it is not.
 */
import {
  asWalqError,
  isWalqError,
  openSource,
  requireIdentity,
  WalqError,
  type Archiver,
  type ArchiveStore,
  type Disk,
  type FailureRecord,
  type Source,
} from '@walq/wal-core';
import type { Logger } from 'pino';
import type { Job } from 'bullmq';
import {
  checkRedis,
  type ErrorGate,
  type RedisLink,
  type RedisPlace,
} from '../connection/index.ts';
import { repeat, withDeadline, type Repetition } from '../pace/index.ts';
import { ArchiveQueue } from '../queue/index.ts';
import { Trouble } from '../trouble/index.ts';
import { attempt } from './attempt.ts';
import type { JobEnding, JobEvent } from './job-event.ts';
import { QueueWorker, type HeldJob, type HoldReason } from './queue-worker.ts';
import type { RunAlone } from './run-alone.ts';
import { segmentOf, settle } from './settle.ts';
import type { BreakerState, StoreBreaker } from './store-breaker.ts';
import { StuckDetector } from './stuck-detector.ts';

export interface SubscriptionOptions {
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly disk: Disk;
  readonly archiver: Archiver;
  readonly link: RedisLink;
  readonly redis: RedisPlace;
  readonly queueName: string;
  readonly workerName: string;
  readonly logger: Logger;
  readonly errors: ErrorGate;
  readonly runAlone: RunAlone;
  readonly breaker: StoreBreaker;
  readonly lockDurationMs: number;
  readonly checkIntervalMs: number;
  readonly stuckAfterMs: number;
  readonly missingMs: number;
  readonly onEvent: (event: JobEvent) => void;
}

export interface SubscriptionState {
  /** Whether jobs of this source are taken now. */
  readonly isTaking: boolean;
  readonly holds: readonly HoldReason[];
  readonly active: number;
  /** Why the source is not worked on. */
  readonly stopped: FailureRecord | undefined;
}

/** A hung mount must not be asked again while it hangs, nor be waited for. */
const LOOK_MAX_MS = 10_000;
/** Doubles with each further failure, up to the usual interval. */
const FIRST_CHECK_AGAIN_MS = 200;

export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #queue: ArchiveQueue;
  readonly #trouble: Trouble;
  readonly #stuck: StuckDetector;
  readonly #holds = new Set<HoldReason>();
  #checks: Repetition | undefined;
  #worker: QueueWorker | undefined;
  #sourceId: string | undefined;
  #looking: Promise<string> | undefined;
  /** Looks that failed since the last good one. */
  #failures = 0;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#queue = new ArchiveQueue(options.link, options.queueName);
    this.#trouble = new Trouble(options.logger);
    this.#stuck = new StuckDetector(options.stuckAfterMs);
  }

  start(): void {
    this.#checks ??= repeat(() => this.#check());
  }

  state(): SubscriptionState {
    const holds = [...(this.#worker?.holds ?? this.#holds)];
    return {
      isTaking: this.#worker !== undefined && holds.length === 0,
      holds,
      active: this.#worker?.activeCount ?? 0,
      stopped: this.#trouble.current,
    };
  }

  get isQuiet(): boolean {
    return this.#worker?.isQuiet ?? true;
  }

  get breaker(): StoreBreaker {
    return this.#options.breaker;
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
    this.#worker?.hold(reason);
  }

  isHeldFor(reason: HoldReason): boolean {
    return this.#holds.has(reason);
  }

  release(reason: HoldReason): void {
    this.#holds.delete(reason);
    this.#worker?.release(reason);
  }

  /** Follows the breaker of this source's archive. */
  follow(state: BreakerState): void {
    if (this.#worker !== undefined) this.#worker.concurrency = this.#concurrency();
    if (state === 'open') this.hold('store-failing');
    else this.release('store-failing');
  }

  cancelAll(reason: string): void {
    this.#worker?.cancelAll(reason);
  }

  /** Looks without waiting for the interval: Redis is there, and fit. */
  lookNow(): void {
    this.#checks?.hurry();
  }

  /** Stops looking; what is looked at now may hang and is not waited for. */
  stopLooking(): void {
    this.#checks?.stop();
  }

  async closeWorker(): Promise<void> {
    await this.#worker?.close();
  }

  async #check(): Promise<number> {
    try {
      await this.#subscribe(await this.#look());
      this.#failures = 0;
      this.#trouble.over();
      this.release('source-unavailable');
      await this.#reviveStuck();
    } catch (error) {
      this.#failed(error);
    }
    const soonMs = FIRST_CHECK_AGAIN_MS * 2 ** Math.min(this.#failures, 20);
    return this.#failures === 0
      ? this.#options.checkIntervalMs
      : Math.min(soonMs, this.#options.checkIntervalMs);
  }

  /** The first time is often only a producer that has not introduced a new source yet. */
  #failed(error: unknown): void {
    if (isWalqError(error, 'redis-unavailable', 'redis-evicts')) return;
    this.#failures += 1;
    this.hold('source-unavailable');
    if (this.#failures > 1) this.#trouble.report(asWalqError(error));
  }

  async #look(): Promise<string> {
    const { source } = this.#options;
    this.#looking ??= this.#identify().finally(() => {
      this.#looking = undefined;
    });
    return withDeadline(this.#looking, LOOK_MAX_MS, 'looking at the source').catch(hung(source));
  }

  /** The archive is asked once whether the source is its own; its failures are the breaker's. */
  async #identify(): Promise<string> {
    const { disk, source, store } = this.#options;
    const sourceId = await requireIdentity(disk, source);
    if (sourceId === this.#sourceId) return sourceId;
    return (await openSource({ disk, source, store, mayIntroduce: false })).sourceId;
  }

  /** A directory that carries another identity than before is another source. */
  async #subscribe(sourceId: string): Promise<void> {
    if (this.#holds.has('closing')) return;
    if (this.#sourceId !== sourceId) await this.#replaceWorker(sourceId);
  }

  /** Redis is checked before, because BullMQ says on the console what it does not like of it. */
  async #replaceWorker(sourceId: string): Promise<void> {
    await checkRedis(this.#options.link);
    await this.#worker?.close();
    if (this.#holds.has('closing')) return;
    this.#sourceId = sourceId;
    this.#worker = this.#makeWorker(sourceId);
    this.#options.logger.info({ sourceId }, 'taking archive jobs');
  }

  async #reviveStuck(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || this.#sourceId === undefined || this.#holds.size > 0) return;
    if (!this.#options.link.isReady || worker.activeCount > 0) return;
    const waiting = await this.#waitingForWorkers();
    if (!this.#stuck.isStuck(waiting, worker.lastProgressMs)) return;
    this.#options.logger.warn({ waiting }, 'jobs wait and the worker takes none: making a new one');
    await this.#replaceWorker(this.#sourceId);
  }

  /** Jobs of a queue that an operator has paused wait for the operator. */
  async #waitingForWorkers(): Promise<number> {
    return (await this.#queue.isPaused()) ? 0 : (await this.#queue.counts()).waiting;
  }

  #makeWorker(sourceId: string): QueueWorker {
    const { queueName, redis, workerName, lockDurationMs, link, errors } = this.#options;
    return new QueueWorker({
      queueName,
      redis,
      lockDurationMs,
      name: workerName,
      holds: this.#holds,
      concurrency: this.#concurrency(),
      process: (job, token, held) => this.#process(sourceId, job, token, held),
      onConnectionError: (error) => link.noteElsewhere(error),
      onError: (error, what) => errors.report(error, what),
    });
  }

  /** One more than the threads, so that they need not wait for Redis between two segments. */
  #concurrency(): number {
    return this.#options.breaker.state === 'trial' ? 1 : this.#options.archiver.parallelism + 1;
  }

  async #process(sourceId: string, job: Job, token: string, held: HeldJob) {
    const ending = await this.#attempt(sourceId, job, held);
    const { source, store, breaker, workerName: worker, missingMs, errors } = this.#options;
    const onError = (error: Error, what: string): void => errors.report(error, what);
    const context = { source, sourceId, store, breaker, worker, missingMs, onError };
    return settle(context, job, token, ending, (told) => this.#tell(job, told));
  }

  /** A worker that was held while it waited for a job may still be handed one. */
  async #attempt(sourceId: string, job: Job, held: HeldJob): Promise<JobEnding> {
    const [reason] = this.#holds;
    if (reason !== undefined) return { kind: 'given-back', failure: heldBack(reason) };
    const { source, archiver, runAlone, missingMs } = this.#options;
    return attempt(
      { source, sourceId, archiver, runAlone, missingMs },
      {
        payload: job.data,
        stalls: job.stalledCounter,
        signal: withReason(held.signal),
        assertLease: () => assertFresh(held),
        noteStartAlone: (data) => job.updateData(data),
      },
    );
  }

  #tell(job: Job, ending: JobEnding): void {
    if ('failure' in ending && ending.failure.code === 'source-unavailable') this.#checks?.hurry();
    this.#options.onEvent({
      ...ending,
      source: this.#options.source.name,
      segment: segmentOf(job),
    });
  }
}

/** BullMQ aborts with a text; the pipeline wants a failure that it can pass on. */
function withReason(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(cancelled(String(signal.reason)));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

function assertFresh(held: HeldJob): void {
  if (!held.isLeaseFresh()) throw cancelled('the lease on the job may have been lost');
}

const cancelled = (why: string): WalqError =>
  new WalqError('cancelled', { message: `given back: ${why}` });

const heldBack = (reason: HoldReason): FailureRecord => {
  const { code, message, hint } = cancelled(reason);
  return { code, message, hint };
};

const hung =
  (source: Source) =>
  (cause: unknown): never => {
    if (isWalqError(cause)) throw cause;
    throw new WalqError('source-unavailable', {
      message: `source '${source.name}' does not answer at ${source.directory}`,
      cause,
    });
  };
