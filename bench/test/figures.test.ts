import { describe, expect, it } from 'vitest';
import { inTurn, median, piecesOf, showSpread, spreadOf } from '../src/figures.ts';
import { summarize } from '../src/measure/summary.ts';
import { percentilesOf } from '../src/parts/latency.ts';
import { run, standing } from './a-report.ts';

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
    const runs = [run(2000), { ...run(4000), peakBytes: 30 }, { ...run(1000), peakBytes: 20 }];
    const summary = summarize(standing('sync', runs), []);
    expect(summary).toMatchObject({ megabytesPerSecond: 4, cores: 0.5, ratio: 4, peakBytes: 30 });
    expect(summary).toMatchObject({ segmentsPerSecond: 2, cpuMsPerSegment: 250 });
    expect(summary?.flushMs.median).toBe(2000);
  });

  it('has of flushes the median of the rounds’ medians, and rates of it', () => {
    const bare = standing('bare', [run(10, 10, 90), run(10, 10), run(20, 20)]);
    const walq = standing('queue-1', [run(20, 20, 90), run(10, 10), run(30, 30)]);
    expect(summarize(walq, [bare, walq])).toMatchObject({
      flushMs: { median: 20, least: 10, most: 30 },
      timesBare: { median: 1.5, least: 1, most: 2 },
      // Of three flushes, as in the first round.
      segmentsPerSecond: (4 / 3) * 50,
      cpuMsPerSegment: 250,
    });
  });

  it('is none for one that did not take part', () => {
    expect(summarize(standing('zstd', []), [])).toBeUndefined();
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

it('cuts items into pieces, the last of which may be shorter', () => {
  expect(piecesOf([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
  expect(piecesOf([], 2)).toEqual([]);
});
