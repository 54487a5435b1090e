import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:worker_threads';

const live = new Set<Worker>();

/** Counts the worker threads made from now on: Node lists them nowhere. */
export function watchThreads(): void {
  const threads = createRequire(import.meta.url)('node:worker_threads');
  threads.Worker = class extends threads.Worker {
    constructor(...args: unknown[]) {
      super(...args);
      const self = this as unknown as Worker;
      live.add(self);
      self.once('exit', () => live.delete(self));
    }
  };
  syncBuiltinESMExports();
}

export function liveThreads(): string[] {
  return live.size === 0 ? [] : [`${live.size} worker thread(s)`];
}
