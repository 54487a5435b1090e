/** Fills the queue's window from the disk: decides when to scan, when to use Redis, and when the next round is due. */
import type { SourceOpener, OpenView, OutageState, WalqError } from '@walq/wal-core/internal';
import { checkRedis } from '../connection/check-redis.ts';
import { isClosed, isRedisFailure } from '../connection/redis-errors.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import { claimQueue } from '../queue/claim-queue.ts';
import {
  failurePauseMs,
  idleFor,
  type RoundPause,
  type RoundScheduler,
} from './round-scheduler.ts';
import type { Marking } from './watermark-writer.ts';
import { ADDED_AGAIN_AFTER_MS, type Window } from './window.ts';

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
  /** After a failure of Redis, nothing is enqueued before this time. */
  #enqueueAt = 0;
  #isRedisFit = false;
  /** Set while another source of this name has claimed the queue. */
  #claimedByOther: WalqError | undefined;

  constructor(options: EnqueuerOptions) {
    this.#options = options;
  }

  /** The disk is scanned before the next jobs are added. */
  requestScan(): void {
    this.#scanRequested = true;
  }

  /** After an outage, Redis may be empty or have another configuration. */
  startOver(): void {
    this.#isRedisFit = false;
    this.#reconcileAt = 0;
    this.#enqueueAt = 0;
    this.#options.window.startOver();
  }

  /** @param marking jobs are added when it is durable; the disk and Redis are read before */
  async enqueue(opened: OpenView, marking?: Marking): Promise<RoundPause> {
    const { sourceOutage, redisOutage, link } = this.#options;
    if (marking !== undefined) this.requestScan();
    if (performance.now() >= this.#reconcileAt) await this.#reconcile(opened, marking);
    if (this.#claimedByOther === undefined) sourceOutage.clear();
    if (!link.isReady) return idleFor(untilMs(this.#reconcileAt));
    if (performance.now() < this.#enqueueAt) return idleFor(untilMs(this.#enqueueAt));
    await this.#checkRedisAndClaim(opened);
    if (this.#claimedByOther !== undefined) return this.#pauseUnclaimed(this.#claimedByOther);
    if (this.#promotionRequested) await this.#promoteOverdue();
    const added = await this.#refill(opened, marking);
    redisOutage.clear();
    return this.#pauseAfter(added);
  }

  /** Only enqueuing is delayed; the watermark is still written to the disk. */
  failed(failure: WalqError): RoundPause {
    const { redisOutage, link } = this.#options;
    // The link logs every outage, even if a call notices it first; this logs what Redis answers, such as OOM.
    const { cause } = failure;
    const isOutage = !link.isReady || (cause instanceof Error && isClosed(cause));
    if (!isOutage) redisOutage.report(failure);
    const pauseMs = failurePauseMs(redisOutage.failures);
    this.#enqueueAt = performance.now() + pauseMs;
    return idleFor(pauseMs);
  }

  /** Once per connection, and at each reconciliation. */
  async #checkRedisAndClaim({ open }: OpenView): Promise<void> {
    if (this.#isRedisFit) return;
    const { link, queueName, sourceOutage } = this.#options;
    await checkRedis(link);
    this.#claimedByOther = await claimQueue({ link, queueName, ...open });
    this.#isRedisFit = this.#claimedByOther === undefined;
    if (this.#isRedisFit) sourceOutage.clear();
  }

  /** Claims again later: a claim expires after the processes of its source have ended. */
  #pauseUnclaimed(claimedByOther: WalqError): RoundPause {
    const { sourceOutage } = this.#options;
    sourceOutage.report(claimedByOther);
    const pauseMs = failurePauseMs(sourceOutage.failures);
    this.#enqueueAt = performance.now() + pauseMs;
    return idleFor(pauseMs);
  }

  async #refill(opened: OpenView, marking?: Marking): Promise<number> {
    const { window } = this.#options;
    if (window.isFull && (await window.room()) === 0) return 0;
    const isScanDue = this.#scanRequested || window.needsScan;
    // The jobs are read first: a segment that is delayed in between is then also counted as delayed.
    const held = isScanDue ? window.held(opened.open) : undefined;
    const [known, room] = await Promise.all([held, window.room()]);
    if (room === 0) return 0;
    if (known !== undefined) await this.#scan(opened, known, marking);
    return window.fill(opened.open, room, marking);
  }

  async #reconcile(opened: OpenView, marking?: Marking): Promise<void> {
    this.#promotionRequested = true;
    // The server of a standing connection may have become a replica.
    this.#isRedisFit = false;
    const held = await this.#heldIfReadable(opened);
    await this.#scan(opened, held ?? new Set(), marking);
    if (held === undefined) this.#scanRequested = true;
  }

  async #promoteOverdue(): Promise<void> {
    await this.#options.window.promoteOverdue();
    this.#promotionRequested = false;
  }

  /** @param held the segments that had jobs before the scan */
  async #scan(opened: OpenView, held: ReadonlySet<string>, marking?: Marking): Promise<void> {
    const { source, window, reconcileIntervalMs } = this.#options;
    // A request that comes during the scan is for the next one.
    this.#scanRequested = false;
    try {
      await Promise.all([
        source.assertSameSource(opened),
        window.scan(opened.view, held, marking?.segment),
      ]);
    } catch (error) {
      this.#scanRequested = true;
      throw error;
    }
    this.#reconcileAt = performance.now() + reconcileIntervalMs;
  }

  /** Undefined while Redis cannot be read: a scan then only counts what is due. The calls that follow report why. */
  async #heldIfReadable({ open }: OpenView): Promise<ReadonlySet<string> | undefined> {
    const { link, window } = this.#options;
    if (!link.isReady) return undefined;
    return window.held(open).catch((error: unknown) => {
      if (isRedisFailure(error)) return undefined;
      throw error;
    });
  }

  #pauseAfter(added: number): RoundPause {
    const { window, scheduler } = this.#options;
    if (window.hasMore || this.#scanRequested) return scheduler.draining(added);
    const reconcileMs = untilMs(this.#reconcileAt);
    if (!window.isPostponed) return idleFor(reconcileMs);
    this.#scanRequested = true;
    return idleFor(Math.min(reconcileMs, ADDED_AGAIN_AFTER_MS));
  }
}

const untilMs = (at: number): number => Math.max(0, at - performance.now());
