import { rm, symlink } from 'node:fs/promises';
import { inParallel, listQuarantine, tryBatch } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { nameOf, newPlace, segmentName, textOf } from '../support/place.ts';

test('a batch that is cancelled in its middle reports and quarantines what has ended before', async () => {
  const segments = Object.fromEntries([1, 2, 3, 4, 5].map((one) => [one, textOf(one)]));
  const place = await newPlace({ segments, flushedUpTo: 4 });
  await rm(place.pathOf(2));
  await symlink(place.pathOf(1), place.pathOf(2));
  const abort = new AbortController();
  const archiver = place.archiver({
    onStep: (step, segment) => {
      if (step === 'unlink-source' && segment === nameOf(3)) abort.abort();
    },
  });
  const trying = { archiver, open: await place.open(), worker: 'test:1' };
  const reported: string[] = [];
  const work = inParallel(
    [[1, 2, 3, 4].map(segmentName)],
    1,
    {
      signal: abort.signal,
      onSegment: ({ segment, outcome }) => void reported.push(`${segment} ${outcome}`),
    },
    (batch, signal) => tryBatch(trying, batch, signal),
  );
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(reported).toEqual([`${nameOf(1)} archived`, `${nameOf(2)} quarantined`]);
  expect(await listQuarantine(place.store, 'orders')).toMatchObject([{ segment: nameOf(2) }]);
});
