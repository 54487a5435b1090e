/**
 * One thread of the pool, and its replacement when it dies. Each is a piscina of a single thread: what
 * piscina itself would queue waits for ever when a thread dies before it is ready, so a lane is given one
 * run at a time and throws a piscina away with its thread.
 */
import { Piscina } from 'piscina';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';

/** A thread needs little heap of its own: buffers and zstd's memory lie outside. */
const HEAP_MB_MAX = 16;

/** What a thread is told when it starts. */
export interface LaneSetting {
  readonly nice: number;
}

export class Lane {
  readonly #entry: string;
  readonly #setting: LaneSetting;
  #piscina: Piscina | undefined;
  /** Ends the run under way. */
  #fail: ((error: unknown) => void) | undefined;
  #ending: Promise<void> = Promise.resolve();

  /** The thread starts now: one that starts with the first segment makes that one wait. */
  constructor(entry: string, setting: LaneSetting) {
    this.#entry = entry;
    this.#setting = setting;
    this.#piscina = this.#start();
  }

  /** One at a time. Rejects with `thread-died`, or with what `end` was given. */
  async run(name: string, task: object): Promise<unknown> {
    try {
      this.#piscina ??= this.#start();
      return await this.#runOn(this.#piscina, name, task);
    } catch (error) {
      this.#throwAway();
      throw error instanceof WalqError ? error : died(error);
    } finally {
      this.#fail = undefined;
    }
  }

  /** Ends the thread, and with this failure what runs on it. */
  async end(failure: WalqError): Promise<void> {
    this.#fail?.(failure);
    this.#throwAway();
    await this.#ending;
  }

  #runOn(piscina: Piscina, name: string, task: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      piscina.run(task, { name }).then(resolve, reject);
    });
  }

  #start(): Piscina {
    const piscina = new Piscina({
      filename: this.#entry,
      workerData: this.#setting,
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Infinity,
      recordTiming: false,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: 1 },
    });
    // Its one thread has started. When that ends, no other may start in a piscina that is thrown away.
    piscina.options.minThreads = 0;
    const fail = (error: unknown) => {
      if (this.#piscina === piscina) this.#diedIdle(error);
    };
    piscina.on('error', fail);
    // Later than the rejection of a run, which says why the thread died.
    piscina.on('workerDestroy', () => setImmediate(fail, new Error('it ended')));
    return piscina;
  }

  /** Without a run nobody needs to be told; the next run gets a new thread. */
  #diedIdle(error: unknown): void {
    if (this.#fail === undefined) this.#throwAway();
    else this.#fail(error);
  }

  #throwAway(): void {
    const piscina = this.#piscina;
    this.#piscina = undefined;
    if (piscina === undefined) return;
    const ended = piscina.destroy();
    this.#ending = this.#ending.then(() => ended);
  }
}

const died = (cause: unknown): WalqError =>
  new WalqError('thread-died', {
    message: `a thread died at its work: ${reasonOf(cause)}`,
    cause,
  });
