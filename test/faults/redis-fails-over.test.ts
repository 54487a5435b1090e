import { expect, test } from 'vitest';
import { eventually, startWatchedRedis, type WatchedRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf } from '../scene/index.ts';

const SEGMENTS = 12;
const newest = nameOf(SEGMENTS + 1);

const ends: readonly { how: string; does: (redis: WatchedRedis) => Promise<void> }[] = [
  { how: 'is killed', does: ({ primary }) => primary.kill() },
  {
    how: 'hangs, and comes back as a replica',
    does: async ({ primary }) => primary.freeze(),
  },
  {
    how: 'is killed, and the Sentinel that is asked first hangs',
    does: async ({ primary, sentinels }) => {
      sentinels[0]?.running.send('SIGSTOP');
      await primary.kill();
    },
  },
];

test.each(ends)(
  'the primary $how while segments are archived: the replica takes over, and all is archived',
  async ({ does }) => {
    const redis = await startWatchedRedis();
    const scene = await newScene({ redisLines: configuration(redis) });
    await scene.writeSegments(1, SEGMENTS + 1, 8 * MEBIBYTE);
    await scene.markFlushed(nameOf(SEGMENTS / 2));
    const producer = await scene.start('producer');
    const busy = await scene.start('worker', '--concurrency', '1');
    const other = await scene.start('worker', '--concurrency', '1');
    await scene.newlyStaged();

    await does(redis);
    await scene.markFlushed(nameOf(SEGMENTS - 1));
    for (const role of [producer, busy]) await role.waitForLine(/is not available/);
    await eventually(async () => expect(await redis.primaryPort()).toBe(redis.replica.port));
    redis.primary.resume();
    // The engine kept flushing during the failover, and continues.
    await scene.markFlushed(nameOf(SEGMENTS));
    await scene.untilLeft([newest]);

    await eventually(async () => {
      const { queues, workers } = await statusOf(scene);
      expect(queues['wal-archive-orders']).toMatchObject({ waiting: 0, failed: 0 });
      expect(workers).toHaveLength(2);
    });
    for (const role of [producer, busy, other]) {
      expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
    expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
  },
);

function configuration({ sentinels, masterName }: WatchedRedis): string[] {
  const places = sentinels.map(({ port }) => `"127.0.0.1:${port}"`);
  return [`sentinels = [${places.join(', ')}]`, `master_name = "${masterName}"`];
}
