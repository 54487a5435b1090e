/** Roles that run go by the prune floor: what a kept source still has is not archived again. */
import { expect, test } from 'vitest';
import { eventually, startRedis } from '@walq/test-support';
import { nameOf, namesOf, newScene, statusOf } from '../scene/index.ts';

test('a kept source continues after a prune, and nothing below the floor comes back', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, afterArchive: 'keep', skipNewest: 1 });
  await scene.writeSegments(1, 5, 1_000);
  const [producer] = await Promise.all([scene.start('producer'), scene.start('worker')]);
  await scene.untilArchived(namesOf(1, 4));
  await producer.kill('SIGTERM');
  const pruned = await scene.walq('prune', 'orders', '--keep-segments', '2', '--grace', '0s');
  expect(pruned).toMatchObject({ code: 0, stderr: '' });
  expect(await scene.archived()).toEqual(namesOf(3, 4));

  // A new producer knows nothing of what was archived but what the archive says.
  await scene.writeSegments(6, 8, 1_000);
  await scene.start('producer');
  await scene.untilArchived(namesOf(5, 7));
  await eventually(async () => {
    const { sources, queues } = await statusOf(scene);
    expect(sources['orders']).toMatchObject({ dueSegments: 0, quarantined: [], gaps: [] });
    expect(queues['wal-archive-orders']).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
  });
  expect(await scene.archived()).toEqual(namesOf(3, 7));
  expect(await scene.sourceNames()).toEqual([...namesOf(1, 7), nameOf(8)]);
});
