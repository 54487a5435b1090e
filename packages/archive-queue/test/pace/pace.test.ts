import { WalqError, type FailureCode } from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullJitter, repeat, retryDelayMs, WakeableSleep } from '@walq/archive-queue/testing';

const failed = (code: FailureCode) => new WalqError(code, { message: code });

describe('the pause after a failure', () => {
  const bounds = { firstMs: 1_000, longestMs: 300_000 };

  it('is anywhere up to a limit that doubles and is capped, and never nothing', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), share, (failures, random) => {
        const pauseMs = fullJitter(failures, bounds, () => random);
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
    expect(fullJitter(failures, bounds, () => 1)).toBe(limitMs);
  });

  it('is longer where a human has to act', () => {
    const latest = (code: FailureCode) => retryDelayMs(failed(code), 1, () => 1);
    expect(latest('store-full')).toBeGreaterThan(10 * latest('source-io'));
  });
});

describe('WakeableSleep', () => {
  it('ends at once when it was woken before it began, once', async () => {
    const sleep = new WakeableSleep();
    sleep.wake();
    await sleep.sleep(1_000_000_000);
    const began = performance.now();
    await sleep.sleep(30);
    expect(performance.now() - began).toBeGreaterThanOrEqual(29);
  });
});

describe('repeat', () => {
  it('does one round at a time, hurries when told, and ends', async () => {
    let rounds = 0;
    let told = () => {};
    const second = new Promise<void>((resolve) => (told = resolve));
    const repetition = repeat(async () => {
      rounds += 1;
      if (rounds === 2) told();
      return 60_000;
    });
    repetition.hurry();
    await second;
    repetition.stop();
    await repetition.ended;
    expect(rounds).toBe(2);
  });
});
