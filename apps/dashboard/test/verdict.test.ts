import { describe, expect, it } from 'vitest';
import type { SourceView } from '../dist/state/page-state.js';
import { judgeSource, levelOf } from '../dist/verdict/judge-source.js';
import { judge } from '../dist/verdict/verdict.js';

type View = Omit<SourceView, 'level'>;

const NOW_MS = 1_000_000_000;

const calm: View = {
  name: 'orders',
  seenBy: 'dashboard',
  lookedAt: NOW_MS,
  problem: null,
  backlog: { segments: 0, bytes: 0, oldestAgeMs: null },
  rates: null,
  drainedInS: 0,
  archived: { segments: 5, last: null },
  ratio: 4,
  disks: [],
  openGaps: 0,
  acknowledgedGaps: 0,
  quarantined: 0,
  lost: 0,
  queue: { waiting: 0, active: 0, delayed: 0, pause: null },
  stages: [],
};

const worker = { isStuck: false, id: 'w1' } as Parameters<typeof judge>[1]['workers'][number];

function verdictOf(changes: Partial<View> = {}, queues: Partial<Parameters<typeof judge>[1]> = {}) {
  const view = { ...calm, ...changes };
  return judge([view], { redis: 'ok', workers: [worker], ...queues }, judgeSource(view, NOW_MS));
}

const waiting = (segments: number, minutes: number): Partial<View> => ({
  backlog: { segments, bytes: segments, oldestAgeMs: minutes * 60_000 },
  drainedInS: 240,
});

const filling = (hours: number): Partial<View> => ({
  disks: [{ place: 'source', freeBytes: 50, sizeBytes: 100, fullInS: hours * 3_600 }],
});

describe('the verdict', () => {
  it('is calm when all is in the archive, or on its way', () => {
    expect(verdictOf()).toEqual({
      level: 'ok',
      sentence: 'All flushed WAL is in the archive.',
      reasons: [],
    });
    expect(verdictOf(waiting(12, 1)).sentence).toBe(
      '12 segments on the way to the archive, drained in 4 min.',
    );
  });

  it('says until when one has, while something waits and a disk fills', () => {
    const { level, sentence } = verdictOf({ ...waiting(12, 10), ...filling(2) });
    expect(level).toBe('warning');
    expect(sentence).toMatch(/^Your WAL is safe for now: orders: /);
    expect(sentence).toMatch(/ You have 2 h until the disk of the source of orders is full\.$/);
  });

  it.each<[string, Partial<View>, string, RegExp]>([
    ['lost segments', { lost: 2, quarantined: 2 }, 'critical', /2 segments lost/],
    ['a gap', { openGaps: 1 }, 'critical', /1 gap in the archive/],
    ['quarantine', { quarantined: 1 }, 'warning', /1 segment in quarantine/],
    ['an old backlog', waiting(3, 6), 'warning', /the oldest for 6 min; drained in 4 min/],
    ['a very old backlog', waiting(3, 61), 'critical', /3 segments wait/],
    ['no draining', { ...waiting(3, 6), drainedInS: 'never' }, 'critical', /does not drain/],
    [
      'an age that nobody can foretell',
      { ...waiting(3, 6), drainedInS: null },
      'warning',
      /6 min$/,
    ],
    ['a look that is old', { lookedAt: NOW_MS - 720_000 }, 'unknown', /looked at 12 min ago/],
    ['a disk that is full soon', filling(0.5), 'critical', /is full in 30 min/],
    [
      'a full disk',
      { disks: [{ place: 'archive', freeBytes: 0, sizeBytes: 100, fullInS: null }] },
      'critical',
      /the disk of the archive is full/,
    ],
    [
      'a stopped source',
      { problem: { code: 'source-reset', message: 'odd watermark', hint: 'look' } },
      'critical',
      /odd watermark/,
    ],
    ['nobody that looks', { seenBy: 'nobody', backlog: null }, 'unknown', /nobody has looked/],
  ])('names %s', (_, changes, level, words) => {
    const { level: found, reasons } = verdictOf(changes);
    expect(found).toBe(level);
    expect(reasons[0]?.message).toMatch(words);
    expect(reasons[0]?.hint).not.toBe('');
    expect(reasons[0]?.source).toBe('orders');
  });

  it('never hides a loss behind a disk that is full some day', () => {
    const { sentence } = verdictOf({
      ...waiting(1, 1),
      ...filling(5_000),
      lost: 1,
      quarantined: 1,
    });
    expect(sentence).toMatch(/^Your WAL needs you: orders: 1 segment lost/);
  });

  it('does not alarm for a pause that holds nothing up, and tells one that does', () => {
    const queue = {
      waiting: 0,
      active: 0,
      delayed: 0,
      pause: { by: 'ada@db1', at: '2026-11-30T10:00:00.000Z' },
    };
    expect(verdictOf({ queue }).level).toBe('ok');
    expect(verdictOf({ queue, ...waiting(3, 1) }).reasons[0]?.message).toMatch(/is paused/);
  });

  it('tells that nobody works, that one gets nowhere, and that Redis is away', () => {
    expect(verdictOf(waiting(3, 1), { workers: [] }).level).toBe('critical');
    expect(verdictOf({}, { workers: [] }).level).toBe('ok');
    const stuck = { ...worker, isStuck: true };
    expect(verdictOf({}, { workers: [stuck] }).level).toBe('critical');
    const away = verdictOf({}, { redis: 'unreachable', workers: [] });
    expect(away).toMatchObject({ level: 'warning' });
    expect(away.reasons[0]?.message).toMatch(/nothing is lost/);
  });

  it('has the worst first', () => {
    const view = { ...calm, quarantined: 2, openGaps: 1 };
    expect(judgeSource(view, NOW_MS).map(({ level }) => level)).toEqual(['critical', 'warning']);
    expect(levelOf([])).toBe('ok');
  });
});
