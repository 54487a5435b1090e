import {
  createArchiver,
  listQuarantine,
  nodeDisk,
  raiseFloors,
  readIdentity,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { eventually, startRedis } from '@walq/test-support';
import { expect, it } from 'vitest';
import { jobIdOf } from '@walq/archive-queue';
import { openTestSource, segmentName } from '../support/test-source.ts';
import { payloadOf, probeQueue } from '../support/queue-probe.ts';
import { consume, produceUpTo } from './consuming.ts';

it('a job for a segment below the prune floor is dropped, and the segment stays at the source', async () => {
  const redis = await startRedis();
  const place = await openTestSource();
  const { source, store } = place;
  const [old, floor, last] = [segmentName(1), segmentName(2), segmentName(3)];
  await raiseFloors(store, source.name, {
    floors: new Map([['', { timeline: '', segment: floor, position: 2n }]]),
    atMs: Date.now(),
    rules: 'as the test has it',
    by: 'test:1',
  });
  const archiver = createArchiver({
    disk: nodeDisk,
    threads: createInlineThreads(nodeDisk),
    level: 1,
    worker: 'test:1',
    conservative: true,
    storeOf: () => store,
  });
  const { events, segmentsOf } = await consume(place, redis.url, archiver);
  await produceUpTo(place, redis.url, 3);
  await eventually(() => expect(segmentsOf('archived').toSorted()).toEqual([floor, last]));
  const sourceId = await readIdentity(nodeDisk, source);
  const queue = probeQueue(redis.url);
  // From before the floor was raised.
  await queue.add('archive', payloadOf(sourceId, old), { jobId: jobIdOf(old) });

  await eventually(() => {
    expect(events.find(({ segment }) => segment === old)).toMatchObject({
      kind: 'dropped',
      why: 'below-floor',
    });
  });
  await eventually(async () => {
    expect(await queue.getJobCountByTypes('active', 'delayed', 'waiting', 'failed')).toBe(0);
  });
  expect(await place.segments()).toEqual([old, segmentName(4)]);
  expect(await listQuarantine(store, source.name)).toEqual([]);
});
