import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { startFaultProxy, temporaryDirectory } from '@walq/test-support';
import {
  archiveKeyOf,
  newByteLimit,
  nodeDisk,
  openS3Store,
  publishOne,
} from '@walq/wal-core/internal';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const BYTES_PER_SECOND = 1_000_000;
const OBJECT_BYTES = 1_200_000;
/** What goes at once after a pause is a tenth of a second's, and a piece of each upload that may be one too far. */
const AHEAD_BYTES = BYTES_PER_SECOND / 10 + 2 * 64 * 1024;

test('uploads at the same time share the bandwidth that they are given, and are never ahead of it', async () => {
  const proxy = await startFaultProxy(site.server.port);
  const staging = await temporaryDirectory('staging');
  const { s3: settings } = settingsFor(proxy.endpoint, staging.path);
  const limit = newByteLimit(BYTES_PER_SECOND);
  const store = openS3Store(site.freshUrl(), { disk: nodeDisk, settings, limit });
  onTestFinished(() => store.close());
  const staged = await Promise.all(
    [1, 2].map(async (number) => {
      const name = { name: `wal-${number}.bin`, number: BigInt(number) };
      const one = await store.stage(archiveKeyOf('orders', name));
      await writeFile(one.path, randomBytes(OBJECT_BYTES));
      return one;
    }),
  );
  let arrived = 0;
  let aheadMax = 0;
  const beganMs = performance.now();
  proxy.onBytes = (bytes) => {
    arrived += bytes;
    const given = ((performance.now() - beganMs) / 1_000) * BYTES_PER_SECOND;
    aheadMax = Math.max(aheadMax, arrived - given);
  };

  expect(await Promise.all(staged.map((one) => publishOne(store, one)))).toEqual([
    'published',
    'published',
  ]);

  expect(arrived).toBe(2 * OBJECT_BYTES);
  expect(aheadMax).toBeLessThanOrEqual(AHEAD_BYTES);
});
