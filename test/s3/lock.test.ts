import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { archiveKeyOf, keyPath, nodeDisk, openS3Store, publishOne } from '@walq/wal-core/internal';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

const LOCKED = 'locked-bucket';
const KEY = archiveKeyOf('orders', { name: 'wal-1.bin', number: 1n });

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
  await site.client.createBucket({ Bucket: LOCKED, ObjectLockEnabledForBucket: true });
});
afterAll(() => site.close());

/** An archive in a bucket with versions and Object Lock, with one object. */
async function lockedPlace() {
  const staging = await temporaryDirectory('staging');
  const { s3: settings } = settingsFor(site.server.endpoint, staging.path);
  const prefix = randomUUID();
  const store = openS3Store(`s3://${LOCKED}/${prefix}`, { disk: nodeDisk, settings });
  onTestFinished(() => store.close());
  const put = async (text: string) => {
    const staged = await store.stage(KEY);
    await writeFile(staged.path, text);
    return publishOne(store, staged);
  };
  await put('kept');
  const name = `${prefix}/${keyPath(KEY)}`;
  /** Versions and markers under the key, the newest first. */
  const versions = async () => {
    const found = await site.client.listObjectVersions({ Bucket: LOCKED, Prefix: name });
    const markers = (found.DeleteMarkers ?? []).map(() => 'marker');
    return [...markers, ...(found.Versions ?? []).map(() => 'version')];
  };
  return { store, put, name, prefix, versions, textAt: (key: string) => site.textAt(LOCKED, key) };
}

test('what a retention keeps is held, for every asker, and stays as it was', async () => {
  const { store, name, versions, textAt } = await lockedPlace();
  await site.lock(LOCKED, name);
  expect(await Promise.all([store.remove(KEY), store.remove(KEY)])).toEqual(['held', 'held']);
  expect(await versions()).toEqual(['version']);
  expect(await textAt(name)).toBe('kept');
});

test('what a legal hold keeps is held, until it is lifted', async () => {
  const { store, name, versions } = await lockedPlace();
  await site.hold(LOCKED, name, 'ON');
  expect(await store.remove(KEY)).toBe('held');
  await site.hold(LOCKED, name, 'OFF');
  expect(await store.remove(KEY)).toBe('removed');
  expect(await versions()).toEqual([]);
});

test('what nothing keeps is removed with its version, and frees its room', async () => {
  const { store, versions } = await lockedPlace();
  expect(await store.remove(KEY)).toBe('removed');
  expect(await versions()).toEqual([]);
  expect(await store.remove(KEY)).toBe('absent');
});

test('a locked object is moved aside as a copy, and its key is free', async () => {
  const { store, put, name, prefix, versions, textAt } = await lockedPlace();
  await site.lock(LOCKED, name);
  const aside = await store.moveAside(KEY);
  expect(await textAt(`${prefix}/${aside}`)).toBe('kept');
  expect(await store.stat(KEY)).toBeUndefined();
  expect(await versions()).toEqual(['marker', 'version']);
  expect(await put('right')).toBe('published');
  expect(await textAt(name)).toBe('right');
});

test('a server that ignores the condition where there are versions is found out', async () => {
  const { store } = await lockedPlace();
  await expect(store.probe()).rejects.toMatchObject({
    code: 'store-unsuitable',
    hint: expect.stringContaining('without versions'),
  });
});
