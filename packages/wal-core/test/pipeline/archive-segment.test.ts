import { readFile, rm, rename, mkdir, symlink, writeFile, appendFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  archiveKeyOf,
  decodeManifestFrame,
  encodeManifestFrame,
  readManifest,
  watermarkPath,
} from '@walq/wal-core';
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

test('the manifest says what the object holds', async () => {
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

test('other content under the name is refused; object and source stay as they are', async () => {
  const place = await newPlace();
  await place.archive1(1);
  const object = await readFile(place.objectPath(1));
  await place.write(1, 'something else');
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'duplicate', class: 'permanent' });
  expect(await readFile(place.objectPath(1))).toEqual(object);
  expect((await place.read(1)).toString()).toBe('something else');
});

test('a source that is gone is a success where the archive holds a sound copy', async () => {
  const place = await newPlace();
  await place.archive1(1);
  expect(await place.archive1(1)).toMatchObject({
    outcome: 'already-archived',
    bytesIn: textOf(1).length,
  });
});

test('a source that is gone without a copy fails, and may come back', async () => {
  const place = await newPlace();
  await rm(place.pathOf(1));
  await expect(place.archive1(1)).rejects.toMatchObject({
    code: 'source-missing',
    class: 'retryable',
  });
});

test('a source that is gone does not excuse a damaged copy', async () => {
  const place = await newPlace();
  await place.archive1(1);
  await flipByte(place.objectPath(1), 40);
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
});

test.each([
  ['segment', nameOf(2), 'orders'],
  ['source', nameOf(1), 'another'],
])(
  'a source that is gone does not excuse the copy of another %s',
  async (_what, segment, source) => {
    const place = await newPlace();
    await place.archive1(1);
    await relabel(place.objectPath(1), { segment, source });
    await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
  },
);

test('a directory with another identity under the path is opened anew, by its own name', async () => {
  const place = await newPlace();
  const archiver = place.archiver();
  const { signal } = new AbortController();
  await archiver.archive(place.source, nameOf(1), { signal });
  const other = await newPlace({ source: { afterArchive: 'keep' } });
  const away = `${place.source.directory}.away`;
  await rename(place.source.directory, away);
  await rename(other.source.directory, place.source.directory);
  const code = 'source-identity-mismatch';
  await expect(archiver.archive(place.source, nameOf(2), { signal })).rejects.toMatchObject({
    code,
  });
  await rename(place.source.directory, other.source.directory);
  await expect(archiver.archive(place.source, nameOf(2), { signal })).rejects.toMatchObject({
    code: 'source-unavailable',
  });
  await rename(away, place.source.directory);
  expect(await archiver.archive(place.source, nameOf(2), { signal })).toMatchObject({
    outcome: 'archived',
  });
});

test('a directory that is swapped in mid-way makes no missing source a success', async () => {
  const place = await newPlace();
  await place.archive1(1);
  const other = await newPlace();
  const onStep = async (step: string) => {
    if (step !== 'find') return;
    await rename(place.source.directory, `${place.source.directory}.away`);
    await rm(other.pathOf(1));
    await rename(other.source.directory, place.source.directory);
  };
  await expect(place.archive1(1, { onStep })).rejects.toMatchObject({ code: 'source-unavailable' });
});

test('an unmounted source is unavailable, not lost', async () => {
  const place = await newPlace();
  await rename(place.source.directory, `${place.source.directory}.away`);
  await mkdir(place.source.directory);
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'source-unavailable' });
});

test('a segment that is written again before its deletion is kept', async () => {
  const place = await newPlace();
  const onStep = async (step: string) => {
    if (step === 'compare-source') await appendFile(place.pathOf(1), 'more');
  };
  await expect(place.archive1(1, { onStep })).rejects.toMatchObject({ code: 'source-changed' });
  expect((await place.read(1)).toString()).toBe(`${textOf(1)}more`);
});

test('a segment that is replaced by an equal-looking file before its deletion is kept', async () => {
  const place = await newPlace();
  const onStep = async (step: string) => {
    if (step !== 'compare-source') return;
    await writeFile(`${place.pathOf(1)}.new`, textOf(9).slice(0, textOf(1).length));
    await rename(`${place.pathOf(1)}.new`, place.pathOf(1));
  };
  await expect(place.archive1(1, { onStep })).rejects.toMatchObject({ code: 'source-changed' });
  expect(await place.sourceNames()).toContain(nameOf(1));
});

test.each([1, 9])(
  'a watermark that goes back to or names %d in between stops the deletion',
  async (back) => {
    const place = await newPlace();
    const { sourceId } = await place.open();
    const path = watermarkPath(place.source);
    const onStep = async (step: string) => {
      if (step !== 'confirm') return;
      await writeFile(path, JSON.stringify({ version: 1, sourceId, segment: nameOf(back) }));
    };
    await expect(place.archive1(2, { onStep })).rejects.toMatchObject({
      code: back === 1 ? 'segment-not-flushed' : 'source-reset',
      class: 'refused',
    });
    expect(await place.sourceNames()).toHaveLength(3);
  },
);

test('what loses its right to go on right before the deletion keeps the source', async () => {
  const place = await newPlace();
  const beforeDelete = () => {
    throw new Error('the lease was lost');
  };
  await expect(place.archive1(1, { beforeDelete })).rejects.toThrow('the lease was lost');
  expect(await place.sourceNames()).toContain(nameOf(1));
});

test('a right that is lost in the last step before the deletion counts', async () => {
  const place = await newPlace();
  let held = true;
  const onStep = (step: string) => {
    if (step === 'unlink-source') held = false;
  };
  const beforeDelete = () => {
    if (!held) throw new Error('the lease was lost');
  };
  const work = place.archive1(1, { onStep, beforeDelete });
  await expect(work).rejects.toThrow('the lease was lost');
  expect(await place.sourceNames()).toContain(nameOf(1));
});

test('an empty segment, a link and a directory are no segments', async () => {
  const place = await newPlace({ segments: { 1: '', 4: textOf(4), 5: textOf(5) }, flushedUpTo: 4 });
  await symlink(place.pathOf(4), place.pathOf(2));
  await mkdir(place.pathOf(3));
  for (const number of [1, 2, 3]) {
    await expect(place.archive1(number)).rejects.toMatchObject({ code: 'segment-malformed' });
  }
  expect(await place.archiveNames()).toEqual([]);
  expect(await place.sourceNames()).toHaveLength(5);
});

test.each(['../wal-000001.bin', 'wal-000001.bin\n', 'x', '', 'wal-1.bin/..', 'wal-000001.bin\0'])(
  'the name %j reaches no file',
  async (name) => {
    const place = await newPlace();
    const signal = new AbortController().signal;
    await expect(place.archiver().archive(place.source, name, { signal })).rejects.toMatchObject({
      code: 'segment-name-refused',
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
  await archiver.archive(place.source, nameOf(1), { signal });
  await expect(place.archiver().archive(other.source, nameOf(1), { signal })).rejects.toMatchObject(
    {
      code: 'source-identity-mismatch',
    },
  );
  expect(await other.sourceNames()).toHaveLength(3);
});

test('a watermark above everything there is stops the source', async () => {
  const place = await newPlace({
    segments: { 1: textOf(1), 2: textOf(2), 3: textOf(3) },
    flushedUpTo: 3,
  });
  await rm(place.pathOf(3));
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'source-reset' });
  expect(await place.sourceNames()).toHaveLength(2);
});

test('a watermark that names a segment of nowhere stops the source', async () => {
  const place = await newPlace({ flushedUpTo: 2 });
  await rm(place.pathOf(2));
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'source-reset' });
});

test('twins on one segment: both succeed, there is one object, and it is right', async () => {
  const place = await newPlace();
  const twins = Array.from({ length: 4 }, () => place.archive1(1));
  const outcomes = (await Promise.all(twins)).map((report) => report.outcome);
  expect(outcomes.filter((outcome) => outcome === 'archived')).toHaveLength(1);
  expect(await place.archiveNames()).toEqual([`${nameOf(1)}.zst`]);
  expect(place.unpacked(1).toString()).toBe(textOf(1));
  expect(await place.sourceNames()).not.toContain(nameOf(1));
});

test('a source that keeps its segments keeps them', async () => {
  const place = await newPlace({ source: { afterArchive: 'keep' } });
  await place.archive1(1);
  expect(await place.sourceNames()).toHaveLength(3);
});

test('what skip_newest takes for sealed is kept, also where a source says delete', async () => {
  const rule = { sealedRule: { kind: 'skip-newest', count: 1 }, afterArchive: 'delete' } as const;
  const place = await newPlace({ source: rule });
  await place.open();
  expect(await place.archive1(1)).toMatchObject({ outcome: 'archived' });
  expect(await place.sourceNames()).toHaveLength(3);
});

test('skip_newest takes all but the newest for sealed', async () => {
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

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const index = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(index) ^ 0x10, index);
  await writeFile(path, bytes);
}

/** Lets an object say something else of itself. */
async function relabel(path: string, says: { segment: string; source: string }): Promise<void> {
  const bytes = await readFile(path);
  const { json, frameBytes } = decodeManifestFrame(path, bytes);
  const frame = encodeManifestFrame(JSON.stringify({ ...JSON.parse(json), ...says }));
  await writeFile(path, Buffer.concat([bytes.subarray(0, bytes.length - frameBytes), frame]));
}
