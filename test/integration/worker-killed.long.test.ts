import { expect, test } from 'vitest';
import { startRedis, type RunningProcess } from '@walq/test-support';
import { MEBIBYTE, nameOf, namesOf, newScene, statusOf, type Scene } from '../scene/index.ts';
import { startShortLeaseWorker } from './short-lease-worker.ts';

const KILLS = 5;
const SEGMENTS_A_ROUND = 2;
const SEGMENTS = KILLS * SEGMENTS_A_ROUND;

test('workers killed repeatedly in the middle of segments lose no data', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, level: 6 });
  await scene.writeSegments(1, SEGMENTS + 1, 16 * MEBIBYTE);
  await scene.start('producer');
  let workers = await startWorkers(scene);

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = await scene.staged();
    await scene.markFlushed(nameOf(kill * SEGMENTS_A_ROUND));
    const midSegment = await scene.newlyStaged(before);
    await Promise.all(workers.map((worker) => worker.kill()));
    expect(await scene.staged()).toContain(midSegment);
    expect(await scene.faultsAtAnyTime()).toEqual([]);
    workers = await startWorkers(scene);
    await scene.untilArchived(namesOf(1, kill * SEGMENTS_A_ROUND));
  }

  await scene.untilLeft([nameOf(SEGMENTS + 1)]);
  expect((await statusOf(scene)).sources['orders']?.dueSegments).toBe(0);
  expect(await scene.faultsAtTheEnd({ left: [nameOf(SEGMENTS + 1)] })).toEqual([]);
});

const startWorkers = (scene: Scene): Promise<RunningProcess[]> =>
  Promise.all([startShortLeaseWorker(scene), startShortLeaseWorker(scene)]);
