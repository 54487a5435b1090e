import { describe, expect, it } from 'vitest';
import { LeaseClock } from '@walq/archive-queue/testing';

describe('LeaseClock', () => {
  it('holds a lease for seven tenths of the lock, counted from when the lock was asked for', () => {
    let nowMs = 1_000;
    const lease = new LeaseClock(10_000, () => nowMs);
    lease.take('a', 2_000);
    nowMs += 5_000;
    expect(lease.isFresh('a')).toBe(true);
    nowMs += 1;
    expect(lease.isFresh('a')).toBe(false);
    expect(lease.expired()).toEqual(['a']);
  });

  it('counts anew from each renewal, and knows nothing of jobs that it does not hold', () => {
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
