import assert from 'node:assert/strict';
import { restoreRange, type Disk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { nameOf } from '../support/place.ts';
import {
  archive,
  archiverOn,
  contentOf,
  prepareSource,
  source,
  storeOn,
} from './archived-source.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';
import { threadsOn } from './threads-on.ts';
import { finalNames, textAt } from './small-files.ts';

const DESTINATION = '/host/new/restored';

async function restore(disk: Disk): Promise<void> {
  await restoreRange({
    disk,
    store: storeOn(disk),
    threads: threadsOn(disk),
    source: source.name,
    naming: source.naming,
    destination: DESTINATION,
    leftoverWatchMs: 0,
    signal: new AbortController().signal,
  });
}

const restoring: Scenario = {
  prepare: async (disk) => {
    await prepareSource(disk);
    const archiver = archiverOn(disk);
    for (const number of [1, 2]) await archive(archiver, number);
  },
  run: async (disk, promised) => {
    await restore(disk);
    promised('restored');
  },
  // I5: no file is partial. Once the restore has resolved, all files are there.
  check: async (disk, promised) => {
    const there = await finalNames(disk, DESTINATION);
    for (const name of there) {
      assert.equal(
        await textAt(disk, `${DESTINATION}/${name}`),
        contentOf(Number(/\d+/.exec(name)?.[0])),
      );
    }
    if (promised.has('restored')) assert.deepEqual(there, [nameOf(1), nameOf(2)]);
    await restore(disk);
  },
};

test('a restore leaves whole files, wherever the power is cut, and all of them once it resolves', async () => {
  expect((await crashEverywhere(restoring)).lost).toEqual([]);
});

test('each missing fsync of a restore is found', async () => {
  expect(await withoutEachSync(restoring)).toEqual({
    found: [
      `file.sync ${DESTINATION}/.${nameOf(1)}.tmp`,
      `file.sync ${DESTINATION}/.${nameOf(2)}.tmp`,
      'syncDirectory /host',
      'syncDirectory /host/new',
      `syncDirectory ${DESTINATION}`,
    ],
    harmless: [],
  });
});
