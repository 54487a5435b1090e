import { appendFileSync, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  acknowledgeGap,
  nodeDisk,
  restoreRange,
  type RestoreOptions,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { faultyDisk, failOperation } from '@walq/conformance';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../../support/place.ts';

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

test('everything is restored byte for byte', async () => {
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

test('an equal file at the destination is kept; a different one is kept and reported', async () => {
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

test('a destination without hard links works as well', async () => {
  const place = await archived();
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('link', 'EOPNOTSUPP') });
  await restore(place, { disk });
  expect(await readdir(join(place.root, 'restored'))).toHaveLength(4);
});

test('a segment that is missing within the range is named, before anything is written', async () => {
  const place = await archived();
  await rm(place.objectPath(2));
  const refused = { code: 'object-missing', message: expect.stringContaining(nameOf(3)) as string };
  await expect(restore(place, { consecutive: true })).rejects.toMatchObject(refused);
  expect(existsSync(join(place.root, 'restored'))).toBe(false);
  const gap = { after: nameOf(1), before: nameOf(3), missing: 1, acknowledged: null };
  expect(await restore(place, { consecutive: true, allowGaps: true })).toMatchObject({
    segments: 3,
    gaps: [gap],
  });
});

test('a bound that is not in the archive is missing, too', async () => {
  const place = await archived();
  await rm(place.objectPath(1));
  const from = segmentName(1);
  for (const range of [{ from }, { from, until: segmentName(3) }, { until: segmentName(7) }]) {
    await expect(restore(place, { consecutive: true, range })).rejects.toMatchObject({
      code: 'object-missing',
      message: expect.stringContaining(nameOf('from' in range ? 1 : 7)) as string,
    });
  }
});

test('an acknowledged gap does not stop a restore', async () => {
  const place = await archived();
  await rm(place.objectPath(2));
  const known = { after: nameOf(1), before: nameOf(3), reason: 'lost', by: 'ops' };
  await acknowledgeGap(place.store, 'orders', { ...known, at: new Date(0).toISOString() });
  const report = await restore(place, { consecutive: true });
  expect(report).toMatchObject({ segments: 3, gaps: [{ acknowledged: { reason: 'lost' } }] });
  const range = { from: segmentName(2), until: segmentName(3) };
  expect(await restore(place, { consecutive: true, range })).toMatchObject({ segments: 1 });
});

test('a restore that does not fit is rejected with figures, before anything is written', async () => {
  const place = await archived();
  const tight = (freeBytes: number) => ({
    ...nodeDisk,
    space: async () => ({ freeBytes, sizeBytes: 1e9 }),
  });
  const full = {
    code: 'destination-full',
    message: expect.stringMatching(/MB are needed, .* MB are free/) as string,
  };
  await expect(restore(place, { disk: tight(0) })).rejects.toMatchObject(full);
  expect(await readdir(join(place.root, 'restored'))).toEqual([]);
  await restore(place, { range: { until: segmentName(3) } });
  // What is there already needs no room: for the fourth alone, there is enough.
  const one = Math.ceil(textOf(4).length / 4096) * 4096;
  await expect(restore(place, { disk: tight(one - 1) })).rejects.toMatchObject(full);
  expect(await restore(place, { disk: tight(one) })).toMatchObject({ segments: 4, present: 3 });
});

test('an existing file is verified without decoding the object again, and made durable', async () => {
  const place = await archived();
  await restore(place);
  const touched: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (['openNew', 'syncFile', 'link'].includes(operation)) touched.push(operation);
      expect(path).not.toMatch(/\.tmp$/);
    },
  });
  expect(await restore(place, { disk })).toMatchObject({ segments: 4, present: 4 });
  expect(touched).toEqual(Array.from({ length: 4 }, () => 'syncFile'));
});

test.each([
  ['shorter', 'mine'],
  ['of equal length', textOf(2).replace('segment', 'SEGMENT')],
  ['empty', ''],
])('a file with different content is never replaced: %s', async (_what, text) => {
  const place = await archived();
  const path = join(place.root, 'restored', nameOf(2));
  await mkdir(join(place.root, 'restored'));
  await writeFile(path, text);
  await expect(restore(place)).rejects.toMatchObject({
    code: 'destination-exists',
    message: expect.stringContaining(path) as string,
  });
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('a symbolic link at the destination is not followed', async () => {
  const place = await archived();
  await mkdir(join(place.root, 'restored'));
  await symlink(join(place.root, 'elsewhere'), join(place.root, 'restored', nameOf(2)));
  await expect(restore(place)).rejects.toMatchObject({ code: 'destination-exists' });
  expect(existsSync(join(place.root, 'elsewhere'))).toBe(false);
});

test('two concurrent restores to one directory both succeed', async () => {
  const place = await archived();
  const reports = await Promise.all([restore(place), restore(place), restore(place)]);
  expect(reports.map(({ segments }) => segments)).toEqual([4, 4, 4]);
  expect(await readdir(join(place.root, 'restored'))).toHaveLength(4);
});

test('leftovers of a restore that was killed are swept, and nothing else', async () => {
  const place = await archived();
  const destination = join(place.root, 'restored');
  await mkdir(destination);
  const left = `.${nameOf(3)}.6f1c3c7e-3f0e-4f3a-9f0e-2b6d9f3a1c55.tmp`;
  const kept = ['.notes.6f1c3c7e-3f0e-4f3a-9f0e-2b6d9f3a1c55.tmp', `.${nameOf(3)}.tmp`];
  for (const name of [left, ...kept]) await writeFile(join(destination, name), 'half');
  await restore(place);
  expect((await readdir(destination)).toSorted()).toEqual(
    [...kept, ...[1, 2, 3, 4].map(nameOf)].toSorted(),
  );
});

test('a temporary file that is still being written is kept', async () => {
  const place = await archived();
  const destination = join(place.root, 'restored');
  await mkdir(destination);
  const live = join(destination, `.${nameOf(3)}.6f1c3c7e-3f0e-4f3a-9f0e-2b6d9f3a1c55.tmp`);
  await writeFile(live, 'half');
  const writing = setInterval(() => appendFileSync(live, 'more'), 50);
  try {
    await restore(place);
    expect(existsSync(live)).toBe(true);
  } finally {
    clearInterval(writing);
  }
});

test('is durable: file, then name, then directory, and the directories that it made', async () => {
  const place = await archived();
  const calls: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (path.includes('restored') || operation === 'syncDirectory') calls.push(operation);
    },
  });
  const destination = join(place.root, 'restored', 'deeper');
  const range = { from: segmentName(1), until: segmentName(1) };
  await restore(place, { disk, destination, range });
  const order = ['file.sync', 'link', 'syncDirectory'].map((one) => calls.lastIndexOf(one));
  expect(order.every((at) => at >= 0)).toBe(true);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(calls.filter((one) => one === 'syncDirectory')).toHaveLength(3);
});
