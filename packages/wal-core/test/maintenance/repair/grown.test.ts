/** A file that was written after it was archived: how it is reported, and what repair does. */
import { readFile } from 'node:fs/promises';
import { findQuarantined, listRepairs } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { restate } from '../../support/bomb.ts';
import { nameOf, newPlace, textOf, type Place } from '../../support/place.ts';
import { asideOf, repair } from './repair-place.ts';

const WHOLE = `${textOf(1)}and what was written later`;

/** Segment 1 was archived when it was shorter, and is kept. */
async function grownPlace(content = WHOLE): Promise<Place> {
  const place = await newPlace({ source: { afterArchive: 'keep' } });
  await place.archive1(1);
  await place.write(1, content);
  return place;
}

const grow = (place: Place, options = {}) =>
  repair(place, { replaceCorrupt: false, replaceGrown: true, ...options });

test('is not a duplicate: the failure says that the archive holds its first part', async () => {
  const place = await grownPlace();
  await expect(place.archive1(1)).rejects.toMatchObject({
    code: 'segment-grew',
    class: 'permanent',
    message: expect.stringMatching(
      new RegExp(
        `written after it was archived: it has ${WHOLE.length} bytes, and the archive holds the first ${textOf(1).length} `,
      ),
    ) as string,
    hint: expect.stringContaining('--replace-corrupt') as string,
  });
  expect(place.unpacked(1).toString()).toBe(textOf(1));
});

test('one that was empty when it was archived has grown too', async () => {
  const place = await newPlace({
    segments: { 1: '', 2: 'b', 3: 'c' },
    source: { afterArchive: 'keep' },
  });
  await place.archive1(1);
  await place.write(1, 'late');
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'segment-grew' });
});

test('is replaced by the whole file on request, and moved aside', async () => {
  const place = await grownPlace();
  const older = await readFile(place.objectPath(1));
  expect(await repair(place)).toMatchObject({ code: 'segment-grew' });
  expect(await findQuarantined(place.store, 'orders', nameOf(1))).toBeDefined();
  expect(await readFile(place.objectPath(1))).toEqual(older);

  expect(await grow(place)).toEqual({ outcome: 'already-archived' });
  expect(place.unpacked(1).toString()).toBe(WHOLE);
  expect(await asideOf(place)).toEqual([older]);
  expect(await findQuarantined(place.store, 'orders', nameOf(1))).toBeUndefined();
  const [replaced] = (await listRepairs(place.store, 'orders')).filter(
    ({ began }) => began?.action === 'replace',
  );
  expect(replaced?.began?.why).toMatch(/was written after it was archived.*\(segment-grew\)/);
  expect(replaced?.ended?.outcome).toBe('the archive holds the content of the source');
});

test.each<[string, (place: Place) => Promise<void>, string]>([
  ['other content', (place) => place.write(1, `other ${WHOLE}`), 'duplicate'],
  ['a shorter file', (place) => place.write(1, textOf(1).slice(0, 100)), 'duplicate'],
  [
    'the object of another source',
    (place) => restate(place.objectPath(1), { sourceId: '11111111-1111-4111-8111-111111111111' }),
    'duplicate',
  ],
  [
    'an object that names another segment',
    (place) => restate(place.objectPath(1), { segment: 'x' }),
    'duplicate',
  ],
])('%s is never replaced as grown', async (_, change, code) => {
  const place = await grownPlace();
  await change(place);
  const before = await readFile(place.objectPath(1));
  expect(await grow(place)).toMatchObject({ code });
  expect(await readFile(place.objectPath(1))).toEqual(before);
  expect(await asideOf(place)).toEqual([]);
});

test('for different content the failure says when the object was archived, and from where', async () => {
  const place = await grownPlace('other content');
  await expect(place.archive1(1)).rejects.toMatchObject({
    code: 'duplicate',
    message: expect.stringMatching(
      /from this source at 20.*the file was written after that/,
    ) as string,
  });
});

test.each(['begin-replace', 'move-aside', 'record-moved', 'publish', 'confirm', 'end-replace'])(
  'after its replacement is killed at %s, both contents exist, and the next repair finishes it',
  async (fatal) => {
    const place = await grownPlace();
    const older = await readFile(place.objectPath(1));
    const onStep = (step: string) => {
      if (step === fatal) throw new Error('killed');
    };
    await grow(place, { onStep }).catch(() => undefined);
    const under = await readFile(place.objectPath(1)).catch(() => undefined);
    const kept = [...(await asideOf(place)), ...(under === undefined ? [] : [under])];
    expect(kept).toContainEqual(older);
    expect((await place.read(1)).toString()).toBe(WHOLE);

    expect((await grow(place)).code).toBeUndefined();
    expect(place.unpacked(1).toString()).toBe(WHOLE);
    expect(await asideOf(place)).toContainEqual(older);
    const unfinished = (await listRepairs(place.store, 'orders')).filter(
      ({ ended }) => ended === null,
    );
    expect(unfinished).toEqual([]);
  },
);
