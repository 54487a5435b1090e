/**
 * vitest's set-up of each test file: fails the file when its tests leave sockets,
 * servers, child processes, watchers, timers or threads open, which would keep a
 * real process from ending.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { afterAll } from 'vitest';
import { eventually } from '../eventually.ts';

/** Kinds of handles that keep a process alive, and that a test has to close. */
const WATCHED = new Set([
  'FSEventWrap',
  'PipeWrap',
  'ProcessWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'Timeout',
]);

type HandleCounts = ReadonlyMap<string, number>;

/** How many handles of each watched kind this process has open. */
function openHandles(): HandleCounts {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What is open `now` and was not `before`, as text. */
function handlesAdded(before: HandleCounts, now: HandleCounts): string[] {
  return [...now]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} ${kind}`);
}

const live = new Set<Worker>();

/** Counts the worker threads made from now on: Node lists them nowhere. */
function watchThreads(): void {
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

function liveThreads(): string[] {
  return live.size === 0 ? [] : [`${live.size} worker thread(s)`];
}

const before = openHandles();
watchThreads();

afterAll(async () => {
  await eventually(expectNothingOpen, { timeoutMs: 20_000, everyMs: 10 });
});

function expectNothingOpen(): void {
  const left = [...handlesAdded(before, openHandles()), ...liveThreads()];
  if (left.length > 0) throw new Error(`tests left open: ${left.join(', ')}`);
}
