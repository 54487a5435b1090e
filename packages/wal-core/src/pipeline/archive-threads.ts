import { fileURLToPath } from 'node:url';
import { createThreadPool, type ThreadPoolOptions } from '../threads/thread-pool.ts';
import type { Threads } from '../threads/threads.ts';
import type { BatchCall, BatchTask, PlainResult } from './batch-task.ts';

/** A pool whose threads archive whole batches. */
export interface ArchiveThreads extends Threads {
  /** Rejects with `thread-died`, and with `cancelled` where the batch was not begun. */
  archive(task: BatchTask): Promise<readonly PlainResult[]>;
}

const entry = fileURLToPath(new URL('archive-thread.js', import.meta.url));

export function createArchiveThreads(options: ThreadPoolOptions): ArchiveThreads {
  const pool = createThreadPool({ entry, ...options });
  const archive = (task: BatchTask): Promise<readonly PlainResult[]> => {
    const call: BatchCall = { name: 'archive', task };
    return pool.run(call) as Promise<readonly PlainResult[]>;
  };
  return Object.assign(pool, { archive });
}

export const isArchiveThreads = (threads: Threads): threads is ArchiveThreads =>
  'archive' in threads;
