import type { SourceWorkerState } from '@walq/archive-queue';
import { HangWatch, ProgressWatch, StuckDetector } from '@walq/archive-queue/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

let now = 0;
let watch = new ProgressWatch(10, () => now);

function after(ms: number, mark: string, hasWork = true): boolean {
  now += ms;
  watch.note({ hasWork, mark });
  return watch.isStuck;
}

beforeEach(() => {
  now = 1_000;
  watch = new ProgressWatch(10, () => now);
});

describe('a worker without progress', () => {
  it('has work and makes no progress for a long time', () => {
    expect([after(0, 'a'), after(9, 'a'), after(1, 'a')]).toEqual([false, false, true]);
    expect(watch.lastProgressAt).toBeNull();
    const before = Date.now();
    expect(after(1, 'b')).toBe(false);
    expect(watch.lastProgressAt).toBeGreaterThanOrEqual(before);
  });

  it('is not one that is idle, for however long', () => {
    expect([after(0, 'a', false), after(100, 'a', false)]).toEqual([false, false]);
  });

  it('is not one whose host’s clock was set forward by an hour', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const usual = new ProgressWatch(600_000);
    usual.note({ hasWork: true, mark: 'a' });
    vi.setSystemTime(Date.now() + 3_600_000);
    usual.note({ hasWork: true, mark: 'a' });
    expect(usual.isStuck).toBe(false);
  });

  it('is not one that has just got work after being idle for long', () => {
    after(0, 'a', false);
    expect([after(100, 'a'), after(9, 'a'), after(1, 'a')]).toEqual([false, false, true]);
  });
});

describe('StuckDetector', () => {
  it('detects a worker that takes none of the waiting jobs', () => {
    let nowMs = 0;
    const stuck = new StuckDetector(1_000, () => nowMs);
    expect(stuck.isStuck(5, 0)).toBe(false);
    nowMs = 999;
    expect(stuck.isStuck(5, 0)).toBe(false);
    nowMs = 1_000;
    expect(stuck.isStuck(5, 0)).toBe(true);
    expect(stuck.isStuck(5, 0)).toBe(false);
  });

  it('accepts slow progress and an empty queue', () => {
    let nowMs = 0;
    const stuck = new StuckDetector(1_000, () => nowMs);
    stuck.isStuck(5, 0);
    nowMs = 1_500;
    expect(stuck.isStuck(5, 900)).toBe(false);
    expect(stuck.isStuck(0, 900)).toBe(false);
    nowMs = 9_000;
    expect(stuck.isStuck(5, 900)).toBe(false);
  });
});

const AFTER_MS = 1_000;

const state = (changes: Partial<SourceWorkerState> = {}): SourceWorkerState => ({
  isTaking: false,
  pauseReasons: [],
  active: 0,
  waiting: 0,
  stopped: undefined,
  stoppedSince: undefined,
  checkMs: 0,
  ...changes,
});

/** The message for a source that is in this state for too long. */
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

it('detects a source that is idle without a reason, and a check that does not end', () => {
  expect(hangingAfterwards(state())).toContain("'orders'");
  expect(hangingAfterwards(state({ isTaking: true, checkMs: AFTER_MS }))).toContain("'orders'");
});

it('does not report an idle source, a pause, a failure or an unavailable Redis', () => {
  expect(hangingAfterwards(state({ isTaking: true }))).toBeUndefined();
  expect(hangingAfterwards(state({ pauseReasons: ['source-unavailable'] }))).toBeUndefined();
  const stopped = { code: 'source-unavailable', message: 'away', hint: 'mount it' } as const;
  expect(hangingAfterwards(state({ stopped } as never))).toBeUndefined();
  expect(hangingAfterwards(state(), 'unreachable')).toBeUndefined();
});
