import { delayFor, idleFor, RoundScheduler } from '@walq/archive-queue/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

const GATHER_MS = 50;
const RETRY_GAP_MS = 250;

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Rounds that take so long each; gives the times at which they began, in milliseconds since the start. */
function runRounds(scheduler: RoundScheduler, roundMs: number, pause = idleFor(60_000)): number[] {
  const startedMs = performance.now();
  const begun: number[] = [];
  const run = async (): Promise<void> => {
    scheduler.begin();
    begun.push(Math.round(performance.now() - startedMs));
    await new Promise((resolve) => setTimeout(resolve, roundMs));
    await scheduler.wait(pause);
    await run();
  };
  run().catch(() => undefined);
  return begun;
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('the rounds of a pump', () => {
  it('start at once for the first flush after a quiet moment', async () => {
    const scheduler = new RoundScheduler();
    const begun = runRounds(scheduler, 4);
    await pass(1_000);
    scheduler.wake('gather');
    await pass(0);
    expect(begun).toEqual([0, 1_000]);
  });

  it('gather the flushes that follow, of which none is left out', async () => {
    const scheduler = new RoundScheduler();
    const begun = runRounds(scheduler, 4);
    await pass(1_000);
    scheduler.wake('gather');
    await pass(5);
    for (let flush = 0; flush < 100; flush += 1) scheduler.wake('gather');
    await pass(1_000);
    expect(begun).toEqual([0, 1_000, 1_004 + GATHER_MS]);
  });

  it('are at most one per gap under an unbroken row of flushes', async () => {
    const scheduler = new RoundScheduler();
    const begun = runRounds(scheduler, 4);
    for (let ms = 0; ms < 1_000; ms += 1) {
      scheduler.wake('gather');
      await pass(1);
    }
    expect(begun.length).toBe(1 + Math.floor(1_000 / (4 + GATHER_MS)));
  });

  it('do not gather for a caller that waits, and leave half of the time to others', async () => {
    const scheduler = new RoundScheduler();
    const begun = runRounds(scheduler, 4);
    await pass(2);
    scheduler.wake('now');
    await pass(100);
    scheduler.wake('gather');
    scheduler.wake('now');
    await pass(100);
    expect(begun).toEqual([0, 8, 102]);
  });

  it('wait after a failure, whoever asks, and a retry waits for less', async () => {
    const scheduler = new RoundScheduler();
    const begun = runRounds(scheduler, 4, delayFor(5_000));
    await pass(10);
    scheduler.wake('gather');
    scheduler.wake('now');
    await pass(1_000);
    expect(begun).toEqual([0]);
    scheduler.wake('repeat');
    await pass(10);
    scheduler.wake('repeat');
    await pass(4_000);
    expect(begun).toEqual([0, 1_010, 1_014 + RETRY_GAP_MS]);
  });

  it('end their pause at once when the producer is closed', async () => {
    const scheduler = new RoundScheduler();
    scheduler.begin();
    const waited = scheduler.wait(delayFor(5_000));
    scheduler.wake('end');
    await pass(0);
    await waited;
  });
});
