/**
 * Which files of a source that keeps them count as archived: exactly these files, not others of the same name and
 * length.
 */
import { copyFile, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createDueView, nodeDisk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { restate } from '../support/bomb.ts';
import { flipByte } from '../support/flip-byte.ts';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

async function due(place: Place): Promise<string[]> {
  const scan = await createDueView(nodeDisk, await place.open()).scan(100);
  return scan.due.map(({ name }) => name);
}

/** Segments 1 and 2 of equal length are archived, and none is due. */
async function keptPlace(): Promise<Place> {
  const place = await newPlace({ source: { afterArchive: 'keep' } });
  for (const number of [1, 2]) await place.archive1(number);
  expect((await stat(place.objectPath(1))).size).toBe((await stat(place.objectPath(2))).size);
  expect(await due(place)).toEqual([]);
  return place;
}

test.each([
  ['another segment', (place: Place) => copyFile(place.objectPath(2), place.objectPath(1))],
  ['another source', (place: Place) => restate(place.objectPath(1), { source: 'ledger' })],
])('an object of %s, of equal length, leaves the segment due', async (_what, replace) => {
  const place = await keptPlace();
  await replace(place);
  expect(await due(place)).toEqual([nameOf(1)]);
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'duplicate' });
});

test('different content of equal length under the same name is due, and reported as a duplicate', async () => {
  const place = await keptPlace();
  await place.write(1, textOf(1).replaceAll('segment', 'SEGMENT'));
  expect(await due(place)).toEqual([nameOf(1)]);
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'duplicate' });
  expect((await place.read(1)).toString()).toContain('SEGMENT');
});

test('a file that was touched or copied is compared once, also by another process', async () => {
  const place = await keptPlace();
  for (const seconds of [1_000_000, 2_000_000]) {
    await utimes(place.pathOf(1), seconds, seconds);
    expect(await due(place)).toEqual([nameOf(1)]);
    expect(await place.archive1(1)).toMatchObject({ outcome: 'already-archived' });
    expect(await due(place)).toEqual([]);
  }
  expect(await place.recordNames('kept')).toHaveLength(1);
});

test('a comparison does not count for another object that replaces the compared one', async () => {
  const place = await keptPlace();
  await utimes(place.pathOf(1), 1_000_000, 1_000_000);
  await place.archive1(1);
  expect(await due(place)).toEqual([]);
  const source = await readFile(place.pathOf(1));
  await rm(place.objectPath(1));
  await place.write(1, textOf(1).replaceAll('segment', 'SEGMENT'));
  await place.archive1(1);
  await writeFile(place.pathOf(1), source);
  await utimes(place.pathOf(1), 1_000_000, 1_000_000);
  expect(await due(place)).toEqual([nameOf(1)]);
});

test.each([
  ['empty', (path: string) => writeFile(path, '')],
  ['not JSON', (path: string) => flipByte(path, 0)],
])('a record that is %s costs a comparison, and is written again', async (_what, damage) => {
  const place = await keptPlace();
  await utimes(place.pathOf(1), 1_000_000, 1_000_000);
  await place.archive1(1);
  const [name = ''] = await place.recordNames('kept');
  await damage(`${place.archive}/orders/_walq/kept/${name}.json`);
  expect(await due(place)).toEqual([nameOf(1)]);
  await place.archive1(1);
  expect(await due(place)).toEqual([]);
});

test('the newest file of a source that deletes stays, and is compared like a kept one', async () => {
  const place = await newPlace({ flushedUpTo: 3 });
  for (const number of [1, 2, 3]) await place.archive1(number);
  await utimes(place.pathOf(3), 1_000_000, 1_000_000);
  expect(await due(place)).toEqual([nameOf(3)]);
  expect(await place.archive1(3)).toMatchObject({ outcome: 'already-archived' });
  expect(await due(place)).toEqual([]);
  await place.write(3, textOf(3).replaceAll('segment', 'SEGMENT'));
  await expect(place.archive1(3)).rejects.toMatchObject({ code: 'duplicate' });
});
