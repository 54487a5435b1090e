import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, gapsOf, SpanFinder, type AtSource, type Span } from '@walq/wal-core/internal';
import { nameOf, segmentName } from '../../support/place.ts';

const nobody = () => null;

function spansOf(
  archived: readonly number[],
  atSource: readonly AtSource[] = [],
  consecutive = true,
): readonly Span[] {
  const finder = new SpanFinder({ atSource, consecutive, explain: nobody });
  for (const number of archived) finder.next(segmentName(number));
  return finder.finish();
}

const waiting = (state: AtSource['state'], ...numbers: number[]): AtSource[] =>
  numbers.map((number) => ({ segment: segmentName(number), state }));

const stateAndCount = (spans: readonly Span[]) => spans.map(({ state, count }) => [state, count]);

describe('spans', () => {
  it('show archived, missing, due and quarantined segments, in order', () => {
    const atSource = [...waiting('quarantined', 5), ...waiting('due', 6)];
    expect(stateAndCount(spansOf([1, 4], atSource))).toEqual([
      ['archived', 1],
      ['missing', 2],
      ['archived', 1],
      ['quarantined', 1],
      ['due', 1],
    ]);
  });

  it('of a segment at the source and in the archive show the archive', () => {
    expect(stateAndCount(spansOf([1, 2], waiting('due', 2)))).toEqual([
      ['archived', 1],
      ['archived', 1],
    ]);
  });

  it('leave out segments that are not sealed, which are not gaps either', () => {
    expect(stateAndCount(spansOf([1], waiting('unsealed', 2, 3)))).toEqual([['archived', 1]]);
    expect(gapsOf('orders', spansOf([1, 4], waiting('unsealed', 2, 3)))).toEqual([]);
  });

  it('miss nothing where an engine skips numbers', () => {
    expect(gapsOf('orders', spansOf([1, 9], [], false))).toEqual([]);
  });

  it('stay few, however large the archive', () => {
    const spans = spansOf(Array.from({ length: 100_000 }, (_, number) => number + 1));
    expect(spans.length).toBeLessThan(10_000);
    expect(spans.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
    expect(spans[0]?.first).toBe(nameOf(1));
    expect(spans.at(-1)?.last).toBe(nameOf(100_000));
  });
});

describe('the map', () => {
  it('shows one odd segment among a hundred thousand', () => {
    const archived = Array.from({ length: 100_000 }, (_, at) => at + 1).filter((n) => n !== 777);
    const cells = cellsOf(spansOf(archived, waiting('quarantined', 777)), 500);
    expect(cells.length).toBeLessThanOrEqual(500);
    expect(cells.filter(({ counts }) => counts.quarantined === 1)).toHaveLength(1);
  });

  it('is not dominated by a huge gap', () => {
    const cells = cellsOf(spansOf([1, 2, 3, 4, 1_000_000_000, 1_000_000_001]), 100);
    expect(cells.filter(({ counts }) => counts.archived !== undefined).length).toBeGreaterThan(3);
  });

  it('is not dominated by many gaps either', () => {
    const stretches = Array.from({ length: 2_000 }, (_, at) => Math.floor(at / 20) * 1_000 + at);
    const cells = cellsOf(spansOf(stretches), 400);
    const whole = cells.filter(({ counts }) => counts.missing === undefined);
    expect(whole.length).toBeGreaterThanOrEqual(100);
  });

  it('is empty where there is nothing', () => {
    expect(cellsOf([], 100)).toEqual([]);
  });

  it('counts every segment once, in order, in no more cells than asked for', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 50 }), (some, cellsMax) => {
        const spans = spansOf(some.toSorted((a, b) => a - b));
        const cells = cellsOf(spans, cellsMax);
        expect(cells.length).toBeLessThanOrEqual(cellsMax);
        for (const state of ['archived', 'missing'] as const) {
          const inCells = cells.reduce((sum, { counts }) => sum + (counts[state] ?? 0), 0);
          const inSpans = spans.filter((span) => span.state === state);
          expect(inCells).toBe(inSpans.reduce((sum, { count }) => sum + count, 0));
        }
        expect(cells[0]?.first).toBe(spans[0]?.first);
        expect(cells.at(-1)?.last).toBe(spans.at(-1)?.last);
      }),
    );
  });
});
