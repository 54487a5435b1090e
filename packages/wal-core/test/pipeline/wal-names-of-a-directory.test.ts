/** Names like PostgreSQL's at a source of another type: there the archive has no second name for a file. */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveOne,
  advanceWatermark,
  createDueView,
  nodeDisk,
  patternNaming,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newPlace, type Place } from '../support/place.ts';

const FIRST = '000000010000000000000001.partial';
const SECOND = '000000010000000000000002.partial';
const BACKUP = '000000010000000000000001.00000028.backup';

async function directoryOf(pattern: RegExp, afterArchive: 'delete' | 'keep'): Promise<Place> {
  const naming = patternNaming(pattern, 16);
  const place = await newPlace({
    segments: {},
    flushedUpTo: null,
    source: { naming, afterArchive, consecutive: false },
  });
  await mkdir(place.source.directory, { recursive: true });
  return place;
}

async function put(place: Place, files: Readonly<Record<string, string>>, flushed: string) {
  for (const [name, content] of Object.entries(files))
    await writeFile(join(place.source.directory, name), content);
  const { sourceId } = await place.open();
  const upTo = place.source.naming.parse(flushed);
  if (upTo !== undefined) await advanceWatermark(nodeDisk, place.source, sourceId, upTo);
}

const archived = (place: Place, name: string) =>
  archiveOne(place.archiver(), place.source, name, { signal: new AbortController().signal });

test('different content under a name that ends with .partial is rejected, and the file kept', async () => {
  const place = await directoryOf(/^(?<number>[0-9A-F]{24})\.partial$/, 'delete');
  await put(place, { [FIRST]: 'one', [SECOND]: 'newest' }, FIRST);
  await archived(place, FIRST);
  await put(place, { [FIRST]: 'another' }, FIRST);
  await expect(archived(place, FIRST)).rejects.toMatchObject({ code: 'duplicate' });
  await access(join(place.source.directory, FIRST));
  expect(await place.archiveNames()).toEqual([`${FIRST}.zst`]);
});

test('an empty file that is named like a backup history is archived once', async () => {
  const place = await directoryOf(/^(?<number>[0-9A-F]{24})\..*$/, 'keep');
  await put(place, { [BACKUP]: '', [SECOND]: 'newest' }, BACKUP);
  await archived(place, BACKUP);
  const { due } = await createDueView(nodeDisk, await place.open()).scan(10);
  expect(due.map(({ name }) => name)).toEqual([]);
});
