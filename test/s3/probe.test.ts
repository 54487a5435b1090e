import { startFaultProxy, temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openS3Store, type S3Settings } from '@walq/wal-core/internal';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

async function storeAt(url: string, endpoint: string, changes: Partial<S3Settings> = {}) {
  const staging = await temporaryDirectory('staging');
  const { s3: settings } = settingsFor(endpoint, staging.path, changes);
  const store = openS3Store(url, { disk: nodeDisk, settings });
  onTestFinished(() => store.close());
  return store;
}

test('a server that ignores the condition is unsuitable', async () => {
  const proxy = await startFaultProxy(site.server.port);
  const { client, bucket } = site;
  const url = site.freshUrl();
  // Whatever was put is gone again before the next asks: as if there were no condition.
  proxy.faultOf = ({ method, path }) =>
    method === 'PUT'
      ? {
          kind: 'after',
          does: async () => {
            const key = decodeURIComponent(path.split('?')[0] ?? '').slice(bucket.length + 2);
            await client.deleteObject({ Bucket: bucket, Key: key });
          },
        }
      : undefined;
  const store = await storeAt(url, proxy.endpoint);
  await expect(store.probe()).rejects.toMatchObject({
    code: 'store-unsuitable',
    message: expect.stringContaining('ignores If-None-Match'),
    hint: expect.stringContaining('If-None-Match'),
  });
});

test('a bucket that is not there is a failure, never an empty archive', async () => {
  const store = await storeAt('s3://no-such-bucket/x', site.server.endpoint);
  const missing = {
    code: 'store-unavailable',
    class: 'retryable',
    hint: expect.stringContaining('Create the bucket'),
  };
  const key = { source: 'orders', shard: '00000000', segment: 'wal-1.bin' };
  await expect(store.probe()).rejects.toMatchObject(missing);
  await expect(store.stat(key)).rejects.toMatchObject(missing);
  await expect(store.fetch(key)).rejects.toMatchObject(missing);
  await expect(store.readTail(key, 5)).rejects.toMatchObject(missing);
  await expect(store.listSources()).rejects.toMatchObject(missing);
  await expect(store.records.read('orders', 'source')).rejects.toMatchObject(missing);
});

test('wrong credentials say so, and show none', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another-secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const store = await storeAt(site.freshUrl(), site.server.endpoint);
  const failure: unknown = await store.probe().catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 'store-unavailable',
    hint: expect.stringContaining('secret key'),
  });
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(
    'another-secret',
  );
});

test('no credentials at all say where to give them', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  const store = await storeAt(site.freshUrl(), site.server.endpoint);
  await expect(store.probe()).rejects.toMatchObject({
    code: 'store-unavailable',
    hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  });
});

test('the probe replaces nothing, leaves one object, and asks for no right to delete', async () => {
  const proxy = await startFaultProxy(site.server.port);
  const methods: string[] = [];
  proxy.faultOf = ({ method }) => void methods.push(method);
  const url = site.freshUrl();
  const store = await storeAt(url, proxy.endpoint);
  await store.probe();
  await store.probe();
  expect([...(await site.objects(url)).keys()]).toEqual(['.walq-probe']);
  expect(methods).not.toContain('DELETE');
  expect(await store.listSources()).toEqual([]);
});
