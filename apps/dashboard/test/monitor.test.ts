import { describe, expect, it } from 'vitest';
import { drainedInS, fullInS, ratesOf, SourceTrack } from '../dist/monitor/source-track.js';
import { stagesOf } from '../dist/state/source-view.js';
import { figuresAt } from './source-figures.ts';

const MINUTE_MS = 60_000;

describe('rates', () => {
  it('count segments that arrived on the disk, and segments that were archived', () => {
    const snapshots = [
      figuresAt(0, { dueSegments: 10, archivedSegments: 100 }),
      figuresAt(1, { dueSegments: 40, archivedSegments: 130 }),
    ];
    expect(ratesOf(snapshots)).toEqual({ arrivalSegments: 1, archiveSegments: 0.5 });
  });

  it('need two snapshots, and are never negative', () => {
    expect(ratesOf([])).toBeNull();
    expect(ratesOf([figuresAt(0)])).toBeNull();
    const pruned = [
      figuresAt(0, { archivedSegments: 100 }),
      figuresAt(1, { archivedSegments: 10 }),
    ];
    expect(ratesOf(pruned)).toEqual({ arrivalSegments: 0, archiveSegments: 0 });
  });

  it('give the time to drain the backlog', () => {
    const rates = { arrivalSegments: 1, archiveSegments: 3 };
    expect(drainedInS(60, rates)).toBe(30);
    expect(drainedInS(60, { arrivalSegments: 3, archiveSegments: 3 })).toBe('never');
    expect(drainedInS(0, null)).toBe(0);
    expect(drainedInS(60, null)).toBeNull();
  });
});

describe('the time until a disk is full', () => {
  const falling = (bytesAMinute: number) =>
    [0, 1, 2, 3, 4].map((minute) => ({
      at: minute * MINUTE_MS,
      freeBytes: 6_000 - minute * bytesAMinute,
    }));

  it('extrapolates the last minutes', () => {
    expect(fullInS(falling(600))).toBeCloseTo(360);
    expect(fullInS(falling(0))).toBe('never');
    expect(fullInS(falling(-600))).toBe('never');
  });

  it('is unknown before there are enough samples', () => {
    expect(fullInS(falling(600).slice(0, 1))).toBeNull();
    expect(fullInS([])).toBeNull();
  });

  it('does not extrapolate a burst of a minute or two far ahead', () => {
    const hours = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((minute) => ({
      at: minute * MINUTE_MS,
      freeBytes: 7_200 - minute * 60,
    }));
    expect(fullInS(hours.slice(0, 3))).toBeNull();
    expect(fullInS(hours)).toBeCloseTo(6_600);
    const minutes = [0, 1].map((minute) => ({
      at: minute * MINUTE_MS,
      freeBytes: 600 - minute * 60,
    }));
    expect(fullInS(minutes)).toBeCloseTo(540);
  });
});

describe('the stages', () => {
  const batch = (deleteMs: number, segments = 1) => ({
    segments,
    bytesIn: 100,
    bytesOut: 50,
    stages: { readMs: 1, compressMs: 2, storeMs: 3, confirmMs: 4, deleteMs },
    waitMs: 5,
    finishedAt: 0,
  });

  it('have a duration each; a kept source has no stage delete', () => {
    expect(stagesOf([batch(6), batch(8)]).at(-1)).toMatchObject({ stage: 'delete', p50Ms: 6 });
    const kept = stagesOf([batch(0), batch(0)]).map(({ stage }) => stage);
    expect(kept).toEqual(['wait', 'read', 'compress', 'store', 'confirm']);
  });

  it('count segments, not batches', () => {
    const stages = stagesOf([batch(1, 2), batch(9, 64), batch(20, 2)]);
    expect(stages.at(-1)).toEqual({ stage: 'delete', count: 68, p50Ms: 9, p95Ms: 9, maxMs: 20 });
  });
});

describe('the history of a source', () => {
  it('is bounded, with columns of equal length', () => {
    const track = new SourceTrack();
    for (let minute = 0; minute < 1_000; minute += 1) track.record(figuresAt(minute), 100);
    const { at, ...columns } = track.history();
    expect(at).toHaveLength(720);
    expect(at.at(-1)).toBe(999 * MINUTE_MS);
    for (const column of Object.values(columns)) expect(column).toHaveLength(720);
  });

  it('records a snapshot once, however often it is passed', () => {
    const track = new SourceTrack();
    for (let round = 0; round < 5; round += 1) track.record(figuresAt(1), 100);
    expect(track.history().at).toHaveLength(1);
    expect(track.rates()).toBeNull();
  });
});
