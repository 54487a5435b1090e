import { expect, test } from 'vitest';
import { startProcess, startRedis } from '@walq/test-support';
import {
  MEBIBYTE,
  nameOf,
  newScene,
  runWalq,
  statusOf,
  walqBin,
  type Scene,
} from '../scene/index.ts';

/** Its threads have their share also where much else runs: what is cancelled has to be noticed in time. */
const startWorker = (scene: Scene, concurrency: string) =>
  scene.startWith({ WALQ_WAL__ARCHIVE_NICE: '0' }, 'worker', '--concurrency', concurrency);

test.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
  '%s in mid-run: the jobs are back on the queue at once, and the next worker does them',
  async (signal) => {
    const redis = await startRedis();
    // At this level a segment takes some seconds, so that none can end within the grace.
    const scene = await newScene({ redisUrl: redis.url, level: 15 });
    await scene.writeSegments(1, 5, 16 * MEBIBYTE);
    await scene.markFlushed(nameOf(4));
    await scene.start('producer');
    const worker = await startWorker(scene, '2');
    await scene.newlyStaged();

    // A terminal that is closed sends it twice: once itself, once through its shell.
    if (signal === 'SIGHUP') worker.send(signal);
    expect(await worker.kill(signal)).toEqual({ code: 0, signal: null });
    const { queues, workers } = await statusOf(scene);
    expect(queues['wal-archive-orders']).toMatchObject({
      waiting: 4,
      active: 0,
      delayed: 0,
      failed: 0,
    });
    expect(workers).toEqual([]);
    expect(await scene.staged()).toEqual([]);
    expect(await scene.archived()).toEqual([]);

    const fast = await scene.configure('fast.toml', { level: 1 });
    const drain = await runWalq(['worker', '--until-empty', '--config', fast], { cwd: scene.root });
    expect(drain.code).toBe(0);
    expect(await scene.faultsAtTheEnd({ left: [nameOf(5)] })).toEqual([]);
  },
);

test('a log that cannot be written does not end a worker', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 3, 1_000);
  await scene.markFlushed(nameOf(2));
  await scene.start('producer');
  const command = 'exec "$0" "$1" worker > /dev/full';
  const worker = await startProcess('sh', ['-c', command, process.execPath, walqBin], {
    cwd: scene.root,
  });
  await scene.untilLeft([nameOf(3)]);
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

test('SIGTERM ends a worker also while Redis is down or frozen', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, level: 15 });
  await scene.writeSegments(1, 3, 16 * MEBIBYTE);
  await scene.markFlushed(nameOf(2));
  const producer = await scene.start('producer');
  const worker = await startWorker(scene, '1');
  await scene.newlyStaged();

  redis.freeze();
  const ends = await Promise.all([worker.kill('SIGTERM'), producer.kill('SIGTERM')]);
  expect(ends).toEqual([
    { code: 0, signal: null },
    { code: 0, signal: null },
  ]);
  expect(await scene.faultsAtAnyTime()).toEqual([]);
});
