import { expect, it } from 'vitest';
import { RecentFailures } from '../../dist/consume/recent-failures.js';

const failure = { code: 'source-io', message: 'unable to read', hint: 'compare both' } as const;

it('keeps one entry per cause with the number of its segments, until they succeed', () => {
  const failures = new RecentFailures();
  const of = (segment: string) => ({ source: 'orders', segment });
  for (let n = 0; n < 1_000; n += 1) {
    failures.note({ ...of(`wal-${n % 100}`), kind: 'retried', failure }, 1_000 + n);
  }
  expect(failures.list(2_000)).toEqual([
    {
      ...failure,
      source: 'orders',
      kind: 'retried',
      segment: 'wal-99',
      segments: 100,
      since: 1_000,
      at: 1_999,
    },
  ]);
  for (let n = 0; n < 100; n += 1) {
    failures.note({ ...of(`wal-${n}`), kind: 'dropped', why: 'done' } as never, 3_000);
  }
  expect(failures.list(3_000)).toMatchObject([{ segments: 0 }]);
  expect(failures.list(3_000 + 3_600_000)).toEqual([]);
});
