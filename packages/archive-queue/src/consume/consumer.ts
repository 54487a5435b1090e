/** The worker side: takes and runs the archive jobs of the sources that this host can read. */
import { nodeDisk, processName, type SegmentInWork } from '@walq/wal-core/internal';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkRedis } from '../connection/check-redis.ts';
import { ErrorGate } from '../log-throttle.ts';
import { isUnsuitable } from '../connection/redis-errors.ts';
import { RedisLink } from '../connection/redis-link.ts';
import type { JobEvent } from '../job/job-ending.ts';
import { announce, type Announcement } from '../observe/announcement.ts';
import {
  workerRecordSchema,
  type FailedSegments,
  type WorkerRecord,
} from '../observe/role-records.ts';
import { RoleRegistry } from '../observe/role-registry.ts';
import { CONSUMER_DEFAULTS, type ConsumerOptions, type SharedParts } from './consumer-options.ts';
import { workerRecordOf, type ConsumerState, type WorkerIdentity } from './consumer-state.ts';
import { RecentFailures } from './recent-failures.ts';
import { SourceWorker } from './source-worker.ts';
import { HangWatch, ProgressWatch } from './stall-detection.ts';
import { Breakers } from './store-breaker.ts';
import { SuspectLock } from './suspect-lock.ts';

export interface Consumer {
  /** Name of this worker in the registry, in BullMQ and in quarantine records. */
  readonly id: string;
  /**
   * Starts taking jobs. Resolves even if Redis is down; the consumer then starts once Redis is reachable.
   *
   * @throws WalqError `redis-evicts`, `redis-unsuitable`
   */
  start(): Promise<void>;
  state(): ConsumerState;
  /** The latest failures of segments, one entry per source and cause, newest first. */
  failures(): readonly FailedSegments[];
  /**
   * Takes no more jobs, waits up to `graceMs` milliseconds for those in progress, returns the rest to the queue and
   * closes. Takes at most about 4 s longer than `graceMs`, whether Redis answers or not.
   *
   * `graceMs`: @default 1000
   */
  close(options?: { graceMs?: number }): Promise<void>;
}

const GRACE_MS = 1_000;
const FIRST_CONNECTION_MAX_MS = 2_000;
/** For returning jobs to the queue: a pipeline stops between two chunks, and then Redis has to be updated. */
const RETURN_MS = 2_000;
const QUIET_POLL_MS = 10;

export function createConsumer(options: ConsumerOptions): Consumer {
  return new QueueConsumer(options);
}

class QueueConsumer implements Consumer {
  readonly id: string;
  readonly #shared: SharedParts;
  readonly #identity: WorkerIdentity;
  readonly #failures = new RecentFailures();
  readonly #progress: ProgressWatch;
  readonly #hangs: HangWatch;
  readonly #sources: readonly SourceWorker[];
  #ended = 0;
  #announcement: Announcement | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ConsumerOptions) {
    const settings = { ...CONSUMER_DEFAULTS, ...options };
    const { redis: location, logger, queueName, version } = settings;
    this.id = settings.id ?? processName();
    this.#identity = { id: this.id, host: hostname(), version, startedAt: Date.now() };
    this.#progress = new ProgressWatch(settings.noProgressMs);
    this.#hangs = new HangWatch(settings.hangsAfterMs);
    const onReady = (): void => void this.#recheckRedis();
    this.#shared = {
      ...settings,
      id: this.id,
      disk: settings.disk ?? nodeDisk,
      link: new RedisLink({ location, logger, queueName, onReady }),
      errors: new ErrorGate(logger),
      breakers: new Breakers(logger, (changed) => {
        for (const one of this.#sources) if (one.breaker === changed) one.followBreaker();
      }),
      suspects: new SuspectLock(),
      note: (event) => this.#note(event),
    };
    this.#sources = settings.sources.map((one) => new SourceWorker(one, this.#shared));
  }

  async start(): Promise<void> {
    const { link } = this.#shared;
    await link.untilReady(FIRST_CONNECTION_MAX_MS);
    await checkRedis(link).catch((error: unknown) => {
      if (isUnsuitable(error)) throw error;
    });
    if (this.#closing !== undefined) return;
    for (const one of this.#sources) one.start();
    this.#announcement ??= this.#announce();
  }

  state(): ConsumerState {
    const { archiver, link } = this.#shared;
    const sources = Object.fromEntries(
      this.#sources.map((one) => {
        const { state: store, outage } = one.breaker;
        return [one.name, { ...one.state(), store, outage }];
      }),
    );
    const inWork = archiver.inWork();
    this.#noteProgress(inWork);
    return {
      redis: link.state,
      redisProblem: link.problem,
      hangs: this.#hangs.hanging(link.state, sources),
      active: this.#active(),
      inWork,
      threads: archiver.parallelism,
      threadsBusy: archiver.busy,
      lastProgressAt: this.#progress.lastProgressAt,
      isStuck: this.#progress.isStuck,
      sources,
    };
  }

  failures(): readonly FailedSegments[] {
    return this.#failures.list();
  }

  close({ graceMs = GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(graceMs));
  }

  /**
   * Works with Redis up or down: take no more jobs, let those in progress finish within the grace, return the rest to
   * the queue, then close the connections. BullMQ's own `close()` would wait for Redis for ever.
   */
  async #close(graceMs: number): Promise<void> {
    for (const one of this.#sources) {
      one.pause('closing');
      one.stopChecking();
    }
    await this.#untilQuiet(graceMs);
    for (const one of this.#sources) one.cancelAll('shutdown');
    await this.#untilQuiet(RETURN_MS);
    await Promise.all(this.#sources.map((one) => one.closeWorker()));
    this.#shared.breakers.stop();
    await this.#announcement?.stop();
    this.#shared.link.close();
    await this.#announcement?.ended;
  }

  async #untilQuiet(maxMs: number): Promise<void> {
    const deadlineMs = performance.now() + maxMs;
    while (!this.#sources.every((one) => one.isQuiet) && performance.now() < deadlineMs) {
      await sleep(QUIET_POLL_MS);
    }
  }

  #noteProgress(inWork: readonly SegmentInWork[]): void {
    const doneBytes = inWork.reduce((sum, one) => sum + one.doneBytes, 0);
    const waiting = this.#sources.some((one) => one.state().waiting > 0);
    const active = this.#active();
    this.#progress.note({
      hasWork: active > 0 || (waiting && this.#shared.link.isReady),
      mark: `${this.#ended} ${inWork.length} ${doneBytes}`,
    });
  }

  #active(): number {
    return this.#sources.reduce((sum, one) => sum + one.state().active, 0);
  }

  /** After a reconnect, Redis may have another configuration. */
  async #recheckRedis(): Promise<void> {
    try {
      await checkRedis(this.#shared.link);
      for (const one of this.#sources) one.resume('redis-unsuitable');
      for (const one of this.#sources) one.pollNow();
      this.#announcement?.hurry();
    } catch (error) {
      if (!isUnsuitable(error)) return;
      this.#shared.errors.report(error, error.message);
      for (const one of this.#sources) one.pause('redis-unsuitable');
    }
  }

  #note(event: JobEvent): void {
    this.#ended += 1;
    this.#failures.note(event);
    this.#shared.onEvent?.(event);
  }

  #announce(): Announcement {
    const { logger, link, queueName } = this.#shared;
    const schema = workerRecordSchema;
    return announce<WorkerRecord>({
      id: this.id,
      logger,
      registry: new RoleRegistry({ link, queueName, role: 'worker', schema }),
      describe: async () => {
        // If the policy is fixed while the connection stays up, only asking again shows it.
        if (this.#sources.some((one) => one.pauseReasons.has('redis-unsuitable')))
          await this.#recheckRedis();
        return workerRecordOf(this.#identity, this.state(), this.#failures.list());
      },
    });
  }
}
