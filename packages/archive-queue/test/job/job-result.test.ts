import { OUTCOME_BYTES_MAX, resultOf } from '@walq/archive-queue/testing';
import { expect, it } from 'vitest';

it('the result of a job is short enough for the dashboard to read, whatever the names', () => {
  const ending = { kind: 'dropped', why: 'absent-like-others' } as const;
  const ended = Array.from({ length: 512 }, (_, n) => {
    const segment = String.fromCharCode(n % 32).repeat(255);
    return { segment, ending };
  });
  const result = resultOf(ended);
  expect(result.others).toHaveLength(10);
  // A result of archived segments has some 200 bytes more.
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(OUTCOME_BYTES_MAX - 500);
});

it('names the segments that the job archived, or the first of them where all would be too long', () => {
  const archived = (count: number, segment: string) =>
    Array.from({ length: count }, (_, n) => {
      const name = `${segment}-${n}`;
      const sizes = { bytesIn: 7, bytesOut: 5, durationMs: 3 };
      const report = { segment: name, ...sizes, outcome: 'archived' } as const;
      return { segment: name, ending: { kind: 'archived', report, waitMs: 1 } as const };
    });
  expect(resultOf(archived(2, 'wal')).archived).toEqual([
    ['wal-0', 7, 3],
    ['wal-1', 7, 3],
  ]);
  expect(resultOf(archived(64, '0000000100000002000000')).archived).toHaveLength(64);
  const long = resultOf(archived(512, '\u0001'.repeat(200)));
  expect(long.archived?.length).toBeGreaterThan(0);
  expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThan(OUTCOME_BYTES_MAX);
});
