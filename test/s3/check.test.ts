/** `walq check` tries of an archive in S3 what a segment needs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFaultProxy, type ProxiedRequest } from '@walq/test-support';
import { nameOf } from '../scene/index.ts';
import { newS3Scene } from './s3-scene.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const SEGMENT_BYTES = 3_000_000;

async function scene() {
  const proxy = await startFaultProxy(site.server.port);
  const it = await newS3Scene({ site, endpoint: proxy.endpoint });
  await it.scene.writeSegments(1, 2, SEGMENT_BYTES);
  await it.scene.markFlushed(nameOf(1));
  const check = async () => {
    const { code, json } = await it.scene.walq('check', '--json');
    const { checks } = json() as { checks: { check: string }[] };
    return { code, archive: checks.filter((one) => one.check === 'archive') };
  };
  return { ...it, proxy, check };
}

test('walq check writes an object as large as a segment to S3, and leaves none behind', async () => {
  const { proxy, check, url } = await scene();
  const seen: number[] = [];
  proxy.faultOf = ({ method, bytes }) => {
    if (method === 'PUT') seen.push(bytes);
    return undefined;
  };
  for (let times = 0; times < 2; times += 1) {
    const { archive } = await check();
    expect(archive[0]).toMatchObject({ state: 'ok' });
  }
  expect(seen.filter((bytes) => bytes >= SEGMENT_BYTES)).toHaveLength(2);
  expect(
    [...(await site.objects(url)).keys()].filter((name) => name.includes('probe-segment')),
  ).toEqual([]);
});

test('walq check fails on a quota that takes small objects and no segment', async () => {
  const { proxy, check } = await scene();
  const isLarge = ({ method, bytes }: ProxiedRequest) => method === 'PUT' && bytes > 1_000_000;
  proxy.faultOf = (request) =>
    isLarge(request) ? { kind: 'answer', status: 403, code: 'QuotaExceeded' } : undefined;
  const { code, archive } = await check();
  expect(code).toBe(1);
  expect(archive).toMatchObject([{ state: 'failed', code: 'store-full' }]);
});
