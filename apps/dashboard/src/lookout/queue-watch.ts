/** What Redis knows: asked from time to time, so that nobody who looks has to wait for it. */
import {
  takeQueueSnapshot,
  withoutRedis,
  type Observer,
  type QueueSnapshot,
  type RecentJob,
} from '@walq/archive-queue';
import { isWalqError } from '@walq/wal-core/internal';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface QueueSight extends QueueSnapshot {
  /** Archived lately, by source. */
  readonly jobs: Readonly<Record<string, readonly RecentJob[]>>;
}

const notAsked: QueueSight = { ...withoutRedis, redis: 'unreachable', jobs: {} };

const JOBS_MAX = 200;

interface QueueWatchOptions {
  readonly observer: Observer;
  readonly sources: readonly string[];
  readonly intervalMs: () => number;
  readonly onSight: () => void;
}

export class QueueWatch {
  readonly #options: QueueWatchOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<unknown>;
  #sight: QueueSight = notAsked;
  #lookBeganMs: number | undefined;
  #wake = new AbortController();

  constructor(options: QueueWatchOptions) {
    this.#options = options;
    this.#ended = Promise.race([once(this.#stopping.signal, 'abort'), this.#watch()]);
  }

  get sight(): QueueSight {
    return this.#sight;
  }

  /** How long the look under way has lasted, in milliseconds; 0 between two. */
  get lookMs(): number {
    return this.#lookBeganMs === undefined ? 0 : performance.now() - this.#lookBeganMs;
  }

  /** Asks without waiting for the interval: something was done. */
  askNow(): void {
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#lookBeganMs = performance.now();
      this.#sight = await this.#look();
      this.#lookBeganMs = undefined;
      if (!signal.aborted) this.#options.onSight();
      const wake = AbortSignal.any([signal, this.#wake.signal]);
      const pause = { signal: wake, ref: false };
      await sleep(this.#options.intervalMs(), undefined, pause).catch(() => undefined);
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  async #look(): Promise<QueueSight> {
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
