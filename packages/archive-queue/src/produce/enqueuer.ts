/** Fills the queue's window from the disk: when to look, when Redis may be asked, when to come again. */
import type { SourceOpener, OpenView, OutageState, WalqError } from '@walq/wal-core/internal';
import { checkRedis } from '../connection/check-redis.ts';
import { isClosed } from '../connection/redis-errors.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import { claimQueue } from '../queue/claim-queue.ts';
import {
  failurePauseMs,
  idleFor,
  type RoundPause,
  type RoundScheduler,
} from './round-scheduler.ts';
import type { Window } from './window.ts';

export interface EnqueuerOptions {
  readonly source: SourceOpener;
  readonly link: RedisLink;
  readonly queueName: string;
  readonly window: Window;
  readonly scheduler: RoundScheduler;
  readonly sourceOutage: OutageState<WalqError>;
  readonly redisOutage: OutageState<WalqError>;
  readonly reconcileIntervalMs: number;
}

export class Enqueuer {
  readonly #options: EnqueuerOptions;
  #scanRequested = true;
  #reconcileAt = 0;
  #promotionRequested = true;
  /** After a failure of Redis: nothing is enqueued before. */
  #enqueueAt = 0;
  #isRedisFit = false;
  /** The queue is that of another source of this name. */
  #taken: WalqError | undefined;

  constructor(options: EnqueuerOptions) {
    this.#options = options;
  }

  /** The next time that there is room, the disk is looked at before. */
  requestScan(): void {
    this.#scanRequested = true;
  }

  /** A Redis that was away may have come back empty, or with another configuration. */
  startOver(): void {
    this.#isRedisFit = false;
    this.#reconcileAt = 0;
    this.#enqueueAt = 0;
  }

  async enqueue(opened: OpenView): Promise<RoundPause> {
    const { sourceOutage, redisOutage, link } = this.#options;
    if (performance.now() >= this.#reconcileAt) await this.#reconcile(opened);
    if (this.#taken === undefined) sourceOutage.clear();
    if (!link.isReady) return idleFor(untilMs(this.#reconcileAt));
    if (performance.now() < this.#enqueueAt) return idleFor(untilMs(this.#enqueueAt));
    await this.#assertRedisFit(opened);
    if (this.#taken !== undefined) return this.#refused(this.#taken);
    if (this.#promotionRequested) await this.#promoteOverdue();
    const added = await this.#refill(opened);
    redisOutage.clear();
    return this.#pauseAfter(added);
  }

  /** Only enqueuing waits: the watermark goes on to the disk. */
  failed(failure: WalqError): RoundPause {
    const { redisOutage, link } = this.#options;
    // The link logs an outage, also one that a call met first; this logs what Redis answers, such as OOM.
    const { cause } = failure;
    const isOutage = !link.isReady || (cause instanceof Error && isClosed(cause));
    if (!isOutage) redisOutage.report(failure);
    const pauseMs = failurePauseMs(redisOutage.failures);
    this.#enqueueAt = performance.now() + pauseMs;
    return idleFor(pauseMs);
  }

  /** Asked for each connection, and at each reconciliation. */
  async #assertRedisFit({ open }: OpenView): Promise<void> {
    if (this.#isRedisFit) return;
    const { link, queueName, sourceOutage } = this.#options;
    await checkRedis(link);
    this.#taken = await claimQueue({ link, queueName, ...open });
    this.#isRedisFit = this.#taken === undefined;
    if (this.#isRedisFit) sourceOutage.clear();
  }

  /** Asked again later: a claim ends with the processes of its source. */
  #refused(taken: WalqError): RoundPause {
    const { sourceOutage } = this.#options;
    sourceOutage.report(taken);
    const pauseMs = failurePauseMs(sourceOutage.failures);
    this.#enqueueAt = performance.now() + pauseMs;
    return idleFor(pauseMs);
  }

  async #refill(opened: OpenView): Promise<number> {
    const { window } = this.#options;
    const room = await window.room();
    if (room === 0) return 0;
    if (this.#scanRequested || window.needsScan) await this.#scan(opened);
    return window.fill(opened.view, opened.open, room);
  }

  async #reconcile(opened: OpenView): Promise<void> {
    this.#promotionRequested = true;
    // A connection that stands may lead to a server that became a replica since.
    this.#isRedisFit = false;
    await this.#scan(opened);
  }

  async #promoteOverdue(): Promise<void> {
    await this.#options.window.promoteOverdue();
    this.#promotionRequested = false;
  }

  async #scan(opened: OpenView): Promise<void> {
    await this.#options.source.assertSameSource(opened);
    await this.#options.window.scan(opened.view);
    this.#scanRequested = false;
    this.#reconcileAt = performance.now() + this.#options.reconcileIntervalMs;
  }

  #pauseAfter(added: number): RoundPause {
    const { window, scheduler } = this.#options;
    const isDrained = !window.hasMore && !this.#scanRequested;
    return isDrained ? idleFor(untilMs(this.#reconcileAt)) : scheduler.draining(added);
  }
}

const untilMs = (at: number): number => Math.max(0, at - performance.now());
