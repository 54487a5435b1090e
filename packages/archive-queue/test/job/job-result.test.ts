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
