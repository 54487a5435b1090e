/**
 * One source of a consumer: takes its jobs while its directory is there and carries its identity, and
 * looks again from time to time while it is not.
 */
import type { Archiver, ArchiveStore, Disk, FailureRecord, Source } from '@walq/wal-core';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import { claimQueue } from '../claim/index.ts';
import {
  checkRedis,
  type ErrorGate,
  type RedisLink,
  type RedisPlace,
} from '../connection/index.ts';
import { repeat, type Repetition } from '../pace/index.ts';
import { ArchiveQueue, type Pause } from '../queue/index.ts';
import type { QueueTelemetry } from '../telemetry/index.ts';
import { segmentOf } from './end-job.ts';
import { InTurn } from './in-turn.ts';
import type { JobEnding, JobEvent } from './job-event.ts';
import { MissingSegments } from './missing-segments.ts';
import { QueueWorker, type HoldReason } from './queue-worker.ts';
import type { RunAlone } from './run-alone.ts';
import { runJob, type RunContext } from './run-job.ts';
import { SourceLook } from './source-look.ts';
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
  readonly telemetry: QueueTelemetry | undefined;
  readonly onEvent: (event: JobEvent) => void;
}

export interface SubscriptionState {
  /** Whether jobs of this source are taken now. */
  readonly isTaking: boolean;
  readonly holds: readonly HoldReason[];
  readonly active: number;
  /** Jobs that wait for a worker while this one does nothing; as last asked. */
  readonly waiting: number;
  /** Why the source is not worked on. */
  readonly stopped: FailureRecord | undefined;
  /** Since when, in milliseconds since 1970. */
  readonly stoppedSince: number | undefined;
  /** How long the check of the source under way has lasted, in milliseconds; 0 between two. */
  readonly checkMs: number;
}

export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #queue: ArchiveQueue;
  readonly #look: SourceLook;
  readonly #stuck: StuckDetector;
  readonly #holds = new Set<HoldReason>();
  readonly #missing = new MissingSegments();
  readonly #absentInTurn = new InTurn();
  #checks: Repetition | undefined;
  #worker: QueueWorker | undefined;
  #sourceId: string | undefined;
  #waiting = 0;
  #pause: Pause | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#queue = new ArchiveQueue(options.link, options.queueName);
    this.#look = new SourceLook(options);
    this.#stuck = new StuckDetector(options.stuckAfterMs);
  }

  get name(): string {
    return this.#options.source.name;
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
      waiting: this.#waiting,
      stopped: this.#look.stopped,
      stoppedSince: this.#look.stoppedSince,
      checkMs: this.#checks?.roundMs ?? 0,
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
      const sourceId = await this.#look.identify(this.#sourceId);
      await this.#claim(sourceId);
      await this.#subscribe(sourceId);
      this.#look.succeeded();
      this.release('source-unavailable');
      await this.#reviveStuck();
    } catch (error) {
      if (this.#look.failed(error)) this.hold('source-unavailable');
      else this.#reportRefusal(error);
    }
    return this.#look.nextAfterMs(this.#options.checkIntervalMs);
  }

  /** An outage is the link's to log; what Redis answers while it is up is told here, once a minute. */
  #reportRefusal(error: unknown): void {
    const { link, errors } = this.#options;
    if (link.state !== 'refusing' || !(error instanceof Error)) return;
    errors.report(error, error.message);
  }

  /** While Redis is away, nobody takes jobs. @throws WalqError `source-name-shared` */
  async #claim(sourceId: string): Promise<void> {
    const { link, queueName, source } = this.#options;
    const taken = link.isReady
      ? await claimQueue({ link, queueName, source, sourceId })
      : undefined;
    if (taken !== undefined) throw taken;
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
    this.#waiting = 0;
    if (worker === undefined || this.#sourceId === undefined || this.#holds.size > 0) return;
    if (!this.#options.link.isReady || worker.activeCount > 0) return;
    this.#waiting = await this.#waitingForWorkers();
    const waiting = this.#waiting;
    if (!this.#stuck.isStuck(waiting, worker.lastProgressMs)) return;
    this.#options.logger.warn({ waiting }, 'jobs wait and the worker takes none: making a new one');
    await this.#replaceWorker(this.#sourceId);
  }

  /** Jobs of a queue that an operator has paused wait for the operator. */
  async #waitingForWorkers(): Promise<number> {
    const pause = await this.#queue.pauseInForce();
    this.#logPause(pause);
    return pause === undefined ? (await this.#queue.counts()).waiting : 0;
  }

  /** Once when a pause begins and once when it ends: who reads why nothing is archived reads who did it. */
  #logPause(pause: Pause | undefined): void {
    if ((pause === undefined) === (this.#pause === undefined)) return;
    this.#pause = pause;
    if (pause === undefined) this.#options.logger.info('resumed: taking archive jobs again');
    else this.#options.logger.warn(pause, 'paused by an operator: taking no archive jobs');
  }

  #makeWorker(sourceId: string): QueueWorker {
    const { queueName, redis, workerName, lockDurationMs, telemetry, link, errors } = this.#options;
    const onError = (error: Error, what: string): void => errors.report(error, what);
    const running: RunContext = {
      ...this.#options,
      sourceId,
      worker: workerName,
      missing: this.#missing,
      absentInTurn: this.#absentInTurn,
      holds: this.#holds,
      onError,
      tell: (job, ending) => this.#tell(job, ending),
    };
    return new QueueWorker({
      queueName,
      redis,
      lockDurationMs,
      telemetry,
      name: workerName,
      holds: this.#holds,
      concurrency: this.#concurrency(),
      process: (job, token, held) => runJob(running, job, token, held),
      onConnectionError: (error) => link.noteElsewhere(error),
      onError,
    });
  }

  /** One more than the threads, so that they need not wait for Redis between two segments. */
  #concurrency(): number {
    return this.#options.breaker.state === 'trial' ? 1 : this.#options.archiver.parallelism + 1;
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
