import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { archiveOne, decodeManifestFrame, encodeManifestFrame } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { flipByte } from '../support/flip-byte.ts';
import { nameOf, newPlace, textOf } from '../support/place.ts';

test('a missing source file is a success where the archive holds a sound copy', async () => {
  const place = await newPlace();
  await place.archive1(1);
  expect(await place.archive1(1)).toMatchObject({
    outcome: 'already-archived',
    bytesIn: textOf(1).length,
  });
});

test('a missing source file without a copy fails, and is retried', async () => {
  const place = await newPlace();
  await rm(place.pathOf(1));
  await expect(place.archive1(1)).rejects.toMatchObject({
    code: 'source-missing',
    class: 'retryable',
  });
});

test('a missing source file is not a success where the copy is damaged', async () => {
  const place = await newPlace();
  await place.archive1(1);
  await flipByte(place.objectPath(1), 40);
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
});

test.each([
  ['segment', nameOf(2), 'orders'],
  ['source', nameOf(1), 'another'],
])(
  'a missing source file is not a success where the copy is that of another %s',
  async (_what, segment, source) => {
    const place = await newPlace();
    await place.archive1(1);
    await relabel(place.objectPath(1), { segment, source });
    await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
  },
);

test('a directory with another identity under the same path is opened again, under its own name', async () => {
  const place = await newPlace();
  const archiver = place.archiver();
  const { signal } = new AbortController();
  await archiveOne(archiver, place.source, nameOf(1), { signal });
  const other = await newPlace({ source: { afterArchive: 'keep' } });
  const away = `${place.source.directory}.away`;
  await rename(place.source.directory, away);
  await rename(other.source.directory, place.source.directory);
  const code = 'source-identity-mismatch';
  await expect(archiveOne(archiver, place.source, nameOf(2), { signal })).rejects.toMatchObject({
    code,
  });
  await rename(place.source.directory, other.source.directory);
  await expect(archiveOne(archiver, place.source, nameOf(2), { signal })).rejects.toMatchObject({
    code: 'source-unavailable',
  });
  await rename(away, place.source.directory);
  expect(await archiveOne(archiver, place.source, nameOf(2), { signal })).toMatchObject({
    outcome: 'archived',
  });
});

test('a directory that is swapped in between does not turn a missing source file into a success', async () => {
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

/** Lets an object say something else of itself. */
async function relabel(path: string, says: { segment: string; source: string }): Promise<void> {
  const bytes = await readFile(path);
  const { json, frameBytes } = decodeManifestFrame(path, bytes);
  const frame = encodeManifestFrame(JSON.stringify({ ...JSON.parse(json), ...says }));
  await writeFile(path, Buffer.concat([bytes.subarray(0, bytes.length - frameBytes), frame]));
}
