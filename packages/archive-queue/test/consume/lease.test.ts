import { describe, expect, it } from 'vitest';
import { LeaseClock } from '@walq/archive-queue/testing';

describe('LeaseClock', () => {
  it('has a lease of seven tenths of the lock’s duration, from when the lock was requested', () => {
    let nowMs = 1_000;
    const lease = new LeaseClock(10_000, () => nowMs);
    lease.take('a', 2_000);
    nowMs += 5_000;
    expect(lease.isFresh('a')).toBe(true);
    nowMs += 1;
    expect(lease.isFresh('a')).toBe(false);
    expect(lease.expired()).toEqual(['a']);
  });

  it('starts again at each renewal, and ignores jobs that it has no lock for', () => {
    let nowMs = 0;
    const lease = new LeaseClock(10_000, () => nowMs);
    lease.take('a', 0);
    nowMs = 6_000;
    lease.renew(['a', 'b']);
    nowMs = 12_000;
    expect(lease.isFresh('a')).toBe(true);
    expect(lease.isFresh('b')).toBe(false);
    lease.release('a');
    expect(lease.isFresh('a')).toBe(false);
    expect(lease.expired()).toEqual([]);
  });
});
