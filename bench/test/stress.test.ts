import { arrivalsMs, stressTable, summarizeStress } from '@walq/bench/stress';
import { describe, expect, it } from 'vitest';

describe('the schedule of appends', () => {
  const order = { seed: 7, rate: 2_000, seconds: 5 };

  it('is the same for the same seed, and another for another', () => {
    const due = [...arrivalsMs(order)];
    expect([...arrivalsMs(order)]).toEqual(due);
    expect([...arrivalsMs({ ...order, seed: 8 })]).not.toEqual(due);
  });

  it('goes forward, ends in time, and keeps the rate on average, with gaps as of independent clients', () => {
    const due = [...arrivalsMs(order)];
    expect(due.toSorted((a, b) => a - b)).toEqual(due);
    expect(due.at(-1)).toBeLessThan(5_000);
    expect(Math.abs(due.length / 10_000 - 1)).toBeLessThan(0.05);
    // Exponential: a share of 1/e is longer than the mean.
    const long = due.filter((ms, at) => ms - (due[at - 1] ?? 0) > 0.5).length;
    expect(Math.abs(long / due.length - 1 / Math.E)).toBeLessThan(0.02);
  });
});

type Run = Parameters<typeof summarizeStress>[0]['off'][number];

const runOf = (p50Ms: number, maxMs: number, appendsPerSecond: number): Run => ({
  atRate: {
    appends: 100,
    latency: { p50Ms, p99Ms: 2 * p50Ms, p999Ms: 3 * p50Ms, maxMs },
    loopDelay: { p99Ms: 1, maxMs: 2 },
    flushMaxMs: 0.1,
  },
  fullLoad: { appends: 1000, appendsPerSecond, megabytesPerSecond: 1, behindMs: 5 },
  verified: { records: 1100, segments: 3 },
});

const summary = summarizeStress({
  off: [runOf(1, 10, 1000), runOf(9, 90, 9000), runOf(2, 20, 2000)],
  synchronous: [runOf(50, 500, 400)],
  'in-process': [runOf(3, 30, 1500)],
  queued: [runOf(2.2, 22, 1800)],
});

describe('the report', () => {
  it('takes medians of the rounds, and the greatest of what is a maximum', () => {
    expect(summary.modes[0]?.figures).toMatchObject({
      appendP50Ms: 2,
      appendP99Ms: 4,
      appendMaxMs: 90,
      appendsPerSecond: 2000,
    });
    expect(summary.ratios.appendsPerSecondQueuedToSynchronous).toBeCloseTo(4.5);
    expect(summary.ratios.appendP50QueuedToOff).toBeCloseTo(1.1);
  });

  it('shows the modes side by side, each compared with archiving off', () => {
    const load = { seconds: 1, rate: 10, recordBytes: 2048, segmentBytes: 4096, flushEvery: 2 };
    const about = { at: '2026-01-01T00:00:00.000Z', rounds: 3, parallelism: 2, nice: 10 };
    const table = stressTable({ ...about, ...load, writers: 4, seed: 1, ...summary });
    expect(table.columns.map(({ heading }) => heading)).toEqual([
      'archiving',
      'off',
      'synchronous',
      'in-process',
      'queued',
    ]);
    expect(table.rows[0]?.map((cell) => cell.trim())).toEqual([
      'append, p50',
      '2.00 ms',
      '50.00 ms   25.00×',
      '3.00 ms    1.50×',
      '2.20 ms    1.10×',
    ]);
    expect(table.notes).toContainEqual(expect.stringContaining('all 6,600 records came back'));
  });
});
