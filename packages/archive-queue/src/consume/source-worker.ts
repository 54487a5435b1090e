/**
 * The worker of one source. It takes the source's jobs while its directory exists and has its identity, and checks that
 * from time to time. It owns the queue worker, which it replaces when the identity changes or BullMQ stops taking jobs.
 */
import { repeat, type FailureRecord, type Repetition } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { checkRedis } from '../connection/check-redis.ts';
import { queueNameOf } from '../job/archive-job.ts';
import { ArchiveQueue } from '../queue/archive-queue.ts';
import { claimQueue } from '../queue/claim-queue.ts';
import type { Pause } from '../queue/pause.ts';
import type { ConsumedSource, SharedParts } from './consumer-options.ts';
import { JobProcessor } from './job-processor.ts';
import { QueueWorker, type PauseReason } from './queue-worker.ts';
import { SourceProbe } from './source-probe.ts';
import { StuckDetector } from './stall-detection.ts';
import type { StoreBreaker } from './store-breaker.ts';

export interface SourceWorkerState {
  /** Whether this worker takes jobs of this source now. */
  readonly isTaking: boolean;
  readonly pauseReasons: readonly PauseReason[];
  /** Segments of the jobs in progress. */
  readonly active: number;
  /** Segments that wait although this worker is idle, as of the last check. */
  readonly waiting: number;
  /** Why the source is not archived. */
  readonly stopped: FailureRecord | undefined;
  /** Since when, in milliseconds since 1970. */
  readonly stoppedSince: number | undefined;
  /** How long the running check of the source has taken so far, in milliseconds; 0 between checks. */
  readonly checkMs: number;
}

export class SourceWorker {
  readonly #consumed: ConsumedSource;
  readonly #shared: SharedParts;
  readonly #logger: Logger;
  readonly #queue: ArchiveQueue;
  readonly #probe: SourceProbe;
  readonly #stuck: StuckDetector;
  readonly #jobs: JobProcessor;
  readonly #pauseReasons = new Set<PauseReason>();
  readonly breaker: StoreBreaker;
  #checks: Repetition | undefined;
  #worker: QueueWorker | undefined;
  #waiting = 0;
  #operatorPause: Pause | undefined;

  constructor(consumed: ConsumedSource, shared: SharedParts) {
    const { name } = consumed.source;
    this.#consumed = consumed;
    this.#shared = shared;
    this.#logger = shared.logger.child({ source: name });
    this.#queue = new ArchiveQueue(shared.link, queueNameOf(shared.queueName, name), {
      telemetry: shared.telemetry,
    });
    this.#probe = new SourceProbe(shared.disk, consumed, this.#logger);
    this.#stuck = new StuckDetector(shared.stuckAfterMs);
    this.#jobs = new JobProcessor(shared, consumed, this.#queue, this);
    this.breaker = shared.breakers.of(consumed.store);
  }

  get name(): string {
    return this.#consumed.source.name;
  }

  /** Why the worker is paused, except for reasons that only the queue worker knows. */
  get pauseReasons(): ReadonlySet<PauseReason> {
    return this.#pauseReasons;
  }

  start(): void {
    this.#checks ??= repeat(() => this.#check());
  }

  state(): SourceWorkerState {
    const pauseReasons = [...(this.#worker?.pauseReasons ?? this.#pauseReasons)];
    return {
      isTaking: this.#worker !== undefined && pauseReasons.length === 0,
      pauseReasons,
      active: this.#jobs.active,
      waiting: this.#waiting,
      stopped: this.#probe.stopped,
      stoppedSince: this.#probe.stoppedSince,
      checkMs: this.#checks?.roundMs ?? 0,
    };
  }

  get isQuiet(): boolean {
    return this.#worker?.isQuiet ?? true;
  }

  pause(reason: PauseReason): void {
    this.#pauseReasons.add(reason);
    this.#worker?.pause(reason);
  }

  resume(reason: PauseReason): void {
    this.#pauseReasons.delete(reason);
    this.#worker?.resume(reason);
  }

  /** Pauses or resumes as the breaker of this source's archive says. */
  followBreaker(): void {
    if (this.#worker !== undefined) this.#worker.concurrency = this.#concurrency;
    if (this.breaker.state === 'open') this.pause('store-failing');
    else this.resume('store-failing');
  }

  cancelAll(reason: string): void {
    this.#worker?.cancelAll(reason);
  }

  /** Checks the source now instead of at the next interval. */
  pollNow(): void {
    this.#checks?.hurry();
  }

  /** Stops the checks. A running check may hang and is not waited for. */
  stopChecking(): void {
    this.#checks?.stop();
  }

  async closeWorker(): Promise<void> {
    await this.#worker?.close();
  }

  async #check(): Promise<number> {
    try {
      const sourceId = await this.#probe.identify(this.#worker?.sourceId);
      await this.#claim(sourceId);
      if (this.#worker?.sourceId !== sourceId) await this.#replaceWorker(sourceId);
      this.#probe.succeeded();
      this.resume('source-unavailable');
      await this.#reviveStuck();
    } catch (error) {
      if (this.#probe.failed(error)) this.pause('source-unavailable');
      else this.#reportRefusal(error);
    }
    return this.#probe.nextAfterMs(this.#shared.sourceCheckIntervalMs);
  }

  /** The link logs outages. This logs what Redis answers while it is up, once a minute. */
  #reportRefusal(error: unknown): void {
    const { link, errors } = this.#shared;
    if (link.state !== 'refusing' || !(error instanceof Error)) return;
    errors.report(error, error.message);
  }

  /** Skipped while Redis is unavailable: no worker takes jobs then. @throws WalqError `source-name-shared` */
  async #claim(sourceId: string): Promise<void> {
    const { link } = this.#shared;
    if (!link.isReady) return;
    const { source } = this.#consumed;
    const taken = await claimQueue({ link, queueName: this.#queue.name, source, sourceId });
    if (taken !== undefined) throw taken;
  }

  /** Checks Redis first, because BullMQ prints its own warnings about an unsuitable Redis on the console. */
  async #replaceWorker(sourceId: string): Promise<void> {
    if (this.#pauseReasons.has('closing')) return;
    await checkRedis(this.#shared.link);
    await this.#worker?.close();
    if (this.#pauseReasons.has('closing')) return;
    this.#worker = new QueueWorker(this.#shared, this.#jobs, {
      queueName: this.#queue.name,
      sourceId,
      concurrency: this.#concurrency,
      pauseReasons: this.#pauseReasons,
    });
    this.#logger.info({ sourceId }, 'taking archive jobs');
  }

  async #reviveStuck(): Promise<void> {
    const worker = this.#worker;
    this.#waiting = 0;
    if (worker === undefined || this.#pauseReasons.size > 0) return;
    if (!this.#shared.link.isReady || worker.activeCount > 0) return;
    this.#waiting = await this.#waitingForWorkers();
    const waiting = this.#waiting;
    if (!this.#stuck.isStuck(waiting, worker.lastProgressMs)) return;
    this.#logger.warn({ waiting }, 'jobs are waiting and the worker takes none; replacing it');
    await this.#replaceWorker(worker.sourceId);
  }

  /** Jobs of a queue that an operator has paused are not counted. */
  async #waitingForWorkers(): Promise<number> {
    const pause = await this.#queue.pauseInForce();
    this.#logPause(pause);
    return pause === undefined ? (await this.#queue.counts()).waiting : 0;
  }

  /** Logs who paused the source when a pause begins, and one line when it ends. */
  #logPause(pause: Pause | undefined): void {
    if ((pause === undefined) === (this.#operatorPause === undefined)) return;
    this.#operatorPause = pause;
    if (pause === undefined) this.#logger.info('source resumed; taking archive jobs');
    else this.#logger.warn(pause, 'source paused by an operator; taking no archive jobs');
  }

  /** One more than the threads, so that no thread waits for Redis between two segments. */
  get #concurrency(): number {
    return this.breaker.state === 'half-open' ? 1 : this.#shared.archiver.parallelism + 1;
  }
}
