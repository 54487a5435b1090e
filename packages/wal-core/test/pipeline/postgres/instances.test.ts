import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  admitInstance,
  isAdmitted,
  listInstances,
  nodeDisk,
  openSource,
  renewIdentity,
} from '@walq/wal-core/internal';
import { failOperation, faultyDisk } from '@walq/conformance';
import { expect, test } from 'vitest';
import { newPostgresPlace, PostgresPlace } from '../../support/postgres-place.ts';

test('another cluster under the same name is refused, and the first continues', async () => {
  const first = await newPostgresPlace();
  await first.open();
  const other = await newPostgresPlace({ systemIdentifier: 99n, archive: first.store.url });
  await expect(other.open()).rejects.toMatchObject({
    code: 'instance-not-admitted',
    hint: expect.stringContaining('walq adopt main') as string,
  });
  expect((await first.open()).sourceId).toBeDefined();
});

test('a clone of the data directory is refused until it is admitted', async () => {
  const first = await newPostgresPlace();
  const { sourceId } = await first.open();
  const clone = await newPostgresPlace({ archive: first.store.url });
  await expect(clone.open()).rejects.toMatchObject({ code: 'instance-not-admitted' });
  const instance = await renewIdentity(nodeDisk, clone.source);
  await admitInstance(first.store, 'main', {
    instance,
    systemIdentifier: clone.cluster.systemIdentifier.toString(),
    dataDirectory: clone.cluster.dataDirectory,
    host: 'second',
    at: new Date().toISOString(),
  });
  expect((await clone.open()).sourceId).toBe(instance);
  expect(instance).not.toBe(sourceId);
  expect(await isAdmitted(first.store, 'main', sourceId)).toBe(false);
  expect((await listInstances(first.store, 'main')).map(({ host }) => host)).toEqual(['second']);
});

test("a clone with a copy of walq's records is not mistaken for the original", async () => {
  const first = await newPostgresPlace();
  await first.open();
  const { dataDirectory } = first.cluster;
  const root = join(dataDirectory, '..', 'staging');
  await mkdir(root);
  await cp(dataDirectory, join(root, 'main'), { recursive: true });
  await cp(`${dataDirectory}.walq`, join(root, 'main.walq'), { recursive: true });
  const clone = new PostgresPlace(root, {}, first.store.url);
  await expect(clone.open()).rejects.toMatchObject({
    code: 'source-identity-mismatch',
    message: expect.stringContaining(dataDirectory) as string,
  });
});

test('where its records cannot be created next to the data directory, the failure says what to do', async () => {
  const { source, store } = await newPostgresPlace();
  const onCall = failOperation('makeDirectory', 'EACCES', /main\.walq$/);
  const disk = faultyDisk(nodeDisk, { onCall });
  await expect(openSource({ disk, source, store, registerIfNew: true })).rejects.toMatchObject({
    code: 'source-unavailable',
    message: expect.stringContaining('EACCES') as string,
    hint: expect.stringContaining('state = "…" in [sources.main]') as string,
  });
});

test('records of another machine are not mistaken for this machine’s', async () => {
  const place = await newPostgresPlace();
  await place.open();
  const path = join(`${place.cluster.dataDirectory}.walq`, 'source.json');
  const identity = JSON.parse(await readFile(path, 'utf8')) as { boundTo: object };
  const moved = { ...identity, boundTo: { ...identity.boundTo, machineId: 'other' } };
  await writeFile(path, JSON.stringify(moved));
  await expect(place.open()).rejects.toMatchObject({
    message: expect.stringContaining('another machine') as string,
  });
});

test('a new cluster in the old place is refused', async () => {
  const place = await newPostgresPlace();
  await place.open();
  const { dataDirectory } = place.cluster;
  await rename(dataDirectory, `${dataDirectory}.old`);
  const root = join(dataDirectory, '..');
  const renewed = new PostgresPlace(root, { systemIdentifier: 8n }, place.store.url);
  await renewed.cluster.create();
  await expect(renewed.open()).rejects.toMatchObject({
    code: 'source-identity-mismatch',
    message: expect.stringContaining('system identifier') as string,
  });
});
