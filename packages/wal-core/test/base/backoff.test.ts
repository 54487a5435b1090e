import { backoffMs, jitteredBackoffMs } from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the pause after a failure', () => {
  const bounds = { firstMs: 1_000, longestMs: 300_000 };

  it('is random, up to a limit that doubles and is capped, and never zero', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), share, (failures, random) => {
        const pauseMs = jitteredBackoffMs(failures, bounds, () => random);
        expect(pauseMs).toBeGreaterThanOrEqual(1);
        expect(pauseMs).toBeLessThanOrEqual(Math.min(300_000, 1_000 * 2 ** (failures - 1)));
      }),
    );
  });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [10, 300_000],
    [1_000_000, 300_000],
  ])('is at most, after failure %i, %i ms', (failures, limitMs) => {
    expect(jitteredBackoffMs(failures, bounds, () => 1)).toBe(limitMs);
    expect(backoffMs(failures, bounds)).toBe(limitMs);
  });
});
