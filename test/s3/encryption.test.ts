import { writeFile } from 'node:fs/promises';
import { startFaultProxy, temporaryDirectory, type ProxiedRequest } from '@walq/test-support';
import {
  archiveKeyOf,
  nodeDisk,
  openS3Store,
  sha256Of,
  type S3Settings,
  publishOne,
} from '@walq/wal-core/internal';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const KEY = archiveKeyOf('orders', { name: 'wal-1.bin', number: 1n });

/** The requests that write: an object, a copy of it moved aside, a record, a dictionary and the probe. */
async function writingRequests(changes: Partial<S3Settings>): Promise<ProxiedRequest[]> {
  const proxy = await startFaultProxy(site.server.port);
  const requests: ProxiedRequest[] = [];
  proxy.faultOf = (request) => {
    if (request.method === 'PUT') requests.push(request);
    return undefined;
  };
  const staging = await temporaryDirectory('staging');
  const { s3: settings } = settingsFor(proxy.endpoint, staging.path, changes);
  const store = openS3Store(site.freshUrl(), { disk: nodeDisk, settings });
  onTestFinished(() => store.close());
  await store.probe();
  const staged = await store.stage(KEY);
  await writeFile(staged.path, 'content');
  await publishOne(store, staged);
  // Ceph 16 copies nothing that is encrypted by a key; what it is asked for is seen all the same.
  await store.moveAside(KEY).catch((error: unknown) => {
    if (!String(error).includes('NotImplemented')) throw error;
  });
  await store.records.create('orders', 'source', '{}');
  const dictionary = Buffer.from('dictionary');
  await store.dictionaries.create('orders', sha256Of(dictionary), dictionary);
  return requests;
}

const encryptionOf = ({ headers }: ProxiedRequest) => [
  headers['x-amz-server-side-encryption'],
  headers['x-amz-server-side-encryption-aws-kms-key-id'],
];

test.each<[string, Partial<S3Settings>, (string | undefined)[]]>([
  ['by the server', { encryption: 'AES256' }, ['AES256', undefined]],
  ['by a key', { encryption: 'aws:kms', kmsKeyId: 'key-1' }, ['aws:kms', 'key-1']],
  ['as the bucket has it', {}, [undefined, undefined]],
])('all that is written is to be encrypted %s', async (_, changes, expected) => {
  const requests = await writingRequests(changes);
  expect(requests.length).toBeGreaterThan(5);
  for (const request of requests) {
    expect([request.path, ...encryptionOf(request)]).toEqual([request.path, ...expected]);
  }
});
