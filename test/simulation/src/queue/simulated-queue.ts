/** As much of BullMQ's `Queue` as walq uses. */
import { EventEmitter } from 'node:events';
import type { SimulatedRedis } from './simulated-redis.ts';
import type { SimulatedQueueState } from './simulated-server.ts';
import type { BulkJob } from './stored-job.ts';

export class SimulatedQueue extends EventEmitter {
  readonly #client: SimulatedRedis;
  readonly #name: string;

  constructor(name: string, { connection }: { readonly connection: SimulatedRedis }) {
    super();
    this.#name = name;
    this.#client = connection;
  }

  async waitUntilReady(): Promise<void> {}

  isPaused(): Promise<boolean> {
    return this.#ask((queue) => queue.isPaused);
  }

  pause(): Promise<void> {
    return this.#ask((queue) => queue.setPaused(true));
  }

  resume(): Promise<void> {
    return this.#ask((queue) => queue.setPaused(false));
  }

  getJobState(id: string): Promise<string> {
    return this.#ask((queue) => queue.stateOf(id));
  }

  toKey(type: string): string {
    return `bull:${this.#name}:${type}`;
  }

  promote(id: string): Promise<void> {
    return this.#ask((queue) => queue.promote(id));
  }

  addBulk(jobs: readonly BulkJob[]): Promise<void> {
    return this.#ask((queue) => {
      for (const job of jobs) queue.add(job);
    });
  }

  remove(id: string): Promise<number> {
    return this.#ask((queue) => queue.remove(id));
  }

  async close(): Promise<void> {}

  #ask<T>(work: (queue: SimulatedQueueState) => T): Promise<T> {
    const { wire } = this.#client;
    return wire.ask(() => work(wire.server.queue(this.#name)));
  }
}

/** As much of BullMQ's `Job` as walq makes itself: of one whose id alone is known. */
export class SimulatedJobById {
  readonly #queue: SimulatedQueue;
  readonly #id: string;

  constructor(queue: SimulatedQueue, _name: string, _data: unknown, _options: object, id: string) {
    this.#queue = queue;
    this.#id = id;
  }

  promote(): Promise<void> {
    return this.#queue.promote(this.#id);
  }
}
