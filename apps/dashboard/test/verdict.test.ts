import type { Condition } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';
import type { DiskView } from '../dist/state/page-state.js';
import { judge, judgeSource, type Judged } from '../dist/state/verdict.js';

const NOW_MS = 1_000_000_000;

const calm: Judged = {
  name: 'orders',
  seenBy: 'dashboard',
  lookedAt: NOW_MS,
  problem: null,
  conditions: [],
  unflushed: null,
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

const condition = (changes: Partial<Condition>): Condition => ({
  kind: 'late',
  level: 'warning',
  message: '3 segments wait',
  hint: 'Add workers.',
  code: null,
  since: null,
  segments: 3,
  cause: 'late orders',
  isHolding: false,
  ...changes,
});

const verdictOf = (...views: readonly Partial<Judged>[]) => {
  const all = views.map((changes) => ({ ...calm, ...changes }));
  return judge(
    all,
    all.flatMap((view) => judgeSource(view, NOW_MS)),
  );
};

const waiting = (segments: number): Partial<Judged> => ({
  backlog: { segments, bytes: segments, oldestAgeMs: 60_000 },
  drainedInS: 240,
});

const disk = (place: 'source' | 'archive', hours: number): DiskView => ({
  place,
  filesystem: 'db1:64768',
  freeBytes: 50,
  sizeBytes: 100,
  fullInS: hours * 3_600,
});

const filling = (hours: number): Partial<Judged> => ({ disks: [disk('source', hours)] });

describe('the verdict', () => {
  it('is calm when all is in the archive, or on its way', () => {
    expect(verdictOf({})).toEqual({
      level: 'ok',
      sentence: 'All flushed WAL is in the archive.',
      reasons: [],
    });
    expect(verdictOf(waiting(12)).sentence).toBe(
      '12 segments on the way to the archive, drained in 4 min.',
    );
  });

  it('does not call safe what was never flushed', () => {
    expect(verdictOf({ archived: { segments: 0, last: null } }).sentence).toBe(
      'Nothing is flushed and nothing is archived yet.',
    );
    const unflushed = { segments: 2, bytes: 2, oldestAgeMs: 1, flushedUpTo: 'wal-1' };
    const open = { ...unflushed, watermarkAgeMs: 1, skipNewest: null };
    expect(verdictOf({ unflushed: open }).sentence).toBe(
      'All flushed WAL is in the archive. 2 sealed segments not flushed yet.',
    );
  });

  it('says how long one has, while something waits and a filesystem fills', () => {
    const { level, sentence, reasons } = verdictOf({ ...waiting(12), ...filling(2) });
    expect(level).toBe('warning');
    expect(sentence).toBe(
      'Attention needed for orders. You have 2 h until the filesystem of the source of orders is full.',
    );
    expect(reasons).toMatchObject([{ message: 'The filesystem of the source is full in 2 h' }]);
  });

  it('names one cause once, with all the sources that it holds', () => {
    const both = { disks: [disk('source', 0.5), disk('archive', 0.5)] };
    const full = condition({
      kind: 'archive-failing',
      level: 'critical',
      message: 'no space left',
      since: new Date(NOW_MS - 60_000).toISOString(),
      cause: 'archive-failing',
    });
    const conditions = [full];
    const { reasons, sentence } = verdictOf(
      { ...both, conditions },
      { ...both, conditions, name: 'ledger' },
    );
    expect(reasons).toEqual([
      {
        level: 'critical',
        sources: ['orders', 'ledger'],
        message: 'no space left',
        hint: full.hint,
        since: NOW_MS - 60_000,
      },
      {
        level: 'critical',
        sources: ['orders', 'ledger'],
        message: 'The filesystem of the source and the archive is full in 30 min',
        hint: expect.any(String) as string,
        since: null,
      },
    ]);
    expect(sentence).toBe('Action required for orders and ledger.');
  });

  it.each<[string, Partial<Judged>, string, RegExp]>([
    ['an old backlog', { conditions: [condition({})], drainedInS: 240 }, 'warning', /; drained in/],
    ['no draining', { conditions: [condition({})], drainedInS: 'never' }, 'critical', /not shrink/],
    [
      'an end that nobody can foretell',
      { conditions: [condition({})], drainedInS: null },
      'warning',
      /wait$/,
    ],
    ['a look that is old', { lookedAt: NOW_MS - 720_000 }, 'unknown', /looked at 12 min ago/],
    ['a disk that is full soon', filling(0.5), 'critical', /is full in 30 min/],
    [
      'nobody that looks',
      { seenBy: 'nobody', backlog: null, lookedAt: null },
      'unknown',
      /Nobody has looked/,
    ],
  ])('names %s', (_, changes, level, words) => {
    const { level: found, reasons } = verdictOf(changes);
    expect(found).toBe(level);
    expect(reasons[0]?.message).toMatch(words);
    expect(reasons[0]?.hint).not.toBe('');
    expect(reasons[0]?.sources).toEqual(['orders']);
  });

  it('has the worst first, whatever fills some day', () => {
    const lost = condition({ kind: 'lost', level: 'critical', message: '1 segment is lost' });
    const conditions = [condition({ kind: 'quarantine', cause: 'quarantine' }), lost];
    const { reasons } = verdictOf({ ...waiting(1), ...filling(5_000), conditions });
    expect(reasons.map(({ level }) => level)).toEqual(['critical', 'warning']);
    expect(reasons[0]?.message).toBe('1 segment is lost');
  });
});
