import { findGaps, gapBetween } from '@walq/wal-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const numbered = (number: bigint) => ({ number });
const inOrder = fc
  .uniqueArray(fc.bigInt({ min: 0n, max: 200n }), { maxLength: 60 })
  .map((numbers) => numbers.toSorted((a, b) => Number(a - b)));

describe('the gaps between segments', () => {
  it('and the segments together are the whole range', () => {
    fc.assert(
      fc.property(inOrder, (numbers) => {
        const whole = [...numbers];
        for (const gap of findGaps(numbers.map(numbered))) {
          expect(gap.missing).toBe(gap.before.number - gap.after.number - 1n);
          for (let at = gap.after.number + 1n; at < gap.before.number; at += 1n) whole.push(at);
        }
        const [first = 0n, last = -1n] = [numbers[0], numbers.at(-1)];
        const range = Array.from({ length: Number(last - first) + 1 }, (_, n) => first + BigInt(n));
        expect(whole.toSorted((a, b) => Number(a - b))).toEqual(range);
      }),
    );
  });

  it('give the segments on both sides, as they came', () => {
    const segments = [3n, 4n, 9n, 10n, 1n << 70n].map((number) => ({ name: `s${number}`, number }));
    expect([...findGaps(segments)]).toEqual([
      { after: segments[1], before: segments[2], missing: 4n },
      { after: segments[3], before: segments[4], missing: (1n << 70n) - 11n },
    ]);
  });

  it('are none between two names of one number', () => {
    expect([...findGaps([1n, 1n, 2n].map(numbered))]).toEqual([]);
    expect([...findGaps([])]).toEqual([]);
  });

  it('are found as the segments come', () => {
    function* endless() {
      for (let number = 0n; ; number += 2n) yield { number };
    }
    const gaps = findGaps(endless());
    expect(gaps.next().value).toEqual({ after: numbered(0n), before: numbered(2n), missing: 1n });
    expect(gaps.next().value).toEqual({ after: numbered(2n), before: numbered(4n), missing: 1n });
  });

  it('are not looked for out of order', () => {
    expect(() => gapBetween(numbered(5n), numbered(4n))).toThrow(RangeError);
    expect(() => [...findGaps([7n, 9n, 8n].map(numbered))]).toThrow('not in order');
  });
});
