import {
  archiveKeyOf,
  nodeDisk,
  recordKeptFile,
  writeMarker,
  deleteSources,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { contentsBelow } from '../support/contents-below.ts';
import { newPlace, segmentName, textOf, type Place } from '../support/place.ts';

type Receipt = Parameters<typeof deleteSources>[1][number];

/** Correct in every field, but no process has checked the archive. */
async function forgedReceipt(place: Place): Promise<Receipt> {
  const { source, sourceId } = await place.open();
  const name = segmentName(1);
  const path = place.pathOf(1);
  const { signal } = new AbortController();
  const measured = await createInlineThreads(nodeDisk).checksum({ sourcePath: path }, signal);
  const key = archiveKeyOf(source.name, name);
  return {
    segment: { source, sourceId, name, path, key, ...measured },
    objectBytes: 100,
    origin: 'published',
    sealedAt: new Date(0).toISOString(),
  };
}

const forged = 'was not issued by confirm';

test('a receipt that confirm did not issue deletes nothing', async () => {
  const place = await newPlace();
  const receipt = await forgedReceipt(place);
  const { gate, source } = await place.open();
  const { signal } = new AbortController();
  const run = { source, disk: nodeDisk, gate, onStep: () => undefined, signal };
  const deleting = deleteSources(run, [receipt]);
  await expect(deleting).rejects.toThrow(forged);
  expect((await place.read(1)).toString()).toBe(textOf(1));
});

test('a receipt that confirm did not issue leaves no marker', async () => {
  const place = await newPlace();
  const receipt = await forgedReceipt(place);
  const before = await contentsBelow(place.root, []);
  await expect(writeMarker(nodeDisk, await place.open(), receipt)).rejects.toThrow(forged);
  await expect(recordKeptFile(place.store, receipt)).rejects.toThrow(forged);
  expect(await contentsBelow(place.root, [])).toEqual(before);
});
