import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, startBlackHoleProxy, startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf, type Scene } from '../scene/index.ts';

const SEGMENTS = 10;
const newest = nameOf(SEGMENTS + 1);

test('connections to Redis that carry nothing any more are closed, also those of an idle worker', async () => {
  const redis = await startRedis();
  const proxy = await startBlackHoleProxy(redis.port);
  const scene = await newScene({ redisUrl: proxy.url });
  await scene.writeSegments(1, SEGMENTS + 1, 8 * MEBIBYTE);
  await scene.markFlushed(nameOf(2));
  const producer = await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '1');
  await scene.untilArchived([nameOf(1), nameOf(2)]);
  await worker.waitForLine(/batch archive complete/);

  expect(proxy.goDark()).toBeGreaterThan(2);
  await scene.markFlushed(nameOf(SEGMENTS));
  await scene.untilLeft([newest]);
  for (const role of [producer, worker]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});

test('connections go dark in the middle of a segment, and new ones too for a while', async () => {
  const redis = await startRedis();
  const proxy = await startBlackHoleProxy(redis.port);
  const scene = await newScene({ redisUrl: proxy.url });
  await scene.writeSegments(1, SEGMENTS + 1, 8 * MEBIBYTE);
  await scene.markFlushed(nameOf(SEGMENTS - 1));
  const producer = await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '1');
  await scene.newlyStaged();

  proxy.swallowsNew = true;
  proxy.goDark();
  // The engine continues.
  await scene.markFlushed(nameOf(SEGMENTS));
  expect(await watermarkOf(scene)).toBe(nameOf(SEGMENTS));
  for (const role of [producer, worker]) await role.waitForLine(/is not available/);
  await eventually(async () => {
    const { redis: state, sources } = await statusOf(scene);
    expect(state).toBe('unreachable');
    expect(sources['orders']?.dueSegments).toBeGreaterThan(0);
  });

  proxy.swallowsNew = false;
  await scene.untilLeft([newest]);
  for (const role of [producer, worker]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});

async function watermarkOf({ source }: Scene): Promise<unknown> {
  const text = await readFile(join(source, '.walq/watermark.json'), 'utf8');
  return (JSON.parse(text) as { segment: string }).segment;
}
