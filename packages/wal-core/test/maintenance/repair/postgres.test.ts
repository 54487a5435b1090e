import { readFile, writeFile } from 'node:fs/promises';
import { listRepairs, nodeDisk, pushSegment, quarantineSegment } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { nameOf, objectPath } from '../../support/archived-place.ts';
import { newPostgresPlace } from '../../support/postgres-place.ts';

test('PostgreSQL is answered for a file whose object was replaced', async () => {
  const place = await newPostgresPlace();
  const open = await place.open();
  const segment = nameOf(1);
  await place.cluster.ready(segment);
  await place.archive(segment, { acknowledge: false });
  await writeFile(objectPath(place, segment), 'damaged');
  await quarantineSegment(place.store, 'main', {
    segment,
    code: 'object-foreign',
    message: 'odd',
    hint: 'compare both',
    quarantinedAt: new Date().toISOString(),
    worker: 'w',
  });
  const { store } = place;
  const push = async () => {
    const signal = new AbortController().signal;
    const name = open.source.naming.parse(segment);
    if (name === undefined) throw new Error(`${segment} was not understood`);
    const archiver = () => {
      throw new Error('the file was not acknowledged');
    };
    return pushSegment({ disk: nodeDisk, open, archiver, signal }, name);
  };
  await expect(push()).rejects.toMatchObject({
    code: 'segment-quarantined',
    hint: expect.stringContaining(`walq repair main --replace-corrupt ${segment}`) as string,
  });
  const repairer = await place.repairer();
  const segments = await repairer.segments();
  expect(segments.map(({ name }) => name)).toEqual([segment]);
  const run = { replaceCorrupt: true, takeOver: false };
  expect(await repairer.rearchive(segments, run)).toMatchObject([{ segment }]);
  expect(await push()).toMatchObject({ outcome: 'acknowledged' });
  const replaced = (await listRepairs(store, 'main')).find(({ aside }) => aside !== null);
  const aside = `${store.url.replace('file://', '')}/${replaced?.aside}`;
  expect(await readFile(aside, 'utf8')).toBe('damaged');
});
