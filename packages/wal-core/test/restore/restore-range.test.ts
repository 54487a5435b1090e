import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeDisk, restoreRange, type RestoreOptions } from '@walq/wal-core';
import { createInlineThreads, faultyDisk, failOperation } from '@walq/wal-core/testing';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../support/place.ts';

const five = { 1: textOf(1), 2: textOf(2), 3: textOf(3), 4: textOf(4), 5: textOf(5) };

async function archived(): Promise<Place> {
  const place = await newPlace({ segments: five, flushedUpTo: 4 });
  for (const number of [1, 2, 3, 4]) await place.archive1(number);
  return place;
}

function restore(place: Place, options: Partial<RestoreOptions> = {}) {
  const disk = options.disk ?? nodeDisk;
  return restoreRange({
    disk,
    store: place.store,
    threads: createInlineThreads(disk),
    source: 'orders',
    naming: place.source.naming,
    destination: join(place.root, 'restored'),
    signal: new AbortController().signal,
    ...options,
  });
}

test('everything comes back, byte for byte', async () => {
  const place = await archived();
  expect(await restore(place)).toMatchObject({ segments: 4 });
  for (const number of [1, 2, 3, 4]) {
    expect(await readFile(join(place.root, 'restored', nameOf(number)), 'utf8')).toBe(
      textOf(number),
    );
  }
  expect(await readdir(join(place.root, 'restored'))).toHaveLength(4);
});

test('a range is inclusive on both sides', async () => {
  const place = await archived();
  await restore(place, { range: { from: segmentName(2), until: segmentName(3) } });
  expect(await readdir(join(place.root, 'restored'))).toEqual([nameOf(2), nameOf(3)]);
});

test('an equal file at the destination is left, another is refused and stays', async () => {
  const place = await archived();
  const destination = join(place.root, 'restored');
  await mkdir(destination);
  await writeFile(join(destination, nameOf(1)), textOf(1));
  await restore(place);
  await writeFile(join(destination, nameOf(2)), 'mine');
  await expect(restore(place)).rejects.toMatchObject({ code: 'destination-exists' });
  expect(await readFile(join(destination, nameOf(2)), 'utf8')).toBe('mine');
});

test('a damaged object is never restored, not even in part', async () => {
  const place = await archived();
  const object = await readFile(place.objectPath(2));
  object.writeUInt8(object.readUInt8(30) ^ 1, 30);
  await writeFile(place.objectPath(2), object);
  await expect(restore(place)).rejects.toMatchObject({ code: 'object-corrupt' });
  expect(await readdir(join(place.root, 'restored'))).not.toContain(nameOf(2));
});

test('a full destination fails without a partial file', async () => {
  const place = await archived();
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('file.write', 'ENOSPC', /restored/) });
  await expect(restore(place, { disk })).rejects.toMatchObject({ code: 'destination-io' });
  expect(await readdir(join(place.root, 'restored'))).toEqual([]);
});

test('a destination without hard links is filled all the same', async () => {
  const place = await archived();
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('link', 'EOPNOTSUPP') });
  await restore(place, { disk });
  expect(await readdir(join(place.root, 'restored'))).toHaveLength(4);
});
