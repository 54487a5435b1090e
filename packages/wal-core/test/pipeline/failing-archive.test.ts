import { faultyDisk, systemError } from '@walq/conformance';
import { nodeDisk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newPlace } from '../support/place.ts';

const isStaged = (path: string): boolean => path.includes('.zst.');

test('an archive that fails is not tried again for each segment of a batch', async () => {
  const place = await newPlace({
    segments: { 1: 'a', 2: 'b', 3: 'c', 4: 'd', 5: 'e' },
    flushedUpTo: 4,
  });
  let attempts = 0;
  const disk = faultyDisk(nodeDisk, {
    onCall: (call) => {
      if (call.operation !== 'file.write' || !isStaged(call.path)) return;
      attempts += 1;
      if (attempts > 1) throw systemError('ENOSPC', call);
    },
  });
  const outcomes = await place.archiveAll([1, 2, 3, 4], { disk });
  expect(outcomes).toEqual(['archived', 'store-full', 'store-full', 'store-full']);
  expect(attempts).toBe(2);
});
