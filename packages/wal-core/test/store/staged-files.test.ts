import { writeFile } from 'node:fs/promises';
import { faultyDisk } from '@walq/conformance';
import { temporaryDirectory } from '@walq/test-support';
import { archiveSettings, nodeDisk, openS3Store, publishOne } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { keyOf, stageText } from './objects.ts';
import { newBucket } from './s3-stand-in.ts';

const MARK = '1-2-3';

test('a file that is about to be uploaded is neither removed nor taken by another batch', async () => {
  const { store, objects } = await newBucket();
  const { uploads } = store;
  if (uploads === undefined) throw new Error('an S3 store uploads');
  const staging = await uploads.saveForRetry(await stageText(store, keyOf(7), 'ours'), MARK);
  await store.discard(await uploads.stageInMemory(keyOf(8), 1));
  expect(await uploads.resume(keyOf(7), MARK)).toBeUndefined();
  expect(await publishOne(store, staging)).toBe('published');
  expect([...objects.values()].map(String)).toEqual(['ours']);
});

test('a file whose upload has failed is removed for another batch that has no room', async () => {
  const bucket = await newBucket();
  const { uploads } = bucket.store;
  if (uploads === undefined) throw new Error('an S3 store uploads');
  const staged = await stageText(bucket.store, keyOf(7), 'ours');
  const staging = await uploads.saveForRetry(staged, MARK);
  bucket.fault = ({ method }) => (method === 'PUT' ? 501 : undefined);
  await expect(publishOne(bucket.store, staging)).rejects.toThrow();
  await bucket.store.discard(await uploads.stageInMemory(keyOf(8), 1));
  expect(await uploads.resume(keyOf(7), MARK)).toBeUndefined();
});

test('staging many files measures the directory a few times only', async () => {
  const { path: stagingDirectory } = await temporaryDirectory('staging');
  let measured = 0;
  const disk = faultyDisk(nodeDisk, {
    onDone: ({ operation }) => void (measured += operation === 'lstat' ? 1 : 0),
  });
  const { s3: settings } = archiveSettings({ s3: { stagingDirectory } });
  const store = openS3Store('s3://bucket/p', { disk, settings });
  for (let number = 1; number <= 200; number += 1) {
    const { path } = await store.stage(keyOf(number));
    await writeFile(path, 'staged');
  }
  expect(measured).toBeLessThan(200 * 12);
});
