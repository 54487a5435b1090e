import { readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveKeyOf,
  checkObjects,
  createInspector,
  diskConditions,
  listCorruptObjects,
  findRepairs,
  nodeDisk,
  openCheckHistory,
  recordChecks,
  verifyArchive,
  type CheckedObject,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect, it } from 'vitest';
import { repair } from '../../maintenance/repair/repair-place.ts';
import { restate } from '../../support/bomb.ts';
import { flipByte } from '../../support/flip-byte.ts';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../../support/place.ts';

/** Within the data of an object, which no name and no manifest shows. */
const DATA_AT = 20;

/** Reads objects in full as a machine does that never did before, and records what it found. */
async function readInFull(place: Place, ...numbers: number[]): Promise<void> {
  const { store, root } = place;
  const checkHistory = await openCheckHistory(
    nodeDisk,
    join(root, crypto.randomUUID()),
    store.url,
    'orders',
  );
  const queue = numbers.map((number) => ({
    store,
    checkHistory,
    key: archiveKeyOf('orders', segmentName(number)),
    name: segmentName(number),
    objectBytes: 1,
    identity: '',
    known: undefined,
  }));
  const { signal } = new AbortController();
  const known = await listCorruptObjects(store, 'orders');
  const checked: CheckedObject[] = [];
  for await (const one of checkObjects({ threads: createInlineThreads(), queue, signal }))
    checked.push(one);
  await recordChecks(store, { known, checked, by: 'maria@db1' });
}

/** What each of those says who shows an archive's state, by segment. */
async function reported(place: Place) {
  const { store, source } = place;
  const corrupt = await listCorruptObjects(store, 'orders');
  const verified = await verifyArchive({
    store,
    source: 'orders',
    naming: source.naming,
    consecutive: true,
    atSource: [],
    corrupt,
    signal: new AbortController().signal,
  });
  const { figures } = await createInspector({ disk: nodeDisk, source, store }).snapshot();
  const known = { source: 'orders', figures, failure: null, failingSince: null };
  const condition = diskConditions(known).find(({ kind }) => kind === 'corrupt');
  return {
    verify: verified.corrupt.map(({ segment }) => segment),
    status: condition?.segments ?? 0,
    repair: (await findRepairs(store, 'orders')).corrupt.map(({ segment }) => segment),
  };
}

const nothing = { verify: [], status: 0, repair: [] };
const first = { verify: [nameOf(1)], status: 1, repair: [nameOf(1)] };

/** The data of segment 1's object is damaged. */
async function damagedPlace(): Promise<Place> {
  const place = await newPlace();
  for (const number of [1, 2]) await place.archive1(number);
  await flipByte(place.objectPath(1), DATA_AT);
  return place;
}

it('verify, status and repair report what a full read found, on every machine, until it is repaired', async () => {
  const place = await damagedPlace();
  expect(await reported(place)).toEqual(nothing);
  await readInFull(place, 1, 2);
  expect(await reported(place)).toEqual(first);
  await place.write(1, textOf(1));
  expect(await repair(place)).toEqual({ outcome: 'already-archived' });
  expect(await reported(place)).toEqual(nothing);
});

it('an object stays recorded as corrupt when it is touched or overwritten, until a full read finds it sound', async () => {
  const place = await damagedPlace();
  await readInFull(place, 1, 2);
  await utimes(place.objectPath(1), 1_000_000, 1_000_000);
  expect(await reported(place)).toEqual(first);
  await flipByte(place.objectPath(1), DATA_AT);
  expect(await reported(place)).toEqual(first);
  await readInFull(place, 2);
  expect(await reported(place)).toEqual(first);
  await readInFull(place, 1);
  expect(await reported(place)).toEqual(nothing);
});

it('an object that was fixed by hand counts as sound once a repair has proved it', async () => {
  const place = await damagedPlace();
  await readInFull(place, 1);
  await flipByte(place.objectPath(1), DATA_AT);
  await place.write(1, textOf(1));
  expect(await reported(place)).toEqual(first);
  expect(await repair(place)).toEqual({ outcome: 'already-archived' });
  expect(await reported(place)).toEqual(nothing);
});

it('a full read that finds it corrupt again leaves one record, with the first date', async () => {
  const place = await damagedPlace();
  await readInFull(place, 1);
  const found = await listCorruptObjects(place.store, 'orders');
  await readInFull(place, 1);
  expect(await listCorruptObjects(place.store, 'orders')).toEqual(found);
  expect(found).toMatchObject([{ segment: nameOf(1), code: 'object-corrupt', by: 'maria@db1' }]);
});

it.each([
  ['needs a dictionary that is not available', { dictionary: 'a'.repeat(64) }],
  ['is of a newer walq', { version: 2 }],
])('an object that %s is not recorded as corrupt', async (_what, said) => {
  const place = await newPlace();
  await place.archive1(1);
  await restate(place.objectPath(1), said);
  await readInFull(place, 1);
  expect(await listCorruptObjects(place.store, 'orders')).toEqual([]);
  expect(await place.recordNames('corrupt')).toEqual([]);
});

it('an object that is gone or was archived again is not corrupt; if the new one is, it is found again', async () => {
  const place = await damagedPlace();
  await readInFull(place, 1);
  await rm(place.objectPath(1));
  expect(await reported(place)).toMatchObject({ status: 0, repair: [] });
  await place.write(1, textOf(1));
  await place.archive1(1);
  expect(await reported(place)).toEqual(nothing);
  await flipByte(place.objectPath(1), DATA_AT);
  await readInFull(place, 1);
  expect(await reported(place)).toEqual(first);
});

it('a truncated object stays recorded as well; a damaged record is skipped, and is written again', async () => {
  const place = await damagedPlace();
  await truncate(place.objectPath(1), 100);
  await readInFull(place, 1);
  expect(await reported(place)).toEqual(first);
  const folder = join(place.archive, 'orders/_walq/corrupt');
  const [record = ''] = await readdir(folder);
  const text = await readFile(join(folder, record), 'utf8');
  for (const damaged of ['', 'not JSON', text.replaceAll(nameOf(1), nameOf(2))]) {
    await writeFile(join(folder, record), damaged);
    expect(await listCorruptObjects(place.store, 'orders')).toEqual([]);
    await readInFull(place, 1);
    expect(await listCorruptObjects(place.store, 'orders')).toHaveLength(1);
  }
});
