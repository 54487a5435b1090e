/** What Redis knows: asked from time to time, so that nobody who looks has to wait for it. */
import {
  takeQueueSnapshot,
  withoutRedis,
  type Observer,
  type QueueSnapshot,
  type RecentJob,
} from '@walq/archive-queue';
import { isWalqError, repeat, type Repetition } from '@walq/wal-core/internal';

export interface QueueObservation extends QueueSnapshot {
  /** Archived lately, by source. */
  readonly jobs: Readonly<Record<string, readonly RecentJob[]>>;
}

const notAsked: QueueObservation = { ...withoutRedis, redis: 'unreachable', jobs: {} };

const JOBS_MAX = 200;

interface QueueWatchOptions {
  readonly observer: Observer;
  readonly sources: readonly string[];
  readonly intervalMs: () => number;
  readonly onSight: () => void;
}

export class QueueWatch {
  readonly #options: QueueWatchOptions;
  readonly #looks: Repetition;
  #isStopped = false;
  #sight: QueueObservation = notAsked;

  constructor(options: QueueWatchOptions) {
    this.#options = options;
    this.#looks = repeat(async () => {
      this.#sight = await this.#look();
      if (!this.#isStopped) this.#options.onSight();
      return this.#options.intervalMs();
    });
  }

  get sight(): QueueObservation {
    return this.#sight;
  }

  /** How long the look under way has lasted, in milliseconds; 0 between two. */
  get lookMs(): number {
    return this.#looks.roundMs;
  }

  /** Asks without waiting for the interval: something was done. */
  askNow(): void {
    this.#looks.hurry();
  }

  /** Ends at once; a look under way is left behind. */
  stop(): void {
    this.#isStopped = true;
    this.#looks.stop();
  }

  async #look(): Promise<QueueObservation> {
    const { observer, sources } = this.#options;
    const snapshot = await takeQueueSnapshot(observer);
    const recent = sources.map(
      async (name) => [name, await observer.recentJobs(name, JOBS_MAX)] as const,
    );
    const jobs = await Promise.all(recent).catch((error: unknown) => {
      if (isWalqError(error, 'redis-unavailable')) return [];
      throw error;
    });
    return { ...snapshot, jobs: Object.fromEntries(jobs) };
  }
}
