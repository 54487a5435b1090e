import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import { nameOf, namesOf, newScene, statusOf } from '../scene/index.ts';

test('worker --until-empty drains what is due without a producer, and exits 0', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 61, 20_000);
  await scene.markFlushed(nameOf(60));
  const { code, stderr } = await scene.walq('worker', '--until-empty');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await scene.faultsAtTheEnd({ left: [nameOf(61)] })).toEqual([]);
});

test('worker --until-empty exits 1 when something is quarantined, and has done all else', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 6, 2_000);
  await scene.markFlushed(nameOf(5));
  // Three things that no sound engine makes of a sealed segment.
  await rm(join(scene.source, nameOf(2)));
  await mkdir(join(scene.source, nameOf(2)));
  await rm(join(scene.source, nameOf(3)));
  await symlink(join(scene.originals, nameOf(3)), join(scene.source, nameOf(3)));
  await putOtherContent(join(scene.sourceFolder, '00000000'), nameOf(4));

  const { code } = await scene.walq('worker', '--until-empty');
  expect(code).toBe(1);
  const { sources, queues } = await statusOf(scene);
  const { quarantined, dueSegments } = sources['orders'] ?? {};
  expect(quarantined?.map(({ segment, code: why }) => [segment, why])).toEqual([
    [nameOf(2), 'segment-malformed'],
    [nameOf(3), 'segment-malformed'],
    [nameOf(4), 'object-foreign'],
  ]);
  expect(dueSegments).toBe(0);
  // All were in one batch, which has ended: only a segment with a job of its own leaves a failed job.
  expect(queues['wal-archive-orders']).toMatchObject({ waiting: 0, active: 0, failed: 0 });
  expect(await scene.sourceNames()).toEqual([...namesOf(2, 4), nameOf(6)]);
  expect((await scene.archived()).toSorted()).toEqual([nameOf(1), nameOf(4), nameOf(5)]);

  // Quarantined segments stay there: a second run starts nothing, and still reports them.
  expect((await scene.walq('worker', '--until-empty')).code).toBe(1);
});

/** A `.zst` file that walq did not write, under the name of a segment. */
async function putOtherContent(folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  execFileSync('zstd', ['-q', '-o', join(folder, `${name}.zst`)], { input: 'something else' });
}
