import { expect, test } from 'vitest';
import {
  mergeCheckResults,
  checkObjects,
  nodeDisk,
  openCheckHistory,
  postgresNaming,
  verifyArchive,
  type CheckedObject,
  type VerifiedObject,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { objectPath } from '../support/archived-place.ts';
import { flipByte } from '../support/flip-byte.ts';
import { newPostgresPlace } from '../support/postgres-place.ts';

test('a history that does not decode is corrupt, and an empty one leaves its timeline unchecked', async () => {
  const place = await newPostgresPlace();
  await place.open();
  const { cluster, store } = place;
  const names = ['000000010000000000000001', '00000002.history', '000000020000000000000003'];
  for (const name of names) {
    await cluster.ready(
      name,
      name.endsWith('y') ? '1\t0/300000\tpromoted\n' : cluster.segment(name),
    );
    await place.archive(name);
  }
  const run = async () =>
    verifyArchive({
      store,
      source: 'main',
      naming: postgresNaming(cluster.segmentBytes),
      consecutive: true,
      atSource: [],
      signal: new AbortController().signal,
    });
  expect(await run()).toMatchObject({
    corrupt: [],
    uncheckedTimelines: [],
    gaps: [{ after: names[0], before: names[2], missing: 1 }],
  });
  await flipByte(objectPath(place, '00000002.history'), 12);
  expect(await run()).toMatchObject({
    corrupt: [{ segment: '00000002.history', code: 'object-corrupt' }],
    uncheckedTimelines: ['00000002'],
    gaps: [],
  });
});

test('a history that decodes and cannot be parsed stays corrupt after a full read', async () => {
  const place = await newPostgresPlace();
  await place.open();
  const { cluster, store } = place;
  const name = '00000002.history';
  // More than a history ever has: walq reads no such thing as a whole.
  await cluster.ready(name, `1\t0/300000\t${'promoted '.repeat(200_000)}\n`);
  await place.archive(name);
  const { signal } = new AbortController();
  const naming = postgresNaming(cluster.segmentBytes);
  const objects: VerifiedObject[] = [];
  const found = await verifyArchive({
    store,
    source: 'main',
    naming,
    consecutive: true,
    atSource: [],
    readsManifests: false,
    signal,
    onObject: (object) => objects.push(object),
  });
  const checkHistory = await openCheckHistory(nodeDisk, undefined, store.url, 'main');
  const queue = objects.map((object) => ({ ...object, store, checkHistory }));
  const checked: CheckedObject[] = [];
  for await (const one of checkObjects({ threads: createInlineThreads(), queue, signal })) {
    checked.push(one);
  }
  expect(checked).toEqual([{ object: queue[0] }]);
  expect(mergeCheckResults(found, checked, naming)).toMatchObject({
    corrupt: [{ segment: name, code: 'object-corrupt' }],
    uncheckedTimelines: [],
  });
});
