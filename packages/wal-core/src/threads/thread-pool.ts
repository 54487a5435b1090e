/** `Threads` as a pool of worker threads. A thread that dies fails its own call and is replaced. */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WalqError } from '../base/failure/walq-error.ts';
import { throwIfCancelled, withCancelFlag, type CancelFlag } from '../codec/cancel-flag.ts';
import { valueOf, type Answer } from './answer.ts';
import { Lane } from './lane.ts';
import type { Threads } from './threads.ts';
import { Turns } from './turns.ts';
import type { DictionaryTask, WorkName } from './work.ts';

export interface ThreadPoolOptions {
  /** Segments at once. */
  readonly parallelism: number;
  /**
   * Scheduling priority of the threads, on Linux: 0, that of others, to 19, the lowest. For what must not
   * disturb those who wait for something else; where somebody waits for these threads, leave it. Default 0.
   */
  readonly nice?: number;
  /** The module that runs in each thread; tests give one that fails or dies. Default: walq's own. */
  readonly entry?: string;
  /** How long `close` waits for the calls under way before it ends them. Default 30 s. */
  readonly closeMsMax?: number;
}

/** A thread in a system call that never returns cannot be ended; nobody waits longer for it. */
const END_MS_MAX = 5_000;

export function createThreadPool(options: ThreadPoolOptions): Threads {
  const pool = new ThreadPool(options);
  const run =
    <Task extends { cancel: CancelFlag }, Value>(name: WorkName) =>
    (task: Omit<Task, 'cancel'>, signal: AbortSignal): Promise<Value> =>
      withCancelFlag(signal, async (cancel) => {
        const given = await pool.run(name, { ...task, cancel });
        return valueOf(given as Answer<Value>);
      });
  const tryDictionary = run<DictionaryTask, void>('tryDictionary');
  return {
    parallelism: options.parallelism,
    get busy() {
      return pool.busy;
    },
    compress: run('compress'),
    tryLevels: run('tryLevels'),
    tryDictionary: (dictionary) => tryDictionary({ dictionary }, new AbortController().signal),
    checksum: run('checksum'),
    decode: run('decode'),
    close: () => pool.close(),
  };
}

class ThreadPool {
  readonly #lanes: readonly Lane[];
  readonly #turns: Turns<Lane>;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closeMsMax: number;
  #closing: Promise<void> | undefined;
  #hasEnded = false;

  constructor({ parallelism, nice = 0, entry, closeMsMax = 30_000 }: ThreadPoolOptions) {
    const file = entry ?? fileURLToPath(new URL('thread.js', import.meta.url));
    this.#lanes = Array.from({ length: parallelism }, () => new Lane(file, { nice }));
    this.#turns = new Turns(this.#lanes);
    this.#closeMsMax = closeMsMax;
  }

  async run(name: WorkName, task: { readonly cancel: CancelFlag }): Promise<unknown> {
    if (this.#closing !== undefined) throw closed();
    const call = this.#turns.use(async (lane) => {
      if (this.#hasEnded) throw closed();
      throwIfCancelled(task.cancel);
      return lane.run(name, task);
    });
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }

  get busy(): number {
    return this.#turns.inUse;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await within(this.#closeMsMax, Promise.allSettled(this.#underWay));
    this.#hasEnded = true;
    await within(END_MS_MAX, Promise.all(this.#lanes.map((lane) => lane.end(closed()))));
  }
}

/** Waits for work that does not reject, but no longer than this. */
async function within(msMax: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = setTimeout(msMax, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}

const closed = (): WalqError =>
  new WalqError('cancelled', { message: 'the pool of threads was closed' });
