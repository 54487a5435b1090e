import { expect, it } from 'vitest';
import { createInspector, nodeDisk, type Inspector } from '@walq/wal-core/internal';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const HISTORY = '1\t0/300000\tno recovery target specified\n';

const segment = (timeline: number, number: number): string =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;

const inspectorOf = ({ source, store }: PostgresPlace): Inspector =>
  createInspector({ disk: nodeDisk, source, store });

/** Made ready and archived, with PostgreSQL notified. */
async function archived(place: PostgresPlace, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await place.cluster.ready(name);
    await place.archive(name);
    await place.cluster.done(name);
  }
}

/** Timeline 1 up to the middle of segment 3, and on from there on timeline 2, with a base backup between. */
async function promoted(): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  const { cluster } = place;
  await archived(place, segment(1, 1), segment(1, 2));
  for (const auxiliary of ['00000002.history', `${segment(1, 2)}.00000028.backup`]) {
    await cluster.ready(auxiliary, HISTORY);
  }
  await cluster.ready(`${segment(1, 3)}.partial`, cluster.segment(segment(1, 3)));
  for (const number of [3, 4]) await cluster.ready(segment(2, number));
  return place;
}

const auxiliaryNames = [
  '00000002.history',
  `${segment(1, 2)}.00000028.backup`,
  `${segment(1, 3)}.partial`,
];

it('finds no gap where a timeline ends and another begins, archived or not', async () => {
  const place = await promoted();
  const inspector = inspectorOf(place);
  const before = await inspector.snapshot();
  expect(before.gaps).toEqual([]);
  expect(before.figures).toMatchObject({ dueSegments: 5, archivedSegments: 2, openGaps: 0 });
  for (const name of [...auxiliaryNames, segment(2, 3), segment(2, 4)]) {
    await place.archive(name);
    await place.cluster.done(name);
  }
  const after = await inspector.snapshot();
  expect(after.gaps).toEqual([]);
  expect(after.figures).toMatchObject({ dueSegments: 0, archivedSegments: 7, openGaps: 0 });
  expect(after.figures.lastArchived).toMatchObject({ segment: segment(2, 4) });
});

it('finds what is missing at the start of a timeline', async () => {
  const place = await newPostgresPlace();
  await place.open();
  await place.cluster.ready('00000002.history', HISTORY);
  await place.archive('00000002.history');
  await archived(place, segment(1, 1), segment(1, 2), segment(2, 5));
  expect((await inspectorOf(place).snapshot()).gaps).toMatchObject([
    { after: segment(1, 2), before: segment(2, 5), missing: 2 },
  ]);
});

it('finds what a timeline misses within itself, whatever other timelines hold', async () => {
  const place = await promoted();
  await archived(place, segment(2, 7));
  const { gaps } = await inspectorOf(place).snapshot();
  expect(gaps).toMatchObject([{ after: segment(2, 4), before: segment(2, 7), missing: 2 }]);
});

it('finds a gap of an older timeline while the newest has only its history file', async () => {
  const place = await newPostgresPlace();
  await place.open();
  await archived(place, segment(1, 1), segment(1, 3));
  await place.cluster.ready('00000002.history', HISTORY);
  await place.archive('00000002.history');
  await place.cluster.done('00000002.history');
  const { gaps } = await inspectorOf(place).snapshot();
  expect(gaps).toMatchObject([{ after: segment(1, 1), before: segment(1, 3), missing: 1 }]);
});

it('shows a part of the archive by the segment size of the data directory', async () => {
  const place = await newPostgresPlace();
  await place.open();
  // The last segment of 4 GiB where segments have 1 MiB, and the first of the next.
  const [last, first] = [segment(1, 0xfff), '000000010000000100000000'];
  await archived(place, segment(1, 0xffe), last, first);
  const inspector = inspectorOf(place);
  expect((await inspector.snapshot()).gaps).toEqual([]);
  const spans = await inspector.spans({ from: last, until: first });
  expect(spans.map((span) => span.first)).toEqual([last, first]);
  const rest = await inspector.spans({ from: last, until: last });
  expect(rest.map((span) => span.first)).toEqual([last]);
});
