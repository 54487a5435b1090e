import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, startRedis } from '@walq/test-support';
import { nameOf, newScene, statusOf, type Scene } from '../scene/index.ts';
import { startShortLeaseWorker } from './short-lease-worker.ts';

/** One job: fewer segments and bytes than a batch may have. */
const BATCH = 10;
const SEGMENT_BYTES = 1_600_000;
const newest = nameOf(BATCH + 1);

/** A worker in the middle of a batch that takes it some seconds. */
async function inTheMiddle() {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, level: 19 });
  await scene.writeSegments(1, BATCH + 1, SEGMENT_BYTES);
  const worker = await startShortLeaseWorker(scene);
  await scene.markFlushed(nameOf(BATCH));
  await scene.start('producer');
  const isInIt = async () => expect((await scene.staged()).length).toBeGreaterThan(2);
  await eventually(isInIt, { everyMs: 2 });
  return { redis, scene, worker };
}

const expectOneJob = async (scene: Scene): Promise<void> =>
  expect((await statusOf(scene)).queues['wal-archive-orders']).toMatchObject({
    waiting: 0,
    active: BATCH,
    delayed: 0,
  });

async function expectAllArchived(scene: Scene): Promise<void> {
  await scene.untilLeft([newest]);
  expect((await statusOf(scene)).sources['orders']?.dueSegments).toBe(0);
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
}

/** Makes the producer compare disk and queue now, and not at its next interval. */
const touchWatermark = (scene: Scene): Promise<void> =>
  utimes(join(scene.source, '.walq/watermark.json'), new Date(), new Date());

test('a worker killed in the middle of a batch loses nothing, and another one archives all of it', async () => {
  const { scene, worker } = await inTheMiddle();
  await worker.kill();
  await expectOneJob(scene);
  expect(await scene.sourceNames()).toHaveLength(BATCH + 1);
  expect(await scene.faultsAtAnyTime()).toEqual([]);

  await startShortLeaseWorker(scene);
  await expectAllArchived(scene);
});

test('a worker frozen in the middle of a batch, until another one has archived it, continues without harm', async () => {
  const { scene, worker: frozen } = await inTheMiddle();
  frozen.send('SIGSTOP');
  await expectOneJob(scene);

  await startShortLeaseWorker(scene);
  await scene.untilLeft([newest]);
  frozen.send('SIGCONT');
  await frozen.waitForLine(/segment (released|archived)/);
  expect(await frozen.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  await expectAllArchived(scene);
});

test('two workers in the middle of one batch archive each segment once', async () => {
  const { redis, scene, worker: first } = await inTheMiddle();
  first.send('SIGSTOP');
  await redis.flushAll();
  const own = new Set(await scene.staged());
  await startShortLeaseWorker(scene);
  await touchWatermark(scene);
  const isTakenTwice = async () => {
    const others = (await scene.staged()).filter((name) => !own.has(name));
    expect(others.length).toBeGreaterThan(2);
  };
  await eventually(isTakenTwice, { everyMs: 2 });
  await expectOneJob(scene);

  first.send('SIGCONT');
  await expectAllArchived(scene);
});

test('after FLUSHALL in the middle of a batch all of it is archived', async () => {
  const { redis, scene, worker } = await inTheMiddle();
  await expectOneJob(scene);
  await redis.flushAll();
  await worker.waitForLine(/segment (released|archived)/);
  await touchWatermark(scene);
  await expectAllArchived(scene);
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});
