import { expect, test } from 'vitest';
import { eventually, startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf } from '../scene/index.ts';

const SEGMENTS = 8;
const newest = nameOf(SEGMENTS + 1);

test('a worker dies, Redis stops for a while and comes back empty: everything is archived', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, SEGMENTS + 1, 16 * MEBIBYTE);
  await scene.markFlushed(nameOf(SEGMENTS - 2));
  const producer = await scene.start('producer');
  const killed = await scene.start('worker', '--concurrency', '1');
  await scene.newlyStaged();
  await killed.kill();
  const leftBehind = await scene.staged();
  const survivor = await scene.start('worker', '--concurrency', '1');
  await scene.newlyStaged(leftBehind);
  await redis.stop();
  await survivor.waitForLine(/Redis redis:.* is not available/);
  // The engine continues while Redis is down.
  await scene.markFlushed(nameOf(SEGMENTS));
  await eventually(async () => expect(await scene.staged()).toEqual(leftBehind));
  const during = await statusOf(scene);
  expect(during).toMatchObject({ redis: 'unreachable', queues: {}, workers: [] });
  expect(during.sources['orders']?.dueSegments).toBeGreaterThan(2);

  await redis.start();
  const successor = await scene.start('worker', '--concurrency', '1');
  await scene.untilLeft([newest]);
  for (const role of [producer, survivor, successor]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});
