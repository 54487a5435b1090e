import type { Condition } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';
import type { DiskView, SourceDetails } from '../dist/state/page-state.js';
import { headlineOf, reasonsOf } from '../dist/state/headline.js';

const NOW_MS = 1_000_000_000;

const calm: SourceDetails = {
  name: 'orders',
  figuresFrom: 'dashboard',
  scannedAt: NOW_MS,
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

const headlineFor = (...views: readonly Partial<SourceDetails>[]) => {
  const all = views.map((changes) => ({ ...calm, ...changes }));
  return headlineOf(
    all,
    all.flatMap((view) => reasonsOf(view, NOW_MS)),
  );
};

const waiting = (segments: number): Partial<SourceDetails> => ({
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

const filling = (hours: number): Partial<SourceDetails> => ({ disks: [disk('source', hours)] });

describe('the headline', () => {
  it('is ok when all segments are archived or being archived', () => {
    expect(headlineFor({})).toEqual({
      level: 'ok',
      sentence: 'All flushed WAL is archived.',
      reasons: [],
    });
    expect(headlineFor(waiting(12)).sentence).toBe(
      '12 segments are being archived; done in about 4 min.',
    );
  });

  it('says that nothing has been flushed, or how much is not flushed yet', () => {
    expect(headlineFor({ archived: { segments: 0, last: null } }).sentence).toBe(
      'Nothing has been flushed or archived yet.',
    );
    const unflushed = { segments: 2, bytes: 2, oldestAgeMs: 1, flushedUpTo: 'wal-1' };
    const open = { ...unflushed, watermarkAgeMs: 1, skipNewest: null };
    expect(headlineFor({ unflushed: open }).sentence).toBe(
      'All flushed WAL is archived. 2 sealed segments are not flushed yet.',
    );
  });

  it('says how long is left while there is a backlog and a filesystem fills', () => {
    const { level, sentence, reasons } = headlineFor({ ...waiting(12), ...filling(2) });
    expect(level).toBe('warning');
    expect(sentence).toBe(
      'Attention needed for orders. You have 2 h until the filesystem of the source of orders is full.',
    );
    expect(reasons).toMatchObject([
      { message: 'The filesystem of the source will be full in 2 h' },
    ]);
  });

  it('names one cause once, with all the sources that it affects', () => {
    const both = { disks: [disk('source', 0.5), disk('archive', 0.5)] };
    const full = condition({
      kind: 'archive-failing',
      level: 'critical',
      message: 'no space left',
      since: new Date(NOW_MS - 60_000).toISOString(),
      cause: 'archive-failing',
    });
    const conditions = [full];
    const { reasons, sentence } = headlineFor(
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
        message: 'The filesystem of the source and the archive will be full in 30 min',
        hint: expect.any(String) as string,
        since: null,
      },
    ]);
    expect(sentence).toBe('Action required for orders and ledger.');
  });

  it.each<[string, Partial<SourceDetails>, string, RegExp]>([
    ['an old backlog', { conditions: [condition({})], drainedInS: 240 }, 'warning', /; drained in/],
    [
      'a backlog that does not shrink',
      { conditions: [condition({})], drainedInS: 'never' },
      'critical',
      /not shrinking/,
    ],
    [
      'a backlog whose time to drain is unknown',
      { conditions: [condition({})], drainedInS: null },
      'warning',
      /wait$/,
    ],
    ['a scan that is old', { scannedAt: NOW_MS - 720_000 }, 'unknown', /scan was 12 min ago/],
    ['a disk that will soon be full', filling(0.5), 'critical', /will be full in 30 min/],
    [
      'a source that was never scanned',
      { figuresFrom: 'none', backlog: null, scannedAt: null },
      'unknown',
      /has not been scanned yet/,
    ],
  ])('names %s', (_, changes, level, words) => {
    const { level: found, reasons } = headlineFor(changes);
    expect(found).toBe(level);
    expect(reasons[0]?.message).toMatch(words);
    expect(reasons[0]?.hint).not.toBe('');
    expect(reasons[0]?.sources).toEqual(['orders']);
  });

  it('lists the worst reason first', () => {
    const lost = condition({ kind: 'lost', level: 'critical', message: '1 segment is lost' });
    const conditions = [condition({ kind: 'quarantine', cause: 'quarantine' }), lost];
    const { reasons } = headlineFor({ ...waiting(1), ...filling(5_000), conditions });
    expect(reasons.map(({ level }) => level)).toEqual(['critical', 'warning']);
    expect(reasons[0]?.message).toBe('1 segment is lost');
  });
});
