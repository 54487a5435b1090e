import type { SourceFigures, SourceObservation } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';
import { chooseFigures } from '../dist/state/source-view.js';
import { figuresAt } from './source-figures.ts';

const figures = (minute: number, dueSegments: number): SourceFigures =>
  figuresAt(minute, { dueSegments });

const SINCE = '2026-11-30T03:00:00.000Z';
const away = { code: 'source-unavailable', message: 'not mounted', hint: 'mount it' } as const;

const observation = (own: SourceFigures | null): SourceObservation => {
  if (own === null) return { source: 'orders', snapshot: null, failure: away, failingSince: SINCE };
  const lists = { gaps: [], quarantined: [], mismatched: [], unfinishedRepairs: [], spans: [] };
  const snapshot = { figures: own, ...lists, recentLevels: [], belowFloorAtSource: 0 };
  return { source: 'orders', snapshot, failure: null, failingSince: null };
};

const producer = (own: SourceFigures | null) => ({
  id: 'p',
  host: 'db1',
  version: '1',
  startedAt: 0,
  sources: { orders: { stopped: null, stoppedSince: null, figures: own } },
});

describe('the figures that the page shows', () => {
  it('are its own, even when a report is a little newer', () => {
    const chosen = chooseFigures('orders', observation(figures(10, 1)), [
      producer(figures(10.5, 2)),
    ]);
    expect(chosen).toMatchObject({ from: 'dashboard', figures: { dueSegments: 1 } });
  });

  it('are the producer’s where this host cannot read the disk, or its own scan hangs', () => {
    const reports = [producer(figures(12, 2))];
    const unread = chooseFigures('orders', observation(null), reports);
    expect(unread).toMatchObject({ from: 'producer', figures: { dueSegments: 2 }, problem: null });
    const hanging = chooseFigures('orders', observation(figures(10, 1)), reports);
    expect(hanging).toMatchObject({ from: 'producer', figures: { dueSegments: 2 } });
  });

  it('are missing where neither can read the disk, and the page says why', () => {
    const chosen = chooseFigures('orders', observation(null), [producer(null)]);
    expect(chosen).toEqual({ from: 'none', figures: null, problem: away, problemSince: SINCE });
  });
});
