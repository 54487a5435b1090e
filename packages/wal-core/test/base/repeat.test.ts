import { repeat, WakeableSleep } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

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
