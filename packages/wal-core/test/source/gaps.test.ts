import { missingBetween } from '@walq/wal-core/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const numbered = (number: bigint) => ({ name: `s${number}`, number });

test('the missing numbers and their neighbours make up the whole range', () => {
  const inOrder = fc.uniqueArray(fc.bigInt({ min: 0n, max: 1n << 70n }), { minLength: 1 });
  fc.assert(
    fc.property(inOrder, (numbers) => {
      const sorted = numbers.toSorted((a, b) => (a < b ? -1 : 1)).map(numbered);
      const pairs = sorted
        .slice(1)
        .map((before, index) => [sorted[index] ?? before, before] as const);
      const missing = pairs.reduce(
        (sum, [after, before]) => sum + missingBetween(after, before),
        0n,
      );
      const range = (sorted.at(-1)?.number ?? 0n) - (sorted[0]?.number ?? 0n) + 1n;
      expect(missing + BigInt(sorted.length)).toBe(range);
    }),
  );
});

test('nothing is missing between two names of one number', () => {
  expect(missingBetween(numbered(1n), numbered(1n))).toBe(0n);
});

test('segments out of order are an error of the caller', () => {
  expect(() => missingBetween(numbered(5n), numbered(4n))).toThrow('not in order');
});
