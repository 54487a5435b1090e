/** What PostgreSQL's recovery needs, by timelines and positions. Segments have 1 MiB: number 3 begins at 0/300000. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  planRestore,
  logNaming,
  nodeDisk,
  postgresNaming,
  restoreRange,
  type LsnRange,
  type RestorePlanOptions,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const segment = (timeline: number, number: number): string =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;

/**
 * Timeline 1 up to the middle of 3, where 2 begins; that up to the middle of 5, where 3 begins. The old ones continue
 * a little behind their ends, as a server does that was cut off.
 */
async function threeTimelines(without: readonly string[] = []): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  const second = '1\t0/380000\tpromoted\n';
  const files: [name: string, contents?: string][] = [
    ...[1, 2, 3, 4].map((number): [string] => [segment(1, number)]),
    ...[3, 4, 5, 6].map((number): [string] => [segment(2, number)]),
    ...[5, 6, 7].map((number): [string] => [segment(3, number)]),
    ['00000002.history', second],
    ['00000003.history', `${second}2\t0/580000\tpromoted\n`],
  ];
  for (const [name, contents] of files) {
    if (without.includes(name)) continue;
    await place.cluster.ready(name, contents ?? place.cluster.segment(name));
    await place.archive(name);
  }
  return place;
}

const optionsOf = ({ store, cluster }: PostgresPlace, lsn: LsnRange): RestorePlanOptions => ({
  store,
  source: 'main',
  naming: postgresNaming(cluster.segmentBytes),
  consecutive: true,
  lsn,
});

const planned = async (place: PostgresPlace, lsn: LsnRange) => {
  const { keys, missing } = await planRestore(optionsOf(place, lsn));
  return { names: keys.map(({ name }) => name.name), missing };
};

const histories = ['00000002.history', '00000003.history'];

test('the path to the latest timeline includes its ancestors, each up to its switch', async () => {
  const way = [segment(1, 1), segment(1, 2), segment(2, 3), segment(2, 4)];
  const place = await threeTimelines();
  expect(await planned(place, {})).toEqual({
    names: [...histories, ...way, ...[5, 6, 7].map((number) => segment(3, number))],
    missing: [],
  });
  expect((await planned(place, { timeline: '00000001' })).names).toEqual(
    [1, 2, 3, 4].map((number) => segment(1, number)),
  );
  expect((await planned(place, { timeline: '00000002' })).names).toEqual([
    '00000002.history',
    ...way,
    segment(2, 5),
    segment(2, 6),
  ]);
});

test('the segments that contain the positions are included; on a border the first ends and the second starts', async () => {
  const place = await threeTimelines();
  const range = { from: 0x2f_ffffn, until: 0x50_0001n };
  expect((await planned(place, range)).names).toEqual([
    ...histories,
    segment(1, 2),
    segment(2, 3),
    segment(2, 4),
    segment(3, 5),
  ]);
  const border = { from: 0x30_0000n, until: 0x50_0000n };
  expect((await planned(place, border)).names.slice(2)).toEqual([segment(2, 3), segment(2, 4)]);
  expect((await planned(place, { from: 0x30_0000n, until: 0x30_0000n })).names).toEqual([
    ...histories,
    segment(2, 3),
  ]);
});

test('segments missing on the path are named, also at its bounds; those of other timelines are not', async () => {
  const place = await threeTimelines([segment(2, 3), segment(1, 4), segment(3, 7)]);
  expect((await planned(place, {})).missing).toMatchObject([
    { after: segment(1, 2), before: segment(2, 4), missing: 1 },
  ]);
  expect((await planned(place, { from: 0x40_0000n })).missing).toEqual([]);
  expect((await planned(place, { from: 0x38_0000n, until: 0x90_0001n })).missing).toMatchObject([
    { after: segment(2, 3), before: segment(2, 3), missing: 1 },
    { after: segment(3, 6), before: segment(3, 9), missing: 2 },
    { after: segment(3, 9), before: segment(3, 9), missing: 1 },
  ]);
});

test('a position far away costs nothing', async () => {
  const place = await threeTimelines();
  const { missing } = await planned(place, { until: 2n ** 64n - 1n });
  expect(missing.map(({ missing: count }) => count)).toEqual([2 ** 44 - 9, 1]);
});

test('restores exactly the segments of the path', async () => {
  const place = await threeTimelines();
  const destination = join(place.source.directory, '../../restored');
  const { signal } = new AbortController();
  const options = optionsOf(place, { from: 0x40_0000n });
  const threads = createInlineThreads();
  await restoreRange({ ...options, disk: nodeDisk, threads, destination, signal });
  expect((await readdir(destination)).toSorted()).toEqual(
    [...histories, segment(2, 4), ...[5, 6, 7].map((number) => segment(3, number))].toSorted(),
  );
});

test('a source of another type than PostgreSQL has no positions', async () => {
  const place = await threeTimelines();
  await expect(planRestore({ ...optionsOf(place, {}), naming: logNaming })).rejects.toMatchObject({
    code: 'usage',
  });
});
