import { describe, expect, it } from 'vitest';
import { inTurn, median, showSpread, spreadOf } from '../src/figures.ts';
import { summarize } from '../src/measure/summary.ts';
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
  it('compares each round with the floor of the same round', () => {
    const floor = standing('zstd', [run(1000), run(2000), run(1000)]);
    const walq = standing('queue-1', [run(1100), run(2200), run(1500)]);
    expect(summarize(walq, floor)?.timesFloor).toEqual({ median: 1.1, least: 1.1, most: 1.5 });
    expect(summarize(walq, undefined)?.timesFloor).toBeNull();
  });

  it('has rates of the median, and the highest peak', () => {
    const summary = summarize(
      standing('sync', [run(2000, 10), run(4000, 30), run(1000, 20)]),
      undefined,
    );
    expect(summary).toMatchObject({ megabytesPerSecond: 4, cores: 0.5, ratio: 4, peakBytes: 30 });
    expect(summary?.seconds.median).toBe(2);
  });

  it('is none for one that did not take part', () => {
    expect(summarize(standing('pgbackrest', []), undefined)).toBeUndefined();
  });
});

it('begins each round with the next contestant', () => {
  expect([0, 1, 3].map((round) => inTurn(['a', 'b', 'c'], round).join(''))).toEqual([
    'abc',
    'bca',
    'abc',
  ]);
});
