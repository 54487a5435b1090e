import { archiveOne, advanceWatermark, logNaming, nodeDisk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { openedLog, text } from '../log/opened-log.ts';
import { newPlace } from '../support/place.ts';

test("a log's open segment is never archived, whatever its watermark says", async () => {
  const type = { type: 'log', naming: logNaming } as const;
  const place = await newPlace({ source: type, segments: {}, flushedUpTo: null });
  const log = await openedLog(place.source.directory);
  await log.append(text('first'));
  const sealed = await log.seal();
  if (sealed === undefined) throw new Error('a segment with a record is sealed');
  await log.append(text('second'));
  const open = log.currentSegment;
  const { sourceId } = await place.open();
  await advanceWatermark(nodeDisk, place.source, sourceId, open);

  const archiver = place.archiver();
  const { signal } = new AbortController();
  const refused = archiveOne(archiver, place.source, open.name, { signal });
  await expect(refused).rejects.toMatchObject({ code: 'segment-not-flushed' });
  expect(await place.archiveNames()).toEqual([]);

  await archiveOne(archiver, place.source, sealed.name, { signal });
  expect(await place.archiveNames()).toEqual([`${sealed.name}.zst`]);
  await log.append(text('third'));
  await log.seal();
  const followed = await archiveOne(archiver, place.source, open.name, { signal });
  expect(followed).toMatchObject({ outcome: 'archived' });
});
