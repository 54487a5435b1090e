import { readdir, writeFile } from 'node:fs/promises';
import {
  startFaultProxy,
  temporaryDirectory,
  type Fault,
  type FaultProxy,
} from '@walq/test-support';
import {
  archiveKeyOf,
  nodeDisk,
  openS3Store,
  S3_DEFAULTS,
  type ArchiveKey,
  type S3Deadlines,
  type Staging,
  publishOne,
} from '@walq/wal-core/internal';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const KEY = archiveKeyOf('orders', { name: 'wal-1.bin', number: 1n });
const NAME = 'orders/00000000/wal-1.bin.zst';
const CONTENT = 'x'.repeat(3_000_000);

/** Short, so that hanging calls are aborted within the test, and long enough for a busy machine to answer. */
const HANGING = { connectMs: 10_000, idleMs: 5_000, callMs: 60_000 };

async function placeBehindProxy(deadlines: S3Deadlines = S3_DEFAULTS.deadlines) {
  const staging = await temporaryDirectory('staging');
  const proxy = await startFaultProxy(site.server.port);
  const url = site.freshUrl();
  const { s3: settings } = settingsFor(proxy.endpoint, staging.path, { deadlines });
  const store = openS3Store(url, { disk: nodeDisk, settings });
  onTestFinished(() => store.close());
  const stage = async (key: ArchiveKey = KEY, content = CONTENT): Promise<Staging> => {
    const staged = await store.stage(key);
    await writeFile(staged.path, content);
    return staged;
  };
  return { store, proxy, url, stage, staging };
}

const deadlinesFor = ({ kind }: Fault): S3Deadlines =>
  kind === 'hang' || kind === 'late' ? HANGING : S3_DEFAULTS.deadlines;

/** The next requests of this method have this fault, then none. */
function failNext(proxy: FaultProxy, method: string, fault: Fault, times = 1): void {
  let left = times;
  proxy.faultOf = (request) => {
    if (request.method !== method || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

const retryable = { class: 'retryable', code: 'store-unavailable' };

describe('an upload', () => {
  test.each<[string, Fault, RegExp]>([
    [
      'is refused with 500',
      { kind: 'answer', status: 500, code: 'InternalError' },
      /InternalError/,
    ],
    ['is refused with 503', { kind: 'answer', status: 503, code: 'SlowDown' }, /SlowDown/],
    [
      'meets another upload (409)',
      { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' },
      /ConditionalRequestConflict/,
    ],
    ['is cut in its middle', { kind: 'cut', afterBytes: 500_000 }, /ECONNRESET|EPIPE|socket/],
    ['is never answered', { kind: 'hang' }, /no answer for/],
    ['arrives with another bit', { kind: 'flip' }, /BadDigest/],
  ])('that %s fails retryably, leaves nothing, and is taken up again', async (_, fault, why) => {
    const { store, proxy, url, stage } = await placeBehindProxy(deadlinesFor(fault));
    const staged = await stage();
    failNext(proxy, 'PUT', fault);
    const failure: unknown = await publishOne(store, staged).catch((error: unknown) => error);
    expect(failure).toMatchObject(retryable);
    expect(String(failure)).toMatch(why);
    expect(proxy.faults).toBe(1);
    expect([...(await site.objects(url)).keys()]).toEqual([]);
    expect(await publishOne(store, staged)).toBe('published');
    expect((await site.content(url, NAME)).toString()).toBe(CONTENT);
  });

  test.each<[string, Fault]>([
    ['is lost', { kind: 'lost' }],
    ['comes after the call was aborted', { kind: 'late' }],
  ])('whose answer %s is found there the next time', async (_, fault) => {
    const { store, proxy, url, stage } = await placeBehindProxy(deadlinesFor(fault));
    const staged = await stage();
    failNext(proxy, 'PUT', fault);
    await expect(publishOne(store, staged)).rejects.toMatchObject(retryable);
    expect(await publishOne(store, staged)).toBe('exists');
    expect((await site.content(url, NAME)).toString()).toBe(CONTENT);
    await store.makeDurable(KEY);
  });

  test('to a server that is not there fails at once, retryably', async () => {
    const { store, proxy, stage } = await placeBehindProxy();
    const staged = await stage();
    await proxy.down();
    await expect(publishOne(store, staged)).rejects.toMatchObject(retryable);
    await proxy.up();
    expect(await publishOne(store, staged)).toBe('published');
  });
});

describe('reading', () => {
  test('continues through busy answers and cut connections', async () => {
    const { store, proxy, stage } = await placeBehindProxy();
    await publishOne(store, await stage());
    failNext(proxy, 'GET', { kind: 'answer', status: 503, code: 'SlowDown' }, 2);
    expect(await store.readTail(KEY, 3)).toHaveLength(3);
    failNext(proxy, 'HEAD', { kind: 'lost' });
    expect(await store.stat(KEY)).toMatchObject({ sizeBytes: CONTENT.length });
    expect(proxy.faults).toBe(3);
  });

  test('that is never answered fails within its deadline, and leaves no file', async () => {
    const { store, proxy, stage, staging } = await placeBehindProxy(HANGING);
    await publishOne(store, await stage());
    proxy.faultOf = () => ({ kind: 'hang' });
    const calls = [
      store.fetch(KEY),
      store.stat(KEY),
      store.readTail(KEY, 10),
      store.makeDurable(KEY),
      store.probe(),
      store.listSources(),
      store.records.read('orders', 'source'),
      store.records.create('orders', 'source', '{}'),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: retryable });
    }
    const left = await readdir(staging.path, { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('staged files', () => {
  test('that were kept are taken once, by their mark alone, also by another process', async () => {
    const { store, stage, url, staging, proxy } = await placeBehindProxy();
    const kept = await store.uploads?.saveForRetry(await stage(), '1-2-3');
    const { s3: settings } = settingsFor(proxy.endpoint, staging.path);
    const other = openS3Store(url, { disk: nodeDisk, settings });
    onTestFinished(() => other.close());
    expect(await other.uploads?.resume(KEY, '1-2-4')).toBeUndefined();
    const taken = await Promise.all([1, 2, 3].map(async () => other.uploads?.resume(KEY, '1-2-3')));
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
    expect(kept?.path).not.toBe(taken.find((one) => one !== undefined)?.path);
    for (const one of taken) if (one !== undefined) await publishOne(other, one);
    expect((await site.content(url, NAME)).toString()).toBe(CONTENT);
    expect(await store.uploads?.resume(KEY, '1-2-3')).toBeUndefined();
  });

  test('are bounded: saved ones are removed first, those in use stay', async () => {
    const staging = await temporaryDirectory('staging');
    const { s3: settings } = settingsFor(site.server.endpoint, staging.path, {
      stagingBytesMax: 1000,
    });
    const url = site.freshUrl();
    const store = openS3Store(url, { disk: nodeDisk, settings });
    const dead = openS3Store(url, { disk: nodeDisk, settings });
    for (const one of [store, dead]) onTestFinished(() => one.close());
    const keyOf = (n: number) =>
      archiveKeyOf('orders', { name: `wal-${n}.bin`, number: BigInt(n) });
    const staged = async (n: number, by = store): Promise<Staging> => {
      const one = await by.stage(keyOf(n));
      await writeFile(one.path, 'x'.repeat(600));
      return one;
    };
    // By a process that died before its upload: what this one saves is about to be uploaded, and stays.
    await dead.uploads?.saveForRetry(await staged(1, dead), '1');
    const inFlight = await staged(2);
    await staged(3);
    expect(await store.uploads?.resume(keyOf(1), '1')).toBeUndefined();
    await expect(store.stage(keyOf(4))).rejects.toMatchObject({
      code: 'store-full',
      message: expect.stringContaining('archive.s3.staging_bytes_max'),
    });
    expect(await publishOne(store, inFlight)).toBe('published');
    await store.discard(await store.stage(keyOf(4)));
  });
});
