import { adviceOn, catalogue, isWalqError, WalqError, withNames } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

it.each(Object.entries(catalogue))('%s has a meaning and a hint in sentences', (_, entry) => {
  for (const text of [entry.meaning, entry.hint]) expect(text).toMatch(/^\S.*[.]$/);
});

describe('a hint', () => {
  it('is an instruction, true for whatever command prints it', () => {
    const hints = Object.values(catalogue).map(({ hint }) => hint);
    expect(hints.filter((hint) => /\? |\?$|by itself|\bmend/i.test(hint))).toEqual([]);
  });

  it('names the source and the segment, quoted for a shell', () => {
    expect(adviceOn('segment-not-flushed', 'orders', 'wal-7.bin')).toContain(
      'walq mark-flushed orders wal-7.bin',
    );
    expect(adviceOn('duplicate', 'orders', "it's $(me)")).toContain(
      `walq repair orders --release 'it'\\''s $(me)'`,
    );
  });

  it('keeps the placeholder of a name that is not known', () => {
    const failure = new WalqError('segment-not-flushed', { message: 'not yet' });
    expect(withNames(failure, { segment: 'wal-7' }).hint).toContain(
      'walq mark-flushed SOURCE wal-7',
    );
  });

  it('gets the names of the caller, and the failure stays the same otherwise', () => {
    const cause = new Error('why');
    const failure = new WalqError('segment-not-flushed', { message: 'not yet', cause });
    const named = withNames(failure, { source: 'orders', segment: 'wal-7' });
    expect(named).toMatchObject({ code: 'segment-not-flushed', message: 'not yet', cause });
    expect(named.hint).toContain('walq mark-flushed orders wal-7');
    expect(named.stack).toBe(failure.stack);
    expect(isWalqError(withNames(cause, { source: 'orders' }), 'unexpected')).toBe(true);
  });
});
