/** A `.history` or `.backup` that a power cut left empty has no content and blocks nothing. */
import { readFile } from 'node:fs/promises';
import {
  createDueView,
  fetchForRecovery,
  listArchive,
  nodeDisk,
  useMarker,
  verifyArchive,
} from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { optionsOf } from '../../support/archived-place.ts';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const HISTORY = '00000002.history';
const BACKUP = '000000010000000000000002.00000028.backup';
const FULL = '1\t0/600100\tno recovery target specified\n';

async function pushed(place: PostgresPlace, name: string, text: string) {
  await place.cluster.ready(name, text);
  const report = await place.archive(name);
  const open = await place.open();
  expect(await useMarker(nodeDisk, open, name)).toBe(true);
  expect(await createDueView(nodeDisk, open).scan(10)).toMatchObject({ dueCount: 0 });
  return report.outcome;
}

async function newPlace(): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  return place;
}

async function namesIn(place: PostgresPlace): Promise<string[]> {
  const { source } = await place.open();
  const names: string[] = [];
  const options = { store: place.store, source: 'main', naming: source.naming };
  for await (const { segment } of listArchive(options)) names.push(segment);
  return names;
}

async function fetched(place: PostgresPlace, name: string): Promise<string> {
  const { at } = await temporaryDirectory('fetched');
  const options = { ...optionsOf(place), gapWaitMs: 0 };
  expect(await fetchForRecovery(options, name, at('RECOVERYHISTORY'))).toBe('fetched');
  return readFile(at('RECOVERYHISTORY'), 'utf8');
}

test.each([
  [HISTORY, '00000002.empty.history'],
  [BACKUP, '000000010000000000000002.00000028.empty.backup'],
])('%s is archived whichever comes first, and the full one is served', async (name, empty) => {
  for (const order of [
    ['', FULL],
    [FULL, ''],
  ]) {
    const place = await newPlace();
    for (const text of order) expect(await pushed(place, name, text)).toBe('archived');
    for (const text of order) expect(await pushed(place, name, text)).toBe('already-archived');
    expect((await namesIn(place)).toSorted()).toEqual([empty, name].toSorted());
    expect(await fetched(place, name)).toBe(FULL);
    expect(await fetched(place, empty)).toBe('');
  }
});

test('an empty .backup is served where there is no other', async () => {
  const place = await newPlace();
  await pushed(place, BACKUP, '');
  expect(await fetched(place, BACKUP)).toBe('');
});

test('an empty .history is not a history, and does not prove that its timeline never existed', async () => {
  const place = await newPlace();
  await pushed(place, HISTORY, '');
  await expect(fetched(place, HISTORY)).rejects.toMatchObject({
    code: 'wal-gap',
    message: expect.stringContaining('an empty file of this name was archived') as string,
  });
});

test('one that is written while it is archived is not kept under the name of an empty one', async () => {
  const place = await newPlace();
  await place.cluster.ready(HISTORY, '');
  let isWritten = false;
  const onStep = async (step: string): Promise<void> => {
    if (step !== 'compress' || isWritten) return;
    isWritten = true;
    await place.cluster.ready(HISTORY, FULL);
  };
  await expect(place.archive(HISTORY, { onStep })).rejects.toMatchObject({
    code: 'source-changed',
  });
  expect(await namesIn(place)).toEqual([]);
  expect(await place.archive(HISTORY)).toMatchObject({ outcome: 'archived' });
  expect(await namesIn(place)).toEqual([HISTORY]);
});

test('verify finds nothing wrong, and repair finds the object of the empty file', async () => {
  const place = await newPlace();
  await pushed(place, HISTORY, FULL);
  await pushed(place, HISTORY, '');
  const { source, store } = place;
  const { signal } = new AbortController();
  const found = await verifyArchive({
    store,
    source: 'main',
    naming: source.naming,
    consecutive: true,
    atSource: [],
    signal,
  });
  expect(found).toMatchObject({ segments: 2, gaps: [], corrupt: [], uncheckedTimelines: [] });
  const repairer = await place.repairer();
  const healths: unknown[] = [];
  for await (const { segment, health } of repairer.check(await repairer.segments(), signal)) {
    healths.push([segment, health]);
  }
  expect(healths).toEqual([
    [
      HISTORY,
      expect.objectContaining({ kind: 'sound', decoded: expect.objectContaining({ bytes: 0 }) }),
    ],
  ]);
});
