import { describe, expect, it } from 'vitest';
import { inTurn, median, showSpread, spreadOf } from '../src/figures.ts';
import { summarize } from '../src/measure/summary.ts';
import { summarize as summarizeFlushes } from '../src/parts/flushes.ts';
import { percentilesOf } from '../src/parts/latency.ts';
import { flushRun, run, standing } from './a-report.ts';

describe('medians', () => {
  it('are of an odd number the one in the middle, of an even one the mean of two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('come with the least and the most', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
    expect(showSpread(spreadOf([3, 1, 2]), 1)).toBe('2.0 (1.0 to 3.0)');
  });
});

describe('the summary of a contestant', () => {
  it('compares each round with the floors of the same round', () => {
    const bare = standing('bare', [run(1000), run(2000), run(1000)]);
    const walq = standing('queue-1', [run(1100), run(2200), run(1500)]);
    const summary = summarize(walq, [bare, walq]);
    expect(summary?.timesBare).toEqual({ median: 1.1, least: 1.1, most: 1.5 });
    expect(summary?.timesZstd).toBeNull();
  });

  it('has rates of the median, the processor time of a segment, and the highest peak', () => {
    const summary = summarize(standing('sync', [run(2000, 10), run(4000, 30), run(1000, 20)]), []);
    expect(summary).toMatchObject({ megabytesPerSecond: 4, cores: 0.5, ratio: 4, peakBytes: 30 });
    expect(summary).toMatchObject({ segmentsPerSecond: 2, cpuMsPerSegment: 250 });
    expect(summary?.seconds.median).toBe(2);
  });

  it('is none for one that did not take part', () => {
    expect(summarize(standing('zstd', []), [])).toBeUndefined();
  });
});

it('has of flushes the median of the rounds, rates, and times the floor', () => {
  const bare = { id: 'bare', title: 'bare', runs: [flushRun(10), flushRun(10), flushRun(20)] };
  const walq = { id: 'queue-1', title: 'queue', runs: [flushRun(20), flushRun(10), flushRun(30)] };
  expect(summarizeFlushes(walq, [bare, walq])).toEqual({
    flushMs: { median: 20, least: 10, most: 30 },
    callMs: 0.1,
    megabytesPerSecond: 121,
    flushesPerSecond: 50,
    timesBare: { median: 1.5, least: 1, most: 2 },
    cpuMsPerSegment: 6,
    ratio: 50,
  });
});

it('has percentiles of what was measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentilesOf(values)).toEqual({ count: 100, p50: 51, p99: 100, max: 100 });
});

it('begins each round with the next contestant', () => {
  expect([0, 1, 3].map((round) => inTurn(['a', 'b', 'c'], round).join(''))).toEqual([
    'abc',
    'bca',
    'abc',
  ]);
});
