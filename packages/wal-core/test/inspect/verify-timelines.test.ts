import { expect, test } from 'vitest';
import { postgresNaming, verifyArchive } from '@walq/wal-core';
import { objectPath } from '../support/archived-place.ts';
import { flipByte } from '../support/flip-byte.ts';
import { newPostgresPlace } from '../support/postgres-place.ts';

test('a history that does not decode is corrupt, one that says nothing leaves its timeline unjudged', async () => {
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
    unjudgedTimelines: [],
    gaps: [{ after: names[0], before: names[2], missing: 1 }],
  });
  await flipByte(objectPath(place, '00000002.history'), 12);
  expect(await run()).toMatchObject({
    corrupt: [{ segment: '00000002.history', code: 'object-corrupt' }],
    unjudgedTimelines: ['00000002'],
    gaps: [],
  });
});
