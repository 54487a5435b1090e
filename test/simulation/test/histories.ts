import { countCases } from '@walq/test-support';
import { describeEnd, shorten, simulate } from '@walq/simulation';
import { expect, test } from 'vitest';

const PIECE = 250;

/** Tests of so many histories from a seed on; one that fails is printed in its shortest form. */
export function histories(from: number, count: number): void {
  for (let first = from; first < from + count; first += PIECE) {
    test(`histories ${first} to ${first + PIECE - 1} break no promise`, async () => {
      const { failed, figures } = await simulate(first, PIECE);
      expect(failed && describeEnd(await shorten(failed))).toBeUndefined();
      expect(figures.histories).toBe(PIECE);
      countCases(figures.histories);
      expect(figures.deleted).toBeGreaterThan(PIECE);
      expect(figures.pruned).toBeGreaterThan(0);
    });
  }
}
