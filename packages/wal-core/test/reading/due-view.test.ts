import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  archiveOne,
  advanceWatermark,
  createDueView,
  logNaming,
  nodeDisk,
  openSource,
  quarantineSegment,
} from '@walq/wal-core/internal';
import { failOperation, faultyDisk } from '@walq/conformance';
import { restate } from '../support/bomb.ts';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../support/place.ts';

async function due(place: Place, lowestMax = 100) {
  const scan = await createDueView(nodeDisk, await place.open()).scan(lowestMax);
  return { names: scan.due.map((segment) => segment.name), count: scan.dueCount };
}

const five = { 1: textOf(1), 2: textOf(2), 3: textOf(3), 4: textOf(4), 5: textOf(5) };

test('flushed segments that still exist are due, lowest first, counted beyond the bound', async () => {
  const place = await newPlace({ segments: five, flushedUpTo: 4 });
  expect(await due(place, 2)).toEqual({ names: [nameOf(1), nameOf(2)], count: 4 });
});

test('the newest segment is due until it is archived, although it stays at the source', async () => {
  const place = await newPlace({ flushedUpTo: 3 });
  for (const number of [1, 2]) await place.archive1(number);
  expect(await due(place)).toEqual({ names: [nameOf(3)], count: 1 });
  await place.archive1(3);
  expect(await due(place)).toEqual({ names: [], count: 0 });
  await place.write(4, textOf(4));
  expect(await due(place)).toEqual({ names: [nameOf(3)], count: 1 });
});

test('a quarantined segment is not due', async () => {
  const place = await newPlace();
  await quarantineSegment(place.store, 'orders', {
    segment: nameOf(1),
    code: 'duplicate',
    message: 'm',
    hint: 'h',
    quarantinedAt: new Date().toISOString(),
    worker: 'w',
  });
  expect(await due(place)).toEqual({ names: [nameOf(2)], count: 1 });
  const view = createDueView(nodeDisk, await place.open());
  expect(await view.dueAmong([1, 2].map(segmentName))).toEqual([segmentName(2)]);
});

test.each(['keep', 'delete'] as const)(
  'nothing is due where nothing is flushed (%s)',
  async (afterArchive) => {
    const place = await newPlace({ source: { afterArchive }, flushedUpTo: null });
    const view = createDueView(nodeDisk, await place.open());
    expect(await view.scan(10)).toEqual({ due: [], dueCount: 0 });
    expect(await view.scan(10, segmentName(3))).toEqual({ due: [], dueCount: 0 });
    expect(await view.dueAmong([1, 2, 3].map(segmentName))).toEqual([]);
  },
);

test('a bound below the flushed segments is respected, and a bound above them returns no more', async () => {
  const place = await newPlace({ segments: five, flushedUpTo: 3 });
  const view = createDueView(nodeDisk, await place.open());
  const upTo = async (number: number) => {
    const { due: found, dueCount } = await view.scan(10, segmentName(number));
    return { names: found.map(({ name }) => name), count: dueCount };
  };
  expect(await upTo(2)).toEqual({ names: [1, 2].map(nameOf), count: 2 });
  expect(await upTo(3)).toEqual({ names: [1, 2, 3].map(nameOf), count: 3 });
  expect(await upTo(5)).toEqual({ names: [1, 2, 3].map(nameOf), count: 3 });
});

test('a kept file that is written again after it was archived becomes due, and one that is not does not', async () => {
  const place = await newPlace({ source: { afterArchive: 'keep' } });
  const view = createDueView(nodeDisk, await place.open(), { recheckMs: 0 });
  for (const number of [1, 2]) await place.archive1(number);
  expect(await view.scan(10)).toEqual({ due: [], dueCount: 0 });
  expect(await view.scan(10)).toEqual({ due: [], dueCount: 0 });
  await place.write(1, textOf(1).replaceAll('segment', 'SEGMENT'));
  expect(await view.scan(10)).toEqual({ due: [segmentName(1)], dueCount: 1 });
});

test('a kept file that a newer walq archived is not due', async () => {
  const place = await newPlace({ source: { afterArchive: 'keep' } });
  for (const number of [1, 2]) await place.archive1(number);
  await restate(place.objectPath(1), { version: 2 });
  expect(await due(place)).toEqual({ names: [], count: 0 });
});

test('a kept file that the archive holds is not due, also after a restart', async () => {
  const place = await newPlace({
    source: { afterArchive: 'keep' },
    segments: five,
    flushedUpTo: 4,
  });
  const view = createDueView(nodeDisk, await place.open());
  expect((await view.scan(100)).dueCount).toBe(4);
  await place.archive1(1);
  await place.archive1(2);
  expect(await view.scan(1)).toMatchObject({ due: [segmentName(3)], dueCount: 2 });
  expect(await due(place)).toEqual({ names: [nameOf(3), nameOf(4)], count: 2 });
  await rm(place.objectPath(1));
  expect((await due(place)).names).toContain(nameOf(1));
});

test('a name that no archive can hold does not keep other segments from being due', async () => {
  const long = `wal-${'0'.repeat(243)}2.bin`;
  const place = await newPlace({
    source: { afterArchive: 'keep' },
    segments: five,
    flushedUpTo: 3,
  });
  await writeFile(join(place.source.directory, long), '252 bytes are more than fit');
  expect((await due(place)).names.toSorted()).toEqual([long, nameOf(1), nameOf(2), nameOf(3)]);
  await expect(
    archiveOne(place.archiver(), place.source, long, { signal: new AbortController().signal }),
  ).rejects.toMatchObject({ code: 'segment-name-refused' });
});

test('a few segments can be checked separately', async () => {
  const place = await newPlace();
  const view = createDueView(nodeDisk, await place.open());
  const three = [1, 2, 3].map(segmentName);
  expect(await view.dueAmong(three)).toEqual([segmentName(1), segmentName(2)]);
  await place.archive1(1);
  expect(await view.dueAmong(three)).toEqual([segmentName(2)]);
});

test('a directory without identity that the archive knows is unavailable, never given a new identity', async () => {
  const place = await newPlace();
  await rm(`${place.source.directory}/.walq`, { recursive: true });
  await expect(place.open()).rejects.toMatchObject({ code: 'source-unavailable' });
});

test('an archive that is not mounted is unavailable, never a new one', async () => {
  const place = await newPlace();
  await place.archive1(1);
  await rename(`${place.archive}/orders`, `${place.root}/away`);
  await expect(place.open()).rejects.toMatchObject({ code: 'store-unavailable' });
  await expect(place.archive1(2)).rejects.toMatchObject({ code: 'store-unavailable' });
  expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
  await rename(`${place.root}/away`, `${place.archive}/orders`);
  await place.archive1(2);
});

test.each([
  ['a foreign object', (path: string) => writeFile(path, 'not of walq')],
  ['an object of another length', (path: string, other: string) => copyFile(other, path)],
])('%s under the name of a kept segment leaves it due', async (_what, replace) => {
  const place = await newPlace({
    source: { afterArchive: 'keep' },
    segments: { 1: 'a', 2: textOf(2), 3: 'c' },
  });
  await place.archive1(1);
  await place.archive1(2);
  expect((await due(place)).count).toBe(0);
  await replace(place.objectPath(1), place.objectPath(2));
  expect(await due(place)).toEqual({ names: [nameOf(1)], count: 1 });
  await expect(place.archive1(1)).rejects.toMatchObject({ class: 'permanent' });
});

test('an unmounted source has no empty backlog: it is unavailable', async () => {
  const place = await newPlace();
  const view = createDueView(nodeDisk, await place.open());
  await rename(place.source.directory, `${place.root}/away`);
  await mkdir(place.source.directory);
  await expect(view.scan(10)).rejects.toMatchObject({ code: 'source-unavailable' });
  await expect(view.dueAmong([segmentName(1)])).rejects.toMatchObject({
    code: 'source-unavailable',
  });
});

test('a kept backlog that is archived already costs a few listings, not one for each segment', async () => {
  const segments = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [n + 1, textOf(1)]));
  const place = await newPlace({ source: { afterArchive: 'keep' }, segments, flushedUpTo: 40 });
  for (let number = 1; number <= 40; number += 1) await place.archive1(number);
  let listings = 0;
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (operation === 'list' && path === place.source.directory) listings += 1;
    },
  });
  const view = createDueView(disk, await place.open());
  expect(await view.scan(1)).toEqual({ due: [], dueCount: 0 });
  expect(listings).toBeLessThanOrEqual(2);
});

test('a source opens while its disk is full', async () => {
  const place = await newPlace();
  const full = faultyDisk(nodeDisk, { onCall: failOperation('openNew', 'ENOSPC', /wal\/\.walq/) });
  const { source, store } = place;
  const open = await openSource({ disk: full, source, store, registerIfNew: true });
  expect((await createDueView(full, open).scan(10)).dueCount).toBe(2);
});

test('the open segment of a log is not due, whatever its watermark says', async () => {
  const place = await newPlace({
    source: { type: 'log', naming: logNaming },
    segments: {},
    flushedUpTo: null,
  });
  const names = [1n, 2n].map((number) => logNaming.nameOf?.(number) ?? '');
  for (const name of names) await writeFile(join(place.source.directory, name), 'x');
  const { sourceId } = await place.open();
  await advanceWatermark(nodeDisk, place.source, sourceId, { name: names[1] ?? '', number: 2n });
  expect((await due(place)).names).toEqual([names[0]]);
});
