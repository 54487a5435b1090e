import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import {
  markerDirectory,
  nodeDisk,
  openStore,
  sweepMarkers,
  useMarker,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newPostgresPlace, type PostgresPlace } from '../support/postgres-place.ts';

const FIRST = '000000010000000000000001';
const SECOND = '000000010000000000000002';

async function archivedPlace() {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  const open = await place.open();
  await place.archive(FIRST);
  return { place, open, use: () => useMarker(nodeDisk, open, FIRST) };
}

const markersOf = async (place: PostgresPlace): Promise<string[]> =>
  readdir(markerDirectory(await place.open())).catch(() => []);

test('a receipt leaves a marker that identifies its file as stat prints it', async () => {
  const { place, open } = await archivedPlace();
  const said = await readFile(join(markerDirectory(open), FIRST), 'utf8');
  const format = '%i %s %.9Y %.9Z';
  expect(said).toBe(
    execFileSync('stat', ['-c', format, place.cluster.walPath(FIRST)], { encoding: 'utf8' }),
  );
});

test('it is used once', async () => {
  const { use } = await archivedPlace();
  expect(await use()).toBe(true);
  expect(await use()).toBe(false);
});

test('a process that answers PostgreSQL itself leaves none', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  await place.open();
  await place.archive(FIRST, { acknowledge: false });
  expect(await markersOf(place)).toEqual([]);
});

test('a segment that fails leaves none', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST, Buffer.alloc(100));
  await place.open();
  await expect(place.archive(FIRST)).rejects.toMatchObject({ code: 'segment-malformed' });
  expect(await markersOf(place)).toEqual([]);
});

test.each<[string, (place: PostgresPlace) => Promise<void>]>([
  [
    'written again under the same name',
    async ({ cluster }) => {
      await rm(cluster.walPath(FIRST));
      await cluster.ready(FIRST, cluster.segment(FIRST, 'again'));
    },
  ],
  ['overwritten in place', ({ cluster }) => cluster.ready(FIRST, cluster.segment(FIRST, 'again'))],
  [
    'overwritten in place with its time set back',
    async ({ cluster }) => {
      await cluster.ready(FIRST, cluster.segment(FIRST, 'again'));
      await utimes(cluster.walPath(FIRST), 1, 1);
    },
  ],
  ['of another length', ({ cluster }) => cluster.ready(FIRST, 'short')],
])('a file that was %s is not acknowledged by an old marker', async (_, change) => {
  const { place, use } = await archivedPlace();
  await change(place);
  expect(await use()).toBe(false);
  expect(await markersOf(place)).toEqual([]);
});

test('a marker is valid for one archive', async () => {
  const { place, open } = await archivedPlace();
  const other = openStore(`${place.store.url}-other`, { disk: nodeDisk });
  expect(await useMarker(nodeDisk, { ...open, store: other }, FIRST)).toBe(false);
  expect(await useMarker(nodeDisk, open, FIRST)).toBe(true);
});

test('markers are removed when PostgreSQL has its answer', async () => {
  const { place, open } = await archivedPlace();
  await place.cluster.ready(SECOND);
  await place.archive(SECOND);
  expect(await sweepMarkers(nodeDisk, open)).toBe(0);
  await place.cluster.done(FIRST);
  expect(await sweepMarkers(nodeDisk, open)).toBe(1);
  expect(await markersOf(place)).toEqual([SECOND]);
});
