/** `Threads` as a pool of worker threads (piscina). */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { withCancelFlag, type CancelFlag } from './cancel-flag.ts';
import { valueOf, type Answer } from './answer.ts';
import type { Threads } from './threads.ts';
import type { WorkName } from './work.ts';

export interface ThreadPoolOptions {
  /** Segments at once. */
  readonly parallelism: number;
  /** The module that runs in each thread; tests give one that fails or dies. Default: walq's own. */
  readonly entry?: string;
}

/** A thread needs little heap of its own: buffers and zstd's memory lie outside. */
const HEAP_MB_MAX = 16;

export function createThreadPool(options: ThreadPoolOptions): Threads {
  const pool = new Piscina({
    filename: options.entry ?? fileURLToPath(new URL('thread.js', import.meta.url)),
    // All from the start: a thread that starts with the first segment makes that one wait.
    minThreads: options.parallelism,
    maxThreads: options.parallelism,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: 1 },
  });
  const run =
    <Task extends { cancel: CancelFlag }, Value>(name: WorkName) =>
    (task: Omit<Task, 'cancel'>, signal: AbortSignal): Promise<Value> =>
      withCancelFlag(signal, async (cancel) => {
        const given: unknown = await pool.run({ ...task, cancel }, { name });
        return valueOf(given as Answer<Value>);
      });
  return {
    parallelism: options.parallelism,
    compress: run('compress'),
    checksum: run('checksum'),
    decode: run('decode'),
    close: () => pool.close(),
  };
}
