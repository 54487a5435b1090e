import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf } from '../scene/index.ts';

const SEGMENTS = 10;
const newest = nameOf(SEGMENTS + 1);

test('after FLUSHALL the producer finds on the disk what the queue has lost', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, SEGMENTS + 1, 16 * MEBIBYTE);
  await scene.markFlushed(nameOf(SEGMENTS));
  await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '1');

  await scene.untilArchived([nameOf(1)]);
  await scene.newlyStaged();
  await redis.flushAll();
  const { sources } = await statusOf(scene);
  expect(sources['orders']?.dueSegments).toBeGreaterThan(2);

  // The producer gets no event: it compares disk and queue every 30 s.
  await scene.untilLeft([newest]);
  expect((await statusOf(scene)).sources['orders']?.dueSegments).toBe(0);
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});
