/** As much of BullMQ's `Worker` as walq uses: fetches, renews locks, finds stalled jobs, ends jobs. */
import { EventEmitter } from 'node:events';
import { SimulatedJob } from './simulated-job.ts';
import type { SimulatedQueueState } from './simulated-server.ts';
import type { KeepJobs } from './stored-job.ts';
import { wireOf } from './wires.ts';
import type { Wire } from './wire.ts';

export interface SimulatedWorkerOptions {
  readonly connection: { readonly host: string };
  readonly concurrency: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly removeOnComplete: KeepJobs;
  readonly removeOnFail: KeepJobs;
  readonly settings: {
    readonly backoffStrategy: (attempts: number, type?: string, error?: Error) => number;
  };
}

type Processor = (job: SimulatedJob, token: string, signal: AbortSignal) => Promise<unknown>;

interface Tracked {
  readonly token: string;
  readonly controller: AbortController;
}

/** How long a worker waits for a job on one command, in milliseconds. */
const DRAIN_MS = 5_000;
/** These end a job by themselves. */
const ENDED_ALREADY = ['WaitingError', 'DelayedError'];

let workers = 0;

export class SimulatedWorker extends EventEmitter {
  readonly #options: SimulatedWorkerOptions;
  readonly #processor: Processor;
  readonly #wire: Wire;
  readonly #queueName: string;
  readonly #tracked = new Map<string, Tracked>();
  readonly #id = (workers += 1);
  #tokens = 0;
  #concurrency: number;
  #isPaused = false;
  #isClosed = false;
  #isLooping = false;
  #inWork = 0;
  #wakeSlot: () => void = () => undefined;

  constructor(queueName: string, processor: Processor, options: SimulatedWorkerOptions) {
    super();
    this.#queueName = queueName;
    this.#processor = processor;
    this.#options = options;
    this.#concurrency = options.concurrency;
    this.#wire = wireOf(options.connection.host);
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(concurrency: number) {
    this.#concurrency = concurrency;
    this.#wakeSlot();
  }

  async run(): Promise<void> {
    this.#every(this.#options.lockDuration / 4, () => this.#renew());
    this.#every(this.#options.stalledInterval, () => this.#findStalled());
    await this.#loop();
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    this.emit('paused');
  }

  async resume(): Promise<void> {
    this.#isPaused = false;
    await this.#loop();
  }

  isPaused(): boolean {
    return this.#isPaused;
  }

  isRunning(): boolean {
    return this.#isLooping;
  }

  cancelJob(id: string, reason: string): boolean {
    const tracked = this.#tracked.get(id);
    tracked?.controller.abort(reason);
    return tracked !== undefined;
  }

  cancelAllJobs(reason: string): void {
    for (const { controller } of this.#tracked.values()) controller.abort(reason);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeSlot();
  }

  get #queue(): SimulatedQueueState {
    return this.#wire.server.queue(this.#queueName);
  }

  async #loop(): Promise<void> {
    if (this.#isLooping) return;
    this.#isLooping = true;
    while (!this.#isClosed && !this.#isPaused) {
      if (this.#inWork >= this.#concurrency) await this.#slot();
      else await this.#takeOne();
    }
    this.#isLooping = false;
  }

  async #takeOne(): Promise<void> {
    const token = `${this.#id}:${(this.#tokens += 1)}`;
    const { lockDuration } = this.#options;
    const stored = await this.#wire.insist(() =>
      this.#queue.moveToActive(token, lockDuration, Date.now()),
    );
    if (stored === undefined) return this.#untilThereMayBeOne();
    this.#inWork += 1;
    const job = new SimulatedJob(this.#wire, this.#queue, stored);
    const freeSlot = (): void => {
      this.#inWork -= 1;
      this.#wakeSlot();
    };
    this.#process(job, token).then(freeSlot, freeSlot);
  }

  #untilThereMayBeOne(): Promise<void> {
    const queue = this.#queue;
    const dueInMs = (queue.nextDelayedAt ?? Infinity) - Date.now();
    return new Promise((resolve) => {
      const { world, process } = this.#wire;
      world.addTimer(resolve, Math.max(1, Math.min(DRAIN_MS, dueInMs)), false);
      queue.whenThereMayBeOne(() => world.as(process, () => world.addTimer(resolve, 1, false)));
    });
  }

  #slot(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeSlot = resolve;
    });
  }

  async #process(job: SimulatedJob, token: string): Promise<void> {
    const controller = new AbortController();
    this.#tracked.set(job.id, { token, controller });
    try {
      await this.#endAs(job, token, await this.#outcomeOf(job, token, controller.signal));
    } catch (error) {
      this.emit('error', error);
    } finally {
      if (this.#tracked.get(job.id)?.token === token) this.#tracked.delete(job.id);
    }
  }

  async #outcomeOf(
    job: SimulatedJob,
    token: string,
    signal: AbortSignal,
  ): Promise<Error | undefined> {
    try {
      await this.#processor(job, token, signal);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #endAs(job: SimulatedJob, token: string, error: Error | undefined): Promise<void> {
    const { removeOnComplete, removeOnFail } = this.#options;
    const end = (as: 'completed' | 'failed', keep: KeepJobs): Promise<void> =>
      this.#wire.insist(() => this.#queue.moveToEnded(job.id, token, as, keep, Date.now()));
    if (error === undefined) {
      await end('completed', removeOnComplete);
      this.emit('completed', job);
      return;
    }
    if (ENDED_ALREADY.includes(error.name)) return;
    const isLast = error.name === 'UnrecoverableError' || job.attemptsMade + 1 >= job.attempts;
    if (isLast) await end('failed', removeOnFail);
    else await this.#retry(job, token, error);
    job.attemptsMade += 1;
    this.emit('failed', job, error);
  }

  async #retry(job: SimulatedJob, token: string, error: Error): Promise<void> {
    const { backoffStrategy } = this.#options.settings;
    const delayMs = backoffStrategy(job.attemptsMade + 1, undefined, error);
    await this.#wire.insist(() => this.#queue.moveToRetry(job.id, token, Date.now() + delayMs));
  }

  async #renew(): Promise<void> {
    const locks = [...this.#tracked].map(([id, { token }]) => ({ id, token }));
    if (locks.length === 0) return;
    const { lockDuration } = this.#options;
    const lost = await this.#wire.insist(() => this.#queue.extendLocks(locks, lockDuration));
    for (const id of lost) this.emit('error', new Error(`could not renew lock for job ${id}`));
    const jobIds = locks.map(({ id }) => id).filter((id) => !lost.includes(id));
    if (jobIds.length > 0) this.emit('locksRenewed', { count: jobIds.length, jobIds });
  }

  async #findStalled(): Promise<void> {
    const { stalledInterval } = this.#options;
    const stalled = await this.#wire.insist(() => this.#queue.moveStalledToWait(stalledInterval));
    for (const id of stalled) this.emit('stalled', id);
  }

  /** One at a time, until closed. */
  #every(ms: number, work: () => Promise<void>): void {
    const { world, process } = this.#wire;
    const again = (): void => {
      if (this.#isClosed) return;
      const later = (): void => void world.as(process, () => world.addTimer(again, ms, false));
      work().then(later, later);
    };
    world.addTimer(again, ms, false);
  }
}
