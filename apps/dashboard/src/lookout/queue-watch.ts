/** What Redis knows: asked from time to time, so that nobody who looks has to wait for it. */
import type {
  Observer,
  ProducerRecord,
  QueueView,
  RecentJob,
  WorkerRecord,
} from '@walq/archive-queue';
import { isWalqError } from '@walq/wal-core';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface QueueSight {
  readonly redis: 'ok' | 'unreachable';
  readonly queues: Readonly<Record<string, QueueView>>;
  readonly workers: readonly WorkerRecord[];
  readonly producers: readonly ProducerRecord[];
  readonly jobs: Readonly<Record<string, readonly RecentJob[]>>;
}

const nothing: QueueSight = {
  redis: 'unreachable',
  queues: {},
  workers: [],
  producers: [],
  jobs: {},
};

const JOBS_MAX = 200;

export interface QueueWatchOptions {
  readonly observer: Observer;
  readonly sources: readonly string[];
  readonly intervalMs: () => number;
  readonly onSight: () => void;
}

export class QueueWatch {
  readonly #options: QueueWatchOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<unknown>;
  #sight = nothing;
  #wake = new AbortController();

  constructor(options: QueueWatchOptions) {
    this.#options = options;
    this.#ended = Promise.race([once(this.#stopping.signal, 'abort'), this.#watch()]);
  }

  get sight(): QueueSight {
    return this.#sight;
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
      this.#sight = await this.#look();
      if (!signal.aborted) this.#options.onSight();
      const wake = AbortSignal.any([signal, this.#wake.signal]);
      const pause = { signal: wake, ref: false };
      await sleep(this.#options.intervalMs(), undefined, pause).catch(() => undefined);
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  async #look(): Promise<QueueSight> {
    const { observer, sources } = this.#options;
    try {
      const [queues, workers, producers, jobs] = await Promise.all([
        observer.queueCounts(),
        observer.workers(),
        observer.producers(),
        Promise.all(
          sources.map(async (name) => [name, await observer.recentJobs(name, JOBS_MAX)] as const),
        ),
      ]);
      return { redis: 'ok', queues, workers, producers, jobs: Object.fromEntries(jobs) };
    } catch (error) {
      if (isWalqError(error, 'redis-unavailable', 'redis-evicts')) return nothing;
      throw error;
    }
  }
}
