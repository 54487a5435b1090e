/** `Threads` as a pool of worker threads. When a thread dies, its call fails and the thread is replaced. */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { throwIfCancelled } from '../codec/thread-signals.ts';
import { callsThrough, valueOf, type Answer, type Threads } from './threads.ts';
import type { AnyCall } from './work.ts';

export interface ThreadPoolOptions {
  /** Number of threads. */
  readonly parallelism: number;
  /**
   * Nice value of the threads (Linux), from 0 to 19. Raise it where archiving must not slow other work on the host, and
   * leave it where a caller waits for these threads. Default: 0.
   */
  readonly nice?: number;
  /** The module that runs in each thread, for tests. Default: walq's own. */
  readonly entry?: string;
  /** How long `close` waits for calls in flight before it terminates their threads. Default: 30 s. */
  readonly closeMsMax?: number;
}

/** How long `close` waits for a thread to end: one in a system call that never returns cannot be terminated. */
const END_MS_MAX = 5_000;

/** A pool's own calls, and those that only its entry module serves. */
export interface ThreadPool extends Threads {
  run(call: AnyCall): Promise<unknown>;
}

export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  const pool = new Pool(options);
  return {
    ...callsThrough((call) => pool.run(call)),
    run: (call) => pool.run(call),
    parallelism: options.parallelism,
    get busy() {
      return pool.busy;
    },
    close: () => pool.close(),
  };
}

class Pool {
  readonly #lanes: readonly Lane[];
  readonly #idle: Lane[];
  /** Calls that wait for a lane, in order. */
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #closeMsMax: number;
  #closing: Promise<void> | undefined;
  #hasEnded = false;

  constructor({ parallelism, nice = 0, entry, closeMsMax = 30_000 }: ThreadPoolOptions) {
    const file = entry ?? fileURLToPath(new URL('thread.js', import.meta.url));
    this.#lanes = Array.from({ length: parallelism }, () => new Lane(file, { nice }));
    this.#idle = [...this.#lanes];
    this.#closeMsMax = closeMsMax;
  }

  async run(call: AnyCall): Promise<unknown> {
    if (this.#closing !== undefined) throw closed();
    const result = this.#onLane(call);
    this.#inFlight.add(result);
    try {
      return await result;
    } finally {
      this.#inFlight.delete(result);
    }
  }

  get busy(): number {
    return this.#lanes.length - this.#idle.length;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #onLane(call: AnyCall): Promise<unknown> {
    const lane =
      this.#idle.pop() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)));
    try {
      if (this.#hasEnded) throw closed();
      throwIfCancelled(call.task.cancel);
      return valueOf(await lane.run(call));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(lane);
      else next(lane);
    }
  }

  async #close(): Promise<void> {
    await within(this.#closeMsMax, Promise.allSettled(this.#inFlight));
    this.#hasEnded = true;
    await within(END_MS_MAX, Promise.all(this.#lanes.map((lane) => lane.end(closed()))));
  }
}

/** A thread needs little heap: buffers and zstd's memory are outside of it. */
const HEAP_MB_MAX = 32;

/** The settings that a thread starts with. */
export interface ThreadSetting {
  readonly nice: number;
}

/** The call in flight. */
interface Running {
  readonly resolve: (answer: Answer<unknown>) => void;
  readonly reject: (failure: WalqError) => void;
}

/** One thread of the pool, and its replacement when it dies. Runs one call at a time. */
class Lane {
  readonly #entry: string;
  readonly #setting: ThreadSetting;
  #thread: Worker | undefined;
  #running: Running | undefined;

  /** Starts the thread now, so that the first segment need not wait for it. */
  constructor(entry: string, setting: ThreadSetting) {
    this.#entry = entry;
    this.#setting = setting;
    this.#thread = this.#start();
  }

  /** One call at a time. Rejects with `thread-died`, or with the failure of `end`. */
  async run(call: AnyCall): Promise<Answer<unknown>> {
    const thread = (this.#thread ??= this.#restart());
    try {
      return await new Promise<Answer<unknown>>((resolve, reject) => {
        this.#running = { resolve, reject };
        // A busy thread keeps the process running; an idle one does not.
        thread.ref();
        thread.postMessage(call);
      });
    } finally {
      this.#running = undefined;
      thread.unref();
    }
  }

  /** Terminates the thread; its call in flight rejects with this failure. */
  async end(failure: WalqError): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#running?.reject(failure);
    await thread?.terminate();
  }

  /** Where a thread cannot be started now, the next call tries again. */
  #restart(): Worker {
    try {
      return this.#start();
    } catch (error) {
      throw died(error);
    }
  }

  #start(): Worker {
    const thread = new Worker(this.#entry, {
      workerData: this.#setting,
      ...threadFlags(),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: 1 },
    });
    const lost = (why: unknown): void => {
      // Ignore an earlier thread that was replaced.
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#running?.reject(died(why));
    };
    thread.on('message', (answer: Answer<unknown>) => {
      if (this.#thread === thread) this.#running?.resolve(answer);
    });
    thread.on('error', lost);
    thread.on('messageerror', lost);
    thread.on('exit', (code) => lost(new Error(`it exited with code ${code}`)));
    thread.unref();
    return thread;
  }
}

const died = (cause: unknown): WalqError =>
  new WalqError('thread-died', {
    message: `a thread died while it processed a segment: ${reasonOf(cause)}`,
    cause,
  });

/** Waits at most this long for work that does not reject. */
async function within(msMax: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = setTimeout(msMax, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}

const closed = (): WalqError =>
  new WalqError('cancelled', { message: 'the pool of threads was closed' });

/**
 * A thread inherits the flags of its process. A process whose program is on the command line has flags that do not
 * apply to a file, and they cannot be removed one by one, because Node rejects some of its own flags for a thread.
 */
export const threadFlags = (): { readonly execArgv?: string[] } =>
  process.execArgv.some((flag) => flag.startsWith('--input-type')) ? { execArgv: [] } : {};
