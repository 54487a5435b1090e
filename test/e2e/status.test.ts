import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf } from '../scene/index.ts';

const HOUR_S = 3_600;

test('status shows the disk’s truth while Redis is down', async () => {
  const scene = await newScene({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
  await scene.writeSegments(1, 4, MEBIBYTE);
  await scene.markFlushed(nameOf(3));
  expect(await statusOf(scene)).toEqual({
    redis: 'unreachable',
    redisFailure: expect.objectContaining({ code: 'redis-unavailable' }) as object,
    sources: {
      orders: {
        conditions: [
          expect.objectContaining({ kind: 'redis-unavailable', isHolding: true }) as object,
        ],
        unflushed: expect.objectContaining({ segments: 0, flushedUpTo: nameOf(3) }) as object,
        dueSegments: 3,
        dueBytes: 3 * MEBIBYTE,
        oldestDueAgeMs: expect.any(Number) as number,
        largestDueBytes: MEBIBYTE,
        lastArchived: null,
        acknowledgedGaps: 0,
        gaps: [],
        quarantined: [],
      },
    },
    queues: {},
    workers: [],
  });
});

test('status --max-age exits 1 when the oldest due segment is older, and 0 when it is not', async () => {
  const scene = await newScene();
  await scene.writeSegments(1, 3, 1_000);
  await scene.markFlushed(nameOf(2));
  const hourAgo = Date.now() / 1_000 - HOUR_S;
  await utimes(join(scene.source, nameOf(2)), hourAgo, hourAgo);
  expect(await scene.walq('status', '--max-age', '59m')).toMatchObject({ code: 1 });
  expect(await scene.walq('status', '--max-age', '2h')).toMatchObject({ code: 0 });
  expect(await scene.walq('status', '--max-age', 'soon')).toMatchObject({ code: 2 });
});

test('status names gaps, queues, and workers while they live', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 2, 1_000);
  await scene.writeSegments(5, 6, 1_000);
  await scene.markFlushed(nameOf(5));
  await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '3');
  await scene.untilLeft([nameOf(6)]);
  expect(await statusOf(scene)).toEqual({
    redis: 'ok',
    redisFailure: null,
    sources: {
      orders: {
        conditions: [expect.objectContaining({ kind: 'gap', level: 'critical' }) as object],
        unflushed: expect.objectContaining({ segments: 0, flushedUpTo: nameOf(5) }) as object,
        dueSegments: 0,
        dueBytes: 0,
        oldestDueAgeMs: null,
        largestDueBytes: 0,
        lastArchived: { segment: nameOf(5), archivedAt: expect.any(String) as string },
        acknowledgedGaps: 0,
        gaps: [{ after: nameOf(2), before: nameOf(5), missing: 2 }],
        quarantined: [],
      },
    },
    queues: {
      'wal-archive-orders': { waiting: 0, active: 0, delayed: 0, failed: 0, pause: null },
    },
    workers: [
      {
        id: expect.any(String) as string,
        host: expect.any(String) as string,
        concurrency: 3,
        active: 0,
        threads: 3,
        threadsBusy: 0,
      },
    ],
  });
  await worker.kill('SIGTERM');
  expect((await statusOf(scene)).workers).toEqual([]);
});
