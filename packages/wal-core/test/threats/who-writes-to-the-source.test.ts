import { link, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  archiveOne,
  nodeDisk,
  patternNaming,
  readWatermark,
  steps,
  watermarkPath,
} from '@walq/wal-core/internal';
import { contentsBelow } from '../support/contents-below.ts';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

const SECRET = 'what walq may read and nobody else';

async function withOutside(): Promise<{ place: Place; outside: string }> {
  const place = await newPlace();
  const outside = join(place.root, 'outside');
  await writeFile(outside, SECRET);
  return { place, outside };
}

/** Objects in the archive that contain the secret once they are decoded. */
async function leaked(place: Place): Promise<boolean> {
  const isThere = await stat(place.objectPath(1)).then(
    () => true,
    () => false,
  );
  return isThere && place.unpacked(1).toString().includes(SECRET);
}

describe('somebody who can write to the source', () => {
  it.each(steps)(
    'cannot have a file archived or deleted by a link put in the segment’s place at %s',
    async (step) => {
      const { place, outside } = await withOutside();
      const onStep = async (at: string) => {
        if (at !== step) return;
        await rename(place.pathOf(1), join(place.root, 'moved')).catch(() => undefined);
        await symlink(outside, place.pathOf(1)).catch(() => undefined);
      };
      await place.archive1(1, { onStep }).catch(() => undefined);
      expect(await readFile(outside, 'utf8')).toBe(SECRET);
      expect(await leaked(place)).toBe(false);
    },
  );

  it('has only the name removed of a file that has another one elsewhere', async () => {
    const { place, outside } = await withOutside();
    await rm(place.pathOf(1));
    await link(outside, place.pathOf(1));
    await place.archive1(1);
    expect(await place.sourceNames()).not.toContain(nameOf(1));
    expect(await readFile(outside, 'utf8')).toBe(SECRET);
    expect(place.unpacked(1).toString()).toBe(SECRET);
  });

  it.each(['wal-\n000001.bin', 'wal-\t\u001b[2J000001.bin', ' ..000001.bin', '%2F000001.bin'])(
    'cannot have anything else touched by a segment that is called %j',
    async (name) => {
      const naming = patternNaming(/(?<number>\d{6})\.bin$/, 10);
      const place = await newPlace({ source: { naming } });
      await rename(place.pathOf(1), join(place.source.directory, name));
      await writeFile(join(place.root, nameOf(1)), SECRET);
      const before = await contentsBelow(place.root, ['archive', 'wal']);
      const signal = new AbortController().signal;
      await archiveOne(place.archiver(), place.source, name, { signal });
      expect(await contentsBelow(place.root, ['archive', 'wal'])).toEqual(before);
      expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
      expect(await place.archiveNames()).toHaveLength(1);
    },
  );

  it('cannot have a file read or replaced by a link in the watermark’s place', async () => {
    const { place, outside } = await withOutside();
    const { sourceId } = await place.open();
    await writeFile(outside, JSON.stringify({ version: 1, sourceId, segment: nameOf(3) }));
    const before = await readFile(outside, 'utf8');
    await rm(watermarkPath(place.source));
    await symlink(outside, watermarkPath(place.source));
    await expect(readWatermark(nodeDisk, place.source, sourceId)).rejects.toMatchObject({
      code: 'source-io',
    });
    await place.flush(2).catch(() => undefined);
    await expect(place.archive1(1)).rejects.toThrow();
    expect(await readFile(outside, 'utf8')).toBe(before);
    expect((await place.read(1)).toString()).toBe(textOf(1));
  });
});
