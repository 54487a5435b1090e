import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { archiveOne, archiveKeyOf, readManifest } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { restate } from '../support/bomb.ts';
import { flipByte } from '../support/flip-byte.ts';
import { nameOf, newPlace, segmentName, textOf } from '../support/place.ts';

test('a flushed segment is archived, readable by the zstd tool, and deleted', async () => {
  const place = await newPlace();
  const report = await place.archive1(1);
  expect(report).toMatchObject({
    segment: nameOf(1),
    bytesIn: textOf(1).length,
    outcome: 'archived',
  });
  expect(place.unpacked(1).toString()).toBe(textOf(1));
  expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
  expect(await place.archiveNames()).toEqual([`${nameOf(1)}.zst`]);
});

test('the manifest describes the object', async () => {
  const place = await newPlace();
  const report = await place.archive1(1);
  const manifest = await readManifest(place.store, archiveKeyOf('orders', segmentName(1)));
  expect(manifest).toMatchObject({
    version: 1,
    source: 'orders',
    segment: nameOf(1),
    bytes: textOf(1).length,
    level: 3,
    format: 'raw',
    worker: 'test:1',
  });
  expect(manifest?.sourceChecksum).toMatchObject({ algorithm: 'xxh3-64' });
  expect((await readFile(place.objectPath(1))).length).toBe(report.bytesOut);
});

test.each([true, false])('conservative_mode %s proves what it stores', async (conservative) => {
  const place = await newPlace();
  await place.archive1(1, { conservative });
  expect(place.unpacked(1).toString()).toBe(textOf(1));
});

test('a segment above the watermark is refused, whatever asks for it', async () => {
  const place = await newPlace();
  await expect(place.archive1(3)).rejects.toMatchObject({ code: 'segment-not-flushed' });
  expect(await place.sourceNames()).toHaveLength(3);
  expect(await place.archiveNames()).toEqual([]);
});

test('the newest segment is archived when it is flushed, and never deleted', async () => {
  const place = await newPlace({ flushedUpTo: 3 });
  expect(await place.archive1(3)).toMatchObject({ outcome: 'archived' });
  expect(await place.sourceNames()).toContain(nameOf(3));
  await place.write(4, textOf(4));
  expect(await place.archive1(3)).toMatchObject({ outcome: 'already-archived' });
  expect(await place.sourceNames()).not.toContain(nameOf(3));
});

test('the same content under the name is a success, compared by content and not by compressed bytes', async () => {
  const place = await newPlace();
  await place.archive1(1);
  const object = await readFile(place.objectPath(1));
  await place.write(1, textOf(1));
  expect(await place.archive1(1)).toMatchObject({ outcome: 'already-archived' });
  expect(await readFile(place.objectPath(1))).toEqual(object);
  expect(await place.sourceNames()).not.toContain(nameOf(1));
});

test('other content under the name is refused; object and source stay unchanged', async () => {
  for (const other of ['something else', textOf(1).replaceAll('segment', 'SEGMENT')]) {
    const place = await newPlace();
    await place.archive1(1);
    const object = await readFile(place.objectPath(1));
    await place.write(1, other);
    const work = place.archive1(1);
    await expect(work).rejects.toMatchObject({ code: 'duplicate', class: 'permanent' });
    expect(await readFile(place.objectPath(1))).toEqual(object);
    expect((await place.read(1)).toString()).toBe(other);
  }
});

test.each([
  ['another segment', { segment: nameOf(2) }],
  ['another source', { source: 'ledger' }],
])(
  'an object with the same content that names %s is not a copy: the source is kept',
  async (_what, said) => {
    const place = await newPlace();
    await place.archive1(1);
    await place.write(1, textOf(1));
    await restate(place.objectPath(1), said);
    await expect(place.archive1(1)).rejects.toMatchObject({
      code: 'duplicate',
      class: 'permanent',
    });
    expect((await place.read(1)).toString()).toBe(textOf(1));
  },
);

test.each([
  ['read back', { conservative: true }],
  ['proved in the stream', { conservative: false }],
  ['with a measured level', { level: 'auto' as const }],
])('an empty segment is archived, readable and deleted like any other: %s', async (_, options) => {
  const place = await newPlace({ segments: { 1: '', 2: textOf(2), 3: textOf(3) } });
  expect(await place.archive1(1, options)).toMatchObject({ outcome: 'archived', bytesIn: 0 });
  expect(place.unpacked(1)).toHaveLength(0);
  expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
  await place.write(1, '');
  expect(await place.archive1(1, options)).toMatchObject({ outcome: 'already-archived' });
  await place.write(1, 'x');
  await expect(place.archive1(1, options)).rejects.toMatchObject({ code: 'segment-grew' });
});

test('a link and a directory are not segments', async () => {
  const place = await newPlace({ segments: { 4: textOf(4), 5: textOf(5) }, flushedUpTo: 4 });
  await symlink(place.pathOf(4), place.pathOf(2));
  await mkdir(place.pathOf(3));
  for (const number of [2, 3]) {
    await expect(place.archive1(number)).rejects.toMatchObject({ code: 'segment-malformed' });
  }
  expect(await place.archiveNames()).toEqual([]);
  expect(await place.sourceNames()).toHaveLength(4);
});

test.each(['../wal-000001.bin', 'wal-000001.bin\n', 'x', '', 'wal-1.bin/..', 'wal-000001.bin\0'])(
  'the name %j reaches no file',
  async (name) => {
    const place = await newPlace();
    const signal = new AbortController().signal;
    await expect(
      archiveOne(place.archiver(), place.source, name, { signal }),
    ).rejects.toMatchObject({
      code: 'no-segment',
    });
  },
);

test.each([
  [
    'truncated',
    async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 60)),
    'object-foreign',
  ],
  ['with a flipped bit in its data', (path: string) => flipByte(path, 40), 'object-corrupt'],
  ['with a flipped bit in its manifest', (path: string) => flipByte(path, -40), 'object-corrupt'],
  ['of the zstd tool', (path: string) => writeFile(path, foreignFrame), 'object-foreign'],
  ['that is empty', (path: string) => writeFile(path, ''), 'object-foreign'],
])('an object %s under the name keeps the source', async (_what, damage, code) => {
  const place = await newPlace();
  await place.archive1(1);
  await place.write(1, textOf(1));
  await damage(place.objectPath(1));
  await expect(place.archive1(1)).rejects.toMatchObject({ code, class: 'permanent' });
  expect((await place.read(1)).toString()).toBe(textOf(1));
});

test('two directories under one source name cannot write into one archive', async () => {
  const place = await newPlace();
  const other = await newPlace({ source: { directory: `${place.root}/other` } });
  const signal = new AbortController().signal;
  const archiver = place.archiver();
  await archiveOne(archiver, place.source, nameOf(1), { signal });
  await expect(
    archiveOne(place.archiver(), other.source, nameOf(1), { signal }),
  ).rejects.toMatchObject({
    code: 'source-identity-mismatch',
  });
  expect(await other.sourceNames()).toHaveLength(3);
});

test('a watermark above every file stops the source', async () => {
  const place = await newPlace({
    segments: { 1: textOf(1), 2: textOf(2), 3: textOf(3) },
    flushedUpTo: 3,
  });
  await rm(place.pathOf(3));
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'source-reset' });
  expect(await place.sourceNames()).toHaveLength(2);
});

test('a watermark that names an unknown segment stops the source', async () => {
  const place = await newPlace({ flushedUpTo: 2 });
  await rm(place.pathOf(2));
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'source-reset' });
});

test('two processes archive one segment: both succeed, and there is one correct object', async () => {
  const place = await newPlace();
  const twins = Array.from({ length: 4 }, () => place.archive1(1));
  const outcomes = (await Promise.all(twins)).map((report) => report.outcome);
  expect(outcomes.filter((outcome) => outcome === 'archived')).toHaveLength(1);
  expect(await place.archiveNames()).toEqual([`${nameOf(1)}.zst`]);
  expect(place.unpacked(1).toString()).toBe(textOf(1));
  expect(await place.sourceNames()).not.toContain(nameOf(1));
});

test('with skip_newest all but the newest count as sealed', async () => {
  const rule = {
    sealedRule: { kind: 'skip-newest', count: 2 } as const,
    afterArchive: 'keep' as const,
  };
  const place = await newPlace({ source: rule });
  await place.open();
  expect(await place.archive1(1)).toMatchObject({ outcome: 'archived' });
  await expect(place.archive1(2)).rejects.toMatchObject({ code: 'segment-not-flushed' });
});

/** "hello" as one frame of the zstd tool. */
const foreignFrame = Buffer.from('28b52ffd2405290000' + '68656c6c6f' + '00000000', 'hex');
