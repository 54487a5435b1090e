import { listQuarantine } from '@walq/wal-core/internal';
import { eventually, startProcess, startRedis } from '@walq/test-support';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { produceUpTo } from './consuming.ts';

const dyingWorker = join(import.meta.dirname, 'dying-worker.mjs');

it('quarantines only the segment that kills workers, not its neighbours', async () => {
  const redis = await startRedis();
  const place = await openTestSource();
  const deadly = segmentName(2);
  await produceUpTo(place, redis.url, 6);

  let deaths = 0;
  while ((await listQuarantine(place.store, 'orders')).length === 0) {
    expect(deaths).toBeLessThanOrEqual(3);
    await untilDeathOrQuarantine(place, [redis.url, deadly]);
    deaths += 1;
  }

  const records = await listQuarantine(place.store, 'orders');
  expect(records).toMatchObject([{ segment: deadly, code: 'worker-stalled' }]);
  expect(await place.segments()).toEqual([deadly, segmentName(7)]);
});

/** Runs a worker until it dies, or until everything is archived and the deadly segment is quarantined. */
async function untilDeathOrQuarantine(place: TestSource, [redis = '', deadly = '']: string[]) {
  const { source, archiveDirectory, store } = place;
  const args = [dyingWorker, redis, source.directory, archiveDirectory, deadly];
  const worker = await startProcess(process.execPath, args);
  await eventually(async () => {
    if (worker.ended) return;
    expect(await listQuarantine(store, 'orders')).toHaveLength(1);
    expect(await place.segments()).toHaveLength(2);
  });
  await worker.kill();
}
