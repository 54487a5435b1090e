import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventually,
  startFaultProxy,
  startRedis,
  type Fault,
  type FaultProxy,
} from '@walq/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf, namesOf, statusOf } from '../scene/index.ts';
import { newS3Scene, type S3Scene } from './s3-scene.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const OUTAGE_MS = 60_000;
const DRAINED_MS_MAX = 240_000;
const SEGMENT_BYTES = 300_000;

/** Short, so that hanging uploads are aborted a few times within a test. */
const deadlines = ['connect_timeout = "2s"', 'idle_timeout = "2s"', 'call_timeout = "20s"'];

const isWarning = (line: string): boolean => /"level":[456]0/.test(line);

interface Load {
  readonly it: S3Scene;
  readonly proxy: FaultProxy;
  readonly roles: readonly Awaited<ReturnType<S3Scene['scene']['start']>>[];
}

async function startLoad(): Promise<Load> {
  const redis = await startRedis();
  const proxy = await startFaultProxy(site.server.port);
  const it = await newS3Scene({
    site,
    redisUrl: redis.url,
    endpoint: proxy.endpoint,
    lines: deadlines,
  });
  await it.scene.writeSegments(1, 2, SEGMENT_BYTES);
  await it.scene.markFlushed(nameOf(1));
  const worker = () => it.scene.start('worker', '--concurrency', '2');
  const roles = [await it.scene.start('producer'), await worker(), await worker()];
  return { it, proxy, roles };
}

/** Writes segments and says that they are flushed, as an engine does that is at work. */
async function write({ it: { scene } }: Load, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1) {
    await scene.writeSegments(number, number, SEGMENT_BYTES);
    if (number % 5 === 0 || number === to) await flush(scene.source, nameOf(number - 1));
  }
}

/** As an engine does it, which asks no archive. */
async function flush(source: string, segment: string): Promise<void> {
  const path = join(source, '.walq/watermark.json');
  const watermark = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(`${path}.next`, JSON.stringify({ ...watermark, segment }));
  await rename(`${path}.next`, path);
}

async function expectDrained({ it, roles }: Load, last: number): Promise<void> {
  await it.scene.untilLeft([nameOf(last)], { timeoutMs: DRAINED_MS_MAX });
  for (const role of roles) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  await it.mirror();
  expect(await it.scene.faultsAtTheEnd({ left: [nameOf(last)] })).toEqual([]);
  const { quarantined } = (await statusOf(it.scene)).sources['orders'] ?? {};
  expect(quarantined).toEqual([]);
}

test('a store that is away for a minute costs time, and nothing else', async () => {
  const load = await startLoad();
  const { it, proxy, roles } = load;
  await write(load, 3, 31);
  await eventually(async () => expect((await it.archived()).length).toBeGreaterThan(3), {
    timeoutMs: DRAINED_MS_MAX,
  });
  await proxy.down();
  const backAt = performance.now() + OUTAGE_MS;
  await write(load, 32, 51);
  await sleep(Math.max(0, backAt - performance.now()));
  await it.mirror();
  expect(await it.scene.faultsAtAnyTime()).toEqual([]);
  expect(await it.scene.sourceNames()).toEqual(expect.arrayContaining(namesOf(32, 51)));
  await proxy.up();
  await write(load, 52, 61);
  await expectDrained(load, 61);
  // Few lines, however often it was tried; the workers had segments in work when it went.
  const lines = roles.map(({ stdout }) => stdout.split('\n').filter(isWarning));
  expect(lines.flat()).toEqual(expect.arrayContaining([expect.stringContaining(it.url)]));
  for (const ofRole of lines) expect(ofRole.length).toBeLessThan(10);
});

test('answers of 500, 503 and 409, cut and hanging connections, lost and late answers: all drains', async () => {
  const load = await startLoad();
  const { proxy, it } = load;
  const faults: Fault[] = [
    { kind: 'answer', status: 500, code: 'InternalError' },
    { kind: 'answer', status: 503, code: 'SlowDown' },
    { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' },
    { kind: 'cut', afterBytes: 40_000 },
    { kind: 'lost' },
    { kind: 'flip' },
    { kind: 'hang' },
    { kind: 'late' },
  ];
  let uploads = 0;
  let next = 0;
  // Each fault comes round a few times; every third upload goes through.
  proxy.faultOf = ({ method, bytes }) => {
    if (method !== 'PUT' || bytes < 1000 || next >= 3 * faults.length) return undefined;
    uploads += 1;
    if (uploads % 3 === 0) return undefined;
    next += 1;
    return faults[(next - 1) % faults.length];
  };
  await write(load, 3, 41);
  await expectDrained(load, 41);
  expect(proxy.faults).toBe(3 * faults.length);
  expect(await it.archived()).toHaveLength(40);
});

test('a store that takes connections and never answers holds no worker, and is gone on with', async () => {
  const load = await startLoad();
  const { proxy, it, roles } = load;
  proxy.faultOf = () => ({ kind: 'hang' });
  await write(load, 3, 11);
  await roles[1]?.waitForLine(/no answer for 2 s/);
  expect(await it.scene.sourceNames()).toEqual(expect.arrayContaining(namesOf(2, 11)));
  proxy.faultOf = () => undefined;
  await expectDrained(load, 11);
});

test('a store that holds other bytes than were sent is found before the source goes', async () => {
  const load = await startLoad();
  const { proxy, it } = load;
  const damaged = 'wal-000004.bin';
  proxy.faultOf = ({ method, path, bytes }) =>
    method === 'PUT' && bytes > 1000 && path.includes(damaged)
      ? { kind: 'after', does: () => damage(path) }
      : undefined;
  await write(load, 3, 9);
  await it.scene.untilLeft([damaged, nameOf(9)], { timeoutMs: DRAINED_MS_MAX });
  const quarantined = async () => (await statusOf(it.scene)).sources['orders']?.quarantined;
  await eventually(async () =>
    expect(await quarantined()).toMatchObject([{ segment: damaged, code: 'object-corrupt' }]),
  );
  for (const role of load.roles) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  const verified = await it.scene.walq('verify', '--deep', '--json');
  expect(verified.code).toBe(1);
  expect(verified.stdout).toContain(damaged);
});

test('one bit that is turned on the way back does not condemn an object', async () => {
  const load = await startLoad();
  const { proxy } = load;
  const damaged = new Set<string>();
  proxy.faultOf = ({ method, path }) => {
    if (method !== 'GET' || !path.includes('.zst') || damaged.has(path)) return undefined;
    damaged.add(path);
    return { kind: 'flip-answer' };
  };
  await write(load, 3, 9);
  await expectDrained(load, 9);
  expect(damaged.size).toBeGreaterThan(4);
});

/** Turns a bit of an object that was just stored: as if the store had, or the way to it, with the digest fitting. */
async function damage(path: string): Promise<void> {
  const { client, bucket } = site;
  const key = decodeURIComponent(path.split('?')[0] ?? '').slice(bucket.length + 2);
  const { Body: body } = await client.getObject({ Bucket: bucket, Key: key });
  const bytes = Buffer.from((await body?.transformToByteArray()) ?? []);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await client.putObject({ Bucket: bucket, Key: key, Body: bytes });
}
