import { isLeaseFresh } from '@walq/wal-core/internal';
import { LeaseClock } from '@walq/archive-queue/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers({ toFake: ['hrtime'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): unknown => vi.advanceTimersByTime(ms);

describe('LeaseClock', () => {
  it('has a lease of seven tenths of the lock’s duration, from when the lock was requested', () => {
    const clock = new LeaseClock(10_000);
    const lease = clock.take('a', 2_000);
    pass(5_000);
    expect(isLeaseFresh(lease)).toBe(true);
    pass(1);
    expect(isLeaseFresh(lease)).toBe(false);
    expect(clock.expired()).toEqual(['a']);
  });

  it('starts again at each renewal, and ignores jobs that it has no lock for', () => {
    const clock = new LeaseClock(10_000);
    const lease = clock.take('a', 0);
    pass(6_000);
    clock.renew(['a', 'b']);
    pass(6_000);
    expect(isLeaseFresh(lease)).toBe(true);
    pass(2_000);
    expect(clock.expired()).toEqual(['a']);
    clock.release('a', lease);
    expect(clock.expired()).toEqual([]);
  });

  it('keeps the lease of a job that was taken again before its earlier run ended', () => {
    const clock = new LeaseClock(10_000);
    const first = clock.take('a', 0);
    const second = clock.take('a', 0);
    clock.release('a', first);
    pass(6_000);
    clock.renew(['a']);
    pass(6_000);
    expect(isLeaseFresh(second)).toBe(true);
    pass(2_000);
    expect(clock.expired()).toEqual(['a']);
  });
});
