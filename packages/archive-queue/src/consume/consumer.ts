/** The worker's side: takes archive jobs of the sources that this host can see, and does them. */
import { nodeDisk, type SegmentInWork } from '@walq/wal-core';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  checkRedis,
  ErrorGate,
  isUnsuitable,
  RedisLink,
  type RedisState,
} from '../connection/index.ts';
import { queueNameOf } from '../job/index.ts';
import {
  announce,
  RoleRegistry,
  workerRecordSchema,
  type Announcement,
  type FailedSegments,
  type WorkerRecord,
} from '../observe/index.ts';
import { Breakers } from './breakers.ts';
import type { ConsumedSource, ConsumerOptions } from './consumer-options.ts';
import type { JobEvent } from './job-event.ts';
import { HangWatch } from './hang-watch.ts';
import { ProgressWatch } from './progress-watch.ts';
import { RecentFailures } from './recent-failures.ts';
import { RunAlone } from './run-alone.ts';
import { shutDown } from './shutdown.ts';
import type { ArchiveOutage, BreakerState } from './store-breaker.ts';
import { Subscription, type SubscriptionState } from './subscription.ts';
import { workerRecordOf, type WorkerIdentity } from './worker-record.ts';

export interface Consumer {
  /** Name under which this worker is listed: host, process and a random part. */
  readonly id: string;
  /**
   * Begins to take jobs. Resolves also while Redis is down, and begins once it is there.
   *
   * @throws WalqError `redis-evicts`, `redis-unsuitable`
   */
  start(): Promise<void>;
  state(): ConsumerState;
  /** The latest failures of segments, by cause, the newest first. */
  failures(): readonly FailedSegments[];
  /**
   * Takes no more jobs, gives those in work `graceMs` to end, gives the others back and ends. Takes at
   * most about 4 s longer than the grace, whether Redis answers or not.
   */
  close(options?: { graceMs?: number }): Promise<void>;
}

export interface ConsumerState {
  /** Whether this worker could write to Redis when it last did. */
  readonly redis: RedisState;
  /** Why `redis` is not `ok`. */
  readonly redisProblem: string | undefined;
  /** What does not come to an end here, though nothing outside explains it; undefined while all is well. */
  readonly hangs: string | undefined;
  /** Jobs in work. */
  readonly active: number;
  /** Segments on their way, the oldest first. */
  readonly inWork: readonly SegmentInWork[];
  readonly threads: number;
  readonly threadsBusy: number;
  /** When a segment last began, moved or ended, in milliseconds since 1970; null before the first. */
  readonly lastProgressAt: number | null;
  /** Work is there, and for `noProgressMs` nothing began, moved or ended. */
  readonly isStuck: boolean;
  readonly sources: Readonly<Record<string, ConsumedState>>;
}

export interface ConsumedState extends SubscriptionState {
  readonly store: BreakerState;
  /** Why the archive fails. */
  readonly outage: ArchiveOutage | undefined;
}

const DEFAULTS = {
  queueName: 'wal-archive',
  lockDurationMs: 60_000,
  sourceCheckIntervalMs: 15_000,
  stuckAfterMs: 120_000,
  missingMs: 300_000,
  noProgressMs: 600_000,
  hangsAfterMs: 120_000,
  version: 'unknown',
};
const GRACE_MS = 1_000;
const FIRST_CONNECTION_MAX_MS = 2_000;

export function createConsumer(options: ConsumerOptions): Consumer {
  return new QueueConsumer(options);
}

class QueueConsumer implements Consumer {
  readonly id: string;
  readonly #options: ConsumerOptions & typeof DEFAULTS;
  readonly #errors: ErrorGate;
  readonly #link: RedisLink;
  readonly #identity: WorkerIdentity;
  readonly #failures = new RecentFailures();
  readonly #progress: ProgressWatch;
  readonly #hangs: HangWatch;
  readonly #subscriptions: readonly Subscription[];
  readonly #breakers: Breakers;
  readonly #runAlone = new RunAlone();
  #ended = 0;
  #announcement: Announcement | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { redis: place, logger, version, noProgressMs } = this.#options;
    const host = hostname();
    this.id = `${host}-${process.pid}-${randomUUID().slice(0, 8)}`;
    this.#identity = { id: this.id, host, version, startedAt: Date.now() };
    this.#progress = new ProgressWatch(noProgressMs);
    this.#hangs = new HangWatch(this.#options.hangsAfterMs);
    this.#errors = new ErrorGate(logger);
    this.#link = new RedisLink({
      place,
      logger,
      queueName: this.#options.queueName,
      onReady: () => void this.#recheckRedis(),
    });
    this.#breakers = new Breakers(logger, (breaker, state) => {
      for (const one of this.#subscriptions) if (one.breaker === breaker) one.follow(state);
    });
    this.#subscriptions = options.sources.map((one) => this.#subscribe(one));
  }

  async start(): Promise<void> {
    await this.#link.untilReady(FIRST_CONNECTION_MAX_MS);
    await checkRedis(this.#link).catch((error: unknown) => {
      if (isUnsuitable(error)) throw error;
    });
    if (this.#closing !== undefined) return;
    for (const subscription of this.#subscriptions) subscription.start();
    this.#announcement ??= this.#announce();
  }

  state(): ConsumerState {
    const sources = Object.fromEntries(
      this.#subscriptions.map((one) => {
        const { state: store, outage } = one.breaker;
        return [one.name, { ...one.state(), store, outage }];
      }),
    );
    const { archiver } = this.#options;
    const inWork = archiver.inWork();
    this.#noteProgress(inWork);
    return {
      redis: this.#link.state,
      redisProblem: this.#link.problem,
      hangs: this.#hangs.hanging(this.#link.state, sources),
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

  async #close(graceMs: number): Promise<void> {
    await shutDown(this.#subscriptions, this.#breakers.all(), graceMs);
    await this.#announcement?.stop();
    this.#link.close();
    await this.#announcement?.ended;
  }

  #noteProgress(inWork: readonly SegmentInWork[]): void {
    const doneBytes = inWork.reduce((sum, one) => sum + one.doneBytes, 0);
    const waiting = this.#subscriptions.some((one) => one.state().waiting > 0);
    const active = this.#active();
    this.#progress.note({
      hasWork: active > 0 || (waiting && this.#link.isReady),
      mark: `${this.#ended} ${inWork.length} ${doneBytes}`,
    });
  }

  #active(): number {
    return this.#subscriptions.reduce((sum, one) => sum + one.state().active, 0);
  }

  #subscribe({ source, store }: ConsumedSource): Subscription {
    const options = this.#options;
    const { archiver, redis, lockDurationMs, stuckAfterMs, missingMs } = options;
    return new Subscription({
      source,
      store,
      archiver,
      redis,
      lockDurationMs,
      stuckAfterMs,
      missingMs,
      link: this.#link,
      errors: this.#errors,
      runAlone: this.#runAlone,
      disk: options.disk ?? nodeDisk,
      queueName: queueNameOf(options.queueName, source.name),
      workerName: this.id,
      telemetry: options.telemetry,
      logger: options.logger.child({ source: source.name }),
      breaker: this.#breakers.of(store),
      checkIntervalMs: options.sourceCheckIntervalMs,
      onEvent: (event) => this.#note(event),
    });
  }

  /** Redis may have come back with another configuration. */
  async #recheckRedis(): Promise<void> {
    try {
      await checkRedis(this.#link);
      for (const one of this.#subscriptions) one.release('redis-unsuitable');
      for (const one of this.#subscriptions) one.lookNow();
      this.#announcement?.hurry();
    } catch (error) {
      if (!isUnsuitable(error)) return;
      this.#errors.report(error, error.message);
      for (const one of this.#subscriptions) one.hold('redis-unsuitable');
    }
  }

  #note(event: JobEvent): void {
    this.#ended += 1;
    this.#failures.note(event);
    this.#options.onEvent?.(event);
  }

  #announce(): Announcement {
    const { logger, queueName } = this.#options;
    const schema = workerRecordSchema;
    return announce<WorkerRecord>({
      id: this.id,
      logger,
      registry: new RoleRegistry({ link: this.#link, queueName, role: 'worker', schema }),
      describe: async () => {
        // A policy that was mended while the connection stood is seen only by asking again.
        if (this.#subscriptions.some((one) => one.isHeldFor('redis-unsuitable')))
          await this.#recheckRedis();
        return workerRecordOf(this.#identity, this.state(), this.#failures.list());
      },
    });
  }
}
