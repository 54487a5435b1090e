import { rename, rm, stat, truncate } from 'node:fs/promises';
import {
  archiveKeyOf,
  listArchive,
  nodeDisk,
  openStore,
  type ArchivedSegment,
} from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { expect, test } from 'vitest';
import { restate } from '../support/bomb.ts';
import { flipByte } from '../support/flip-byte.ts';
import { nameOf, segmentName, textOf, type Place } from '../support/place.ts';
import { archived, indexOf, verify } from './verified-place.ts';

test('the list is in order; the index saves reading manifests, and may be deleted', async () => {
  const place = await archived();
  const first = await listed(place);
  expect(first.lines.map((line) => line.segment)).toEqual([1, 2, 3, 4].map(nameOf));
  expect(first.lines[0]).toMatchObject({ source: 'orders', bytes: textOf(1).length });
  expect(first.reads).toBe(4);
  expect(await listed(place)).toEqual({ lines: first.lines, reads: 0 });
  await rm(`${place.root}/cache`, { recursive: true });
  expect(await listed(place)).toEqual(first);
});

test.each([false, true])(
  'listing an object under a wrong name does not hide it (deep: %s)',
  async (deep) => {
    const place = await archived();
    await rename(place.objectPath(3), place.objectPath(7));
    await listed(place);
    expect((await verify(place, deep)).corrupt).toHaveLength(1);
  },
);

test.each([
  ['truncated', (path: string) => truncate(path, 100)],
  ['damaged in its manifest, at the same length,', (path: string) => flipByte(path, -40)],
  [
    'that names another segment, at the same length,',
    (path: string) => restate(path, { segment: nameOf(9) }),
  ],
  [
    'of another segment, of the same length, renamed,',
    async (path: string, other: string) => rename(other, path),
  ],
])('an object %s is found, whatever the index holds', async (_what, damage) => {
  const place = await archived();
  expect((await verify(place, false)).corrupt).toEqual([]);
  const { size } = await stat(place.objectPath(3));
  expect((await stat(place.objectPath(2))).size).toBe(size);
  await damage(place.objectPath(2), place.objectPath(3));
  expect((await verify(place, false)).corrupt).toMatchObject([{ segment: nameOf(2) }]);
});

test('the index ignores its entry for an object of another length or identity', async () => {
  const place = await archived();
  const [line] = (await listed(place)).lines;
  if (line === undefined) throw new Error('nothing is listed');
  const key = archiveKeyOf('orders', segmentName(1));
  const index = await indexOf(place);
  const object = await place.store.stat(key);
  if (object === undefined) throw new Error('there is no object');
  expect(index.get(key, object)).toEqual(line);
  for (const sizeBytes of [object.sizeBytes - 1, object.sizeBytes + 1])
    expect(index.get(key, { ...object, sizeBytes })).toBeUndefined();
  expect(index.get(key, { ...object, identity: 'another' })).toBeUndefined();
  expect(index.get(key, { sizeBytes: object.sizeBytes })).toBeUndefined();
});

async function listed(place: Place): Promise<{ lines: ArchivedSegment[]; reads: number }> {
  let reads = 0;
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (operation === 'openRead' && path.endsWith('.zst')) reads += 1;
    },
  });
  const store = openStore(place.archive, { disk });
  const index = await indexOf(place);
  const lines: ArchivedSegment[] = [];
  const { naming } = place.source;
  for await (const line of listArchive({ store, source: 'orders', naming, index }))
    lines.push(line);
  await index.save();
  return { lines, reads };
}
