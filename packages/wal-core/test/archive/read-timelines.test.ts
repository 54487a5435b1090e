import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeManifestFrame, keyPath, namingOf, TimelineReader } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';
import { objectOf, zeros } from '../support/bomb.ts';
import { newPlace } from '../support/place.ts';

const MUCH_BYTES = 512 * 1024 ** 2;
const MEMORY_BYTES_MAX = 200 * 1024 ** 2;

it('a history file that decodes to half a gigabyte is unreadable, and is not held in memory', async () => {
  const place = await newPlace();
  await place.archive1(1);
  const { json } = decodeManifestFrame('it', await readFile(place.objectPath(1)));
  const [name, said] = ['00000002.history', { segment: '00000002.history', bytes: MUCH_BYTES }];
  const key = { source: 'orders', shard: '00000002', segment: name };
  const path = join(place.archive, keyPath(key));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, objectOf(zeros(MUCH_BYTES), json, said));
  const before = process.memoryUsage.rss();

  const naming = namingOf({ kind: 'postgres', segmentBytes: 16 * 1024 ** 2 });
  const { unreadable } = await new TimelineReader(place.store, 'orders').read(naming);

  expect([...unreadable.keys()]).toEqual([name]);
  expect(unreadable.get(name)?.message).toContain('has more than 1048576 bytes');
  expect(process.memoryUsage.rss() - before).toBeLessThan(MEMORY_BYTES_MAX);
});
