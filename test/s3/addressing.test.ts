import dns from 'node:dns';
import { readFile, writeFile } from 'node:fs/promises';
import { startFaultProxy, temporaryDirectory } from '@walq/test-support';
import {
  archiveKeyOf,
  nodeDisk,
  openS3Store,
  type S3Settings,
  publishOne,
} from '@walq/wal-core/internal';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const KEY = archiveKeyOf('orders', { name: 'wal-1.bin', number: 1n });
const NAME = 'orders/00000000/wal-1.bin.zst';

/** Every name below `localhost` is this machine, which not every resolver knows. */
function resolveLocalNames(): void {
  const { lookup } = dns;
  const nearer = (host: string, ...more: unknown[]): void =>
    Reflect.apply(lookup, dns, [host.replace(/^.*\.localhost$/, 'localhost'), ...more]);
  vi.spyOn(dns, 'lookup').mockImplementation(nearer as typeof lookup);
  onTestFinished(() => void vi.restoreAllMocks());
}

/** What hosts and paths a store asks for while it does all that it can do with an object. */
async function askedFor(changes: Partial<S3Settings>): Promise<URL[]> {
  const proxy = await startFaultProxy(site.server.port);
  const asked: URL[] = [];
  proxy.faultOf = ({ headers, path }) => void asked.push(new URL(`http://${headers.host}${path}`));
  const staging = await temporaryDirectory('staging');
  const endpoint = `http://localhost:${proxy.port}`;
  const { s3: settings } = settingsFor(endpoint, staging.path, changes);
  const url = site.freshUrl();
  const store = openS3Store(url, { disk: nodeDisk, settings });
  onTestFinished(() => store.close());
  await store.probe();
  const staged = await store.stage(KEY);
  await writeFile(staged.path, 'content');
  expect(await publishOne(store, staged)).toBe('published');
  expect((await site.content(url, NAME)).toString()).toBe('content');
  const local = await store.fetch(KEY);
  expect(await readFile(local?.path ?? '', 'utf8')).toBe('content');
  await local?.release();
  expect(await store.listSources()).toEqual(['orders']);
  const aside = (await store.moveAside(KEY)) ?? '';
  expect((await site.content(url, aside)).toString()).toBe('content');
  expect(asked.length).toBeGreaterThan(8);
  return asked;
}

test('the bucket is part of the host name if configured so', async () => {
  resolveLocalNames();
  for (const { hostname, pathname } of await askedFor({ addressing: 'virtual-host' })) {
    expect(hostname).toBe(`${site.bucket}.localhost`);
    expect(pathname).not.toContain(site.bucket);
  }
});

test('with an endpoint it is part of the path by default', async () => {
  for (const { hostname, pathname } of await askedFor({})) {
    expect(hostname).toBe('localhost');
    expect(pathname).toMatch(new RegExp(`^/${site.bucket}/`));
  }
});
