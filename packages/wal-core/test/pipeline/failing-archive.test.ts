import { faultyDisk, systemError } from '@walq/conformance';
import { nodeDisk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newBucket, type Bucket } from '../store/s3-stand-in.ts';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

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

const ALL = [1, 2, 3];

/** An archive that receives copies, which are read back before their sources are deleted. */
async function newS3Place(): Promise<{ bucket: Bucket; place: Place; reads: () => number }> {
  const bucket = await newBucket();
  const segments = Object.fromEntries([...ALL, 4].map((one) => [one, textOf(one)]));
  const place = await newPlace({ segments, flushedUpTo: 3, store: bucket.store });
  const isRead = ({ method, key }: { method: string; key: string }): boolean =>
    method === 'GET' && key.endsWith('.zst');
  return { bucket, place, reads: () => bucket.calls.filter(isRead).length };
}

const failReads = ({ method, key }: { method: string; key: string }): number | undefined =>
  method === 'GET' && key.endsWith('.zst') ? 501 : undefined;

test('an archive whose copies cannot be read back is asked for one of them only', async () => {
  const { bucket, place, reads } = await newS3Place();
  bucket.fault = failReads;
  expect(await place.archiveAll(ALL)).toEqual(ALL.map(() => 'store-unavailable'));
  expect(reads()).toBe(1);
  expect(await place.sourceNames()).toHaveLength(4);
});

test('an archive that cannot be searched for missing files is asked for one of them only', async () => {
  const { bucket, place, reads } = await newS3Place();
  await place.archiveAll(ALL);
  const before = reads();
  bucket.fault = failReads;
  expect(await place.archiveAll(ALL)).toEqual(ALL.map(() => 'store-unavailable'));
  expect(reads() - before).toBe(1);
});

test('a batch that is asked to end while copies are read back reads no further one', async () => {
  const { place, reads } = await newS3Place();
  const ending = new AbortController();
  const onStep = (step: string): void => {
    if (step === 'confirm') ending.abort();
  };
  const outcomes = await place.archiveAll(ALL, { onStep, options: { finish: ending.signal } });
  expect(outcomes).toEqual(['archived', 'cancelled', 'cancelled']);
  expect(reads()).toBe(1);
  expect(await place.sourceNames()).toEqual([2, 3, 4].map(nameOf));
});

test('a batch that is cancelled while copies are read back reads no further one', async () => {
  const { place, reads } = await newS3Place();
  const abort = new AbortController();
  const onStep = (step: string): void => {
    if (step === 'confirm') abort.abort();
  };
  const outcomes = await place.archiveAll(ALL, { onStep, options: { signal: abort.signal } });
  expect(outcomes).toEqual(ALL.map(() => 'cancelled'));
  expect(reads()).toBe(1);
});
