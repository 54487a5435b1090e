import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, type Scene } from '../scene/index.ts';
import { startShortLeaseWorker } from './short-lease-worker.ts';

test('a worker that was frozen for longer than its lease continues after another has archived its segment', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 4, 16 * MEBIBYTE);
  await scene.start('producer');
  const frozen = await startShortLeaseWorker(scene);
  await scene.markFlushed(nameOf(2));
  const [begun = ''] = /wal-\d+\.bin/.exec(await scene.newlyStaged()) ?? [];
  frozen.send('SIGSTOP');

  const other = await startShortLeaseWorker(scene);
  await scene.untilLeft([nameOf(3), nameOf(4)]);
  frozen.send('SIGCONT');
  await frozen.waitForLine(
    (line) =>
      line.includes(`"segment":"${begun}"`) && /segment (released|archived|retried)/.test(line),
  );
  expect(await scene.faultsAtAnyTime()).toEqual([]);

  await other.kill();
  await scene.markFlushed(nameOf(3));
  await scene.untilLeft([nameOf(4)]);
  expect(await frozen.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await scene.faultsAtTheEnd({ left: [nameOf(4)] })).toEqual([]);
});

test('two workers that archive one segment at the same time create one object', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, level: 16 });
  // Two of them are more than a batch, so that both jobs of the first worker are taken.
  await scene.writeSegments(1, 3, 12 * MEBIBYTE);
  await scene.start('producer');
  await scene.start('worker', '--concurrency', '1');
  await scene.markFlushed(nameOf(2));
  expect(await scene.newlyStaged()).toContain(nameOf(1));
  const twin = await scene.start('worker', '--concurrency', '1');
  await twin.waitForLine(/taking archive jobs/);

  // Redis loses the locks, and a moved watermark makes the producer enqueue everything again, after a second.
  await redis.flushAll();
  await touch(join(scene.source, '.walq/watermark.json'));
  await eventually(async () => expect(await isStagedTwice(scene)).toBe(true), { everyMs: 5 });

  // What Redis forgot while it was enqueued is found again by the next reconciliation.
  await scene.untilLeft([nameOf(3)]);
  await eventually(async () => expect(await scene.staged()).toEqual([]));
  expect(await scene.faultsAtTheEnd({ left: [nameOf(3)] })).toEqual([]);
});

const touch = (path: string): Promise<void> => utimes(path, new Date(), new Date());

async function isStagedTwice(scene: Scene): Promise<boolean> {
  const segments = (await scene.staged()).map((name) => name.slice(0, '.wal-000001.bin'.length));
  return new Set(segments).size < segments.length;
}
