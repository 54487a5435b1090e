/** Kills, failures and lost answers at every point of a batch of three. */
import { failCall, faultyDisk, type DiskCall } from '@walq/conformance';
import { nodeDisk, steps } from '@walq/wal-core/internal';
import { countCases } from '@walq/test-support';
import { expect, test } from 'vitest';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

const ALL = [1, 2, 3];
const segments = Object.fromEntries([...ALL, 4].map((number) => [number, textOf(number)]));
const newBatch = () => newPlace({ segments, flushedUpTo: 3 });

/** What is gone from the source is whole in the archive, and the next batch archives the rest. */
async function expectWholeAfterRetry(place: Place): Promise<void> {
  const left = await place.sourceNames();
  for (const number of ALL) {
    if (!left.includes(nameOf(number))) {
      expect(place.unpacked(number).toString()).toBe(textOf(number));
    }
  }
  const outcomes = await place.archiveAll(ALL);
  expect(outcomes.filter((one) => !['archived', 'already-archived'].includes(one))).toEqual([]);
  for (const number of ALL) expect(place.unpacked(number).toString()).toBe(textOf(number));
  expect(await place.sourceNames()).toEqual([nameOf(4)]);
  countCases(1);
}

const ofPostgres: readonly string[] = ['recheck', 'acknowledge'];
const ownSteps = steps.filter((step) => !ofPostgres.includes(step) && step !== 'make-durable');

test.each(ownSteps)(
  'a process that dies at the step %s of any segment loses nothing',
  async (deadly) => {
    for (const number of ALL) {
      const place = await newBatch();
      let isDead = false;
      const onStep = (step: string, segment: string): void => {
        isDead ||= step === deadly && segment === nameOf(number);
        if (isDead) throw new Error('killed');
      };
      const dead = (): void => {
        if (isDead) throw new Error('killed');
      };
      await place.archiveAll(ALL, { onStep, disk: faultyDisk(nodeDisk, { onCall: dead }) });
      expect(isDead).toBe(true);
      await expectWholeAfterRetry(place);
    }
  },
);

test.each(['EIO', 'ENOSPC'])(
  'any one disk call that fails with %s loses nothing',
  async (errno) => {
    for (let number = 1; ; number += 1) {
      const place = await newBatch();
      let calls = 0;
      const onCall = (call: DiskCall): void => {
        calls = call.number;
        failCall(number, errno)(call);
      };
      const outcomes = await place.archiveAll(ALL, { disk: faultyDisk(nodeDisk, { onCall }) });
      expect(outcomes).not.toContain('unexpected');
      await expectWholeAfterRetry(place);
      if (calls < number) return;
    }
  },
);

test('a lost answer to any disk call loses nothing', async () => {
  for (let number = 1; ; number += 1) {
    const place = await newBatch();
    let calls = 0;
    const onDone = (call: DiskCall): void => {
      calls = call.number;
      // The answer of an open is the file itself: without it nobody could close it.
      if (!call.operation.startsWith('open')) failCall(number, 'EIO')(call);
    };
    await place.archiveAll(ALL, { disk: faultyDisk(nodeDisk, { onDone }) });
    await expectWholeAfterRetry(place);
    if (calls < number) return;
  }
});
