import { bugs, runHistory, shorten, simulate } from '@walq/simulation';
import { expect, test } from 'vitest';

const HISTORIES_MAX = 1_000;

/** Which promise each breaks. */
const breaks: Readonly<Record<string, RegExp>> = {
  'delete before confirm': /^I[12]:/,
  'rename that replaces': /^I3:/,
  'race loser without its own fsync': /^I1: .* not durable/,
  'trust the job instead of the watermark': /^I2:/,
  're-fsync after EIO': /^I[15]:/,
  'temporary name reused': /^I[145]:/,
  'kept job id blocks re-adding': /^I4:/,
  'restore without rename': /^I5:/,
  'floor written after deleting': /^I3: .* no durable floor/,
  'receipt not compared before unlink': /^I1:/,
  'receipts before the barrier of the batch': /^I1: .* not durable/,
  'batch reported whole': /^I1:/,
};

test.each(Object.entries(bugs))('a planted bug is found: %s', async (name, planted) => {
  const { failed } = await simulate(1, HISTORIES_MAX, planted);
  expect(failed?.violation?.message).toMatch(breaks[name] ?? /nothing/);
  if (failed === undefined) return;
  // Not the history is at fault, but the bug.
  expect((await runHistory(failed.plan.seed)).violation).toBeUndefined();
});

test('a history is the same again by its seed, and is shortened to what makes it fail', async () => {
  const planted = bugs['delete before confirm'] ?? {};
  const { failed } = await simulate(1, HISTORIES_MAX, planted);
  if (failed === undefined) throw new Error('nothing was found');
  const again = await runHistory(failed.plan.seed, planted);
  expect(again.violation?.message).toBe(failed.violation?.message);
  expect(again.steps).toBe(failed.steps);
  const short = await shorten(failed, planted);
  expect(short.violation?.invariant).toBe(failed.violation?.invariant);
  expect(short.plan.actions.length).toBeLessThanOrEqual(4);
});
