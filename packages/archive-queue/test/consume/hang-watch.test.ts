import type { SourceWorkerState } from '@walq/archive-queue';
import { HangWatch } from '@walq/archive-queue/testing';
import { expect, it } from 'vitest';

const AFTER_MS = 1_000;

const state = (changes: Partial<SourceWorkerState> = {}): SourceWorkerState => ({
  isTaking: false,
  holds: [],
  active: 0,
  waiting: 0,
  stopped: undefined,
  stoppedSince: undefined,
  checkMs: 0,
  ...changes,
});

/** What is said of a source that is in this state for longer than it may be. */
function hangingAfterwards(orders: SourceWorkerState, redis: 'ok' | 'unreachable' = 'ok') {
  let nowMs = 0;
  const watch = new HangWatch(AFTER_MS, () => nowMs);
  expect(watch.hanging(redis, { orders: state() })).toBeUndefined();
  for (const at of [0, AFTER_MS / 2, AFTER_MS]) {
    nowMs = at;
    watch.hanging(redis, { orders });
  }
  return watch.hanging(redis, { orders });
}

it('tells a source that is not worked on without a reason, and a check that does not end', () => {
  expect(hangingAfterwards(state())).toContain("'orders'");
  expect(hangingAfterwards(state({ isTaking: true, checkMs: AFTER_MS }))).toContain("'orders'");
});

it('takes no work, a hold, a failure and an absent Redis for what they are', () => {
  expect(hangingAfterwards(state({ isTaking: true }))).toBeUndefined();
  expect(hangingAfterwards(state({ holds: ['source-unavailable'] }))).toBeUndefined();
  const stopped = { code: 'source-unavailable', message: 'away', hint: 'mount it' } as const;
  expect(hangingAfterwards(state({ stopped } as never))).toBeUndefined();
  expect(hangingAfterwards(state(), 'unreachable')).toBeUndefined();
});
