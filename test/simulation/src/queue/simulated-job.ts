import type { SimulatedQueueState } from './simulated-server.ts';
import type { StoredJob } from './stored-job.ts';
import type { Wire } from './wire.ts';

/** As much of BullMQ's `Job` as walq uses. */
export class SimulatedJob {
  readonly id: string;
  readonly name: string;
  readonly timestamp: number;
  readonly processedOn: number | undefined;
  readonly stalledCounter: number;
  readonly attempts: number;
  attemptsMade: number;
  readonly data: unknown;
  readonly #wire: Wire;
  readonly #queue: SimulatedQueueState;

  constructor(wire: Wire, queue: SimulatedQueueState, stored: StoredJob) {
    this.#wire = wire;
    this.#queue = queue;
    this.id = stored.id;
    this.name = stored.name;
    this.timestamp = stored.timestamp;
    this.processedOn = stored.processedOn;
    this.stalledCounter = stored.stalledCounter;
    this.attempts = stored.attempts;
    this.attemptsMade = stored.attemptsMade;
    this.data = JSON.parse(stored.data) as unknown;
  }

  async moveToWait(token: string): Promise<void> {
    await this.#wire.insist(() => this.#queue.moveToWait(this.id, token));
  }

  async moveToDelayed(untilMs: number, token: string): Promise<void> {
    await this.#wire.insist(() => this.#queue.moveToDelayed(this.id, token, untilMs));
  }
}
