import { ProgressWatch } from '@walq/archive-queue/testing';
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
  it('is one that has work and moves nothing for long', () => {
    expect([after(0, 'a'), after(9, 'a'), after(1, 'a')]).toEqual([false, false, true]);
    expect(watch.lastProgressAt).toBeNull();
    const before = Date.now();
    expect(after(1, 'b')).toBe(false);
    expect(watch.lastProgressAt).toBeGreaterThanOrEqual(before);
  });

  it('is not one that is idle, however long', () => {
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

  it('is not one that just got work after a long rest', () => {
    after(0, 'a', false);
    expect([after(100, 'a'), after(9, 'a'), after(1, 'a')]).toEqual([false, false, true]);
  });
});
