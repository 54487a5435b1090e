/**
 * vitest's set-up of each test file: fails the file when its tests leave sockets,
 * servers, child processes, watchers, timers or threads open, which would keep a
 * real process from ending.
 */
import { afterAll } from 'vitest';
import { eventually } from '../eventually.ts';
import { liveThreads, watchThreads } from './live-threads.ts';
import { handlesAdded, openHandles } from './open-handles.ts';

const before = openHandles();
watchThreads();

afterAll(async () => {
  await eventually(expectNothingOpen, { timeoutMs: 20_000, everyMs: 10 });
});

function expectNothingOpen(): void {
  const left = [...handlesAdded(before, openHandles()), ...liveThreads()];
  if (left.length > 0) throw new Error(`tests left open: ${left.join(', ')}`);
}
