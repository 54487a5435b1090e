import { repeat, WakeableSleep } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

describe('WakeableSleep', () => {
  it('ends immediately, once, when it was woken before it began', async () => {
    const sleep = new WakeableSleep();
    sleep.wake();
    await sleep.sleep(1_000_000_000);
    const began = performance.now();
    await sleep.sleep(30);
    expect(performance.now() - began).toBeGreaterThanOrEqual(29);
  });
});

describe('repeat', () => {
  it('runs one round at a time, skips the pause on request, and ends', async () => {
    let rounds = 0;
    let signal = () => {};
    const second = new Promise<void>((resolve) => (signal = resolve));
    const repetition = repeat(async () => {
      rounds += 1;
      if (rounds === 2) signal();
      return 60_000;
    });
    repetition.hurry();
    await second;
    repetition.stop();
    await repetition.ended;
    expect(rounds).toBe(2);
  });
});
