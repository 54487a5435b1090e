import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byCheckPriority, withinBudget, type CheckRecord } from '@walq/wal-core/internal';

interface Thing {
  readonly id: number;
  readonly objectBytes: number;
  known: CheckRecord | undefined;
}

const record = (checkedAtMs: number, isFaulty = false): CheckRecord => ({
  objectBytes: 1,
  identity: '',
  checkedAtMs,
  ...(isFaulty && { fault: { code: 'object-corrupt', message: 'it does not decode' } }),
});

it('starts with objects that were never checked, then takes the oldest check', () => {
  const ages = [5, undefined, 1, undefined, 3];
  const things = ages.map((age, id) => ({ id, known: age === undefined ? age : record(age) }));
  expect(byCheckPriority(things).map(({ id }) => id)).toEqual([1, 3, 2, 4, 0]);
});

it('checks corrupt objects again, after the very first object', () => {
  const things = [record(9, true), record(1), record(2)].map((known, id) => ({ id, known }));
  expect(byCheckPriority(things).map(({ id }) => id)).toEqual([1, 0, 2]);
});

it('covers the archive with any budget: every object is checked within as many runs as there are objects', () => {
  const things = fc.array(
    fc.record({
      objectBytes: fc.integer({ min: 1, max: 100 }),
      known: fc.option(
        fc.record({ at: fc.integer({ min: 0, max: 100 }), isFaulty: fc.boolean() }),
        { nil: undefined },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 300 }), (some, bytesMax) => {
      const all: Thing[] = some.map(({ objectBytes, known }, id) => ({
        id,
        objectBytes,
        known: known && record(known.at, known.isFaulty),
      }));
      const seen = new Set<number>();
      let nowMs = 1_000;
      for (let run = 0; run < all.length; run += 1) {
        const taken = [...withinBudget(byCheckPriority(all), { bytesMax }, () => 0)];
        expect(taken.length).toBeGreaterThan(0);
        const bytes = taken.reduce((sum, { objectBytes }) => sum + objectBytes, 0);
        expect(taken.length === 1 || bytes <= bytesMax).toBe(true);
        for (const thing of taken) {
          thing.known = record((nowMs += 1), thing.known?.fault !== undefined);
          seen.add(thing.id);
        }
      }
      expect(seen.size).toBe(all.length);
    }),
  );
});

it('ends when the time is over', () => {
  let nowMs = 0;
  const taken: number[] = [];
  const queue = [1, 2, 3, 4].map((id) => ({ id, objectBytes: 1 }));
  for (const { id } of withinBudget(queue, { msMax: 25 }, () => nowMs)) {
    taken.push(id);
    nowMs += 10;
  }
  expect(taken).toEqual([1, 2, 3]);
  expect([...withinBudget(queue, { msMax: -1 }, () => 0)]).toHaveLength(1);
});
