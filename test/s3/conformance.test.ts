import { randomUUID } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openS3Store } from '@walq/wal-core/internal';
import { storeConformance, type StoreTarget } from '@walq/conformance';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

async function conformanceTarget(): Promise<StoreTarget> {
  const staging = await temporaryDirectory('staging');
  const { s3: settings } = settingsFor(site.server.endpoint, staging.path);
  const prefix = randomUUID();
  const url = `s3://${site.bucket}/${prefix}`;
  const store = openS3Store(url, { disk: nodeDisk, settings });
  const twin = openS3Store(url, { disk: nodeDisk, settings });
  return {
    store,
    twin,
    age: async ({ path }, ageMs) => {
      const then = new Date(Date.now() - ageMs);
      await utimes(path, then, then);
    },
    textAt: (name) => site.textAt(site.bucket, `${prefix}/${name}`),
    cleanup: async () => {
      await store.close();
      await twin.close();
    },
  };
}

storeConformance({
  name: 'S3 store',
  create: conformanceTarget,
  describe,
  it,
});
