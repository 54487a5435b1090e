/** Polls Redis in the background, so that no request waits for it. */
import {
  takeQueueSnapshot,
  withoutRedis,
  type Observer,
  type QueueSnapshot,
  type RecentBatch,
} from '@walq/archive-queue';
import { isWalqError, repeat, type Repetition } from '@walq/wal-core/internal';

export interface QueueObservation extends QueueSnapshot {
  /** Recently archived batches, by source. */
  readonly batches: Readonly<Record<string, readonly RecentBatch[]>>;
}

const notPolledYet: QueueObservation = { ...withoutRedis, redis: 'unreachable', batches: {} };

const BATCHES_MAX = 200;

interface QueueWatchOptions {
  readonly observer: Observer;
  readonly sources: readonly string[];
  readonly intervalMs: () => number;
  readonly onSnapshot: () => void;
}

export class QueueWatch {
  readonly #options: QueueWatchOptions;
  readonly #polls: Repetition;
  #isStopped = false;
  #latest: QueueObservation = notPolledYet;

  constructor(options: QueueWatchOptions) {
    this.#options = options;
    this.#polls = repeat(async () => {
      this.#latest = await this.#poll();
      if (!this.#isStopped) this.#options.onSnapshot();
      return this.#options.intervalMs();
    });
  }

  get latest(): QueueObservation {
    return this.#latest;
  }

  /** Duration of the running poll so far, in milliseconds; 0 between two polls. */
  get pollMs(): number {
    return this.#polls.roundMs;
  }

  /** Polls without waiting for the interval. */
  pollNow(): void {
    this.#polls.hurry();
  }

  /** Returns at once; the result of a running poll is discarded. */
  stop(): void {
    this.#isStopped = true;
    this.#polls.stop();
  }

  async #poll(): Promise<QueueObservation> {
    const { observer, sources } = this.#options;
    const snapshot = await takeQueueSnapshot(observer);
    const recent = sources.map(
      async (name) => [name, await observer.recentBatches(name, BATCHES_MAX)] as const,
    );
    const batches = await Promise.all(recent).catch((error: unknown) => {
      if (isWalqError(error, 'redis-unavailable')) return [];
      throw error;
    });
    return { ...snapshot, batches: Object.fromEntries(batches) };
  }
}
