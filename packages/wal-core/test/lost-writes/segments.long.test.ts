import { expect, test } from 'vitest';
import type { Disk } from '@walq/wal-core/internal';
import {
  archive,
  archiverOn,
  checkDeletions,
  checkSegments,
  objectPath,
  prepareSource,
} from './archived-source.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';

const SHARD = '/share/archive/orders/00000000';
const staged = (number: number): string => `file.sync ${SHARD}/.wal-00000${number}.bin.zst.tmp`;

const archiving: Scenario = {
  prepare: prepareSource,
  run: async (disk) => {
    const archiver = archiverOn(disk);
    for (const number of [1, 2]) await archive(archiver, number);
  },
  check: checkSegments,
};

/** Another process published an object, and was killed before any fsync of a directory. */
const raceLost: Scenario = {
  ...archiving,
  before: (disk) => publishAndDie({ ...disk, syncDirectory: async () => {} }),
};

/** Another program has copied an object into the archive, and fsynced nothing. */
const copiedIn: Scenario = {
  ...archiving,
  check: checkDeletions,
  before: async (disk) => {
    const lazy = { ...disk, syncDirectory: async () => {}, openExisting: notSyncing(disk) };
    await publishAndDie(lazy);
  },
};

async function publishAndDie(disk: Disk): Promise<void> {
  const dying = archiverOn(disk, (step) => {
    if (step === 'confirm') throw new Error('killed');
  });
  await expect(archive(dying, 1)).rejects.toThrow('killed');
}

const notSyncing = (disk: Disk) => async (path: string) => ({
  ...(await disk.openExisting(path)),
  sync: async () => {},
});

test.each([
  ['archiving', archiving],
  ['finding an object whose publisher was killed', raceLost],
  ['finding an object that was copied in', copiedIn],
])('%s loses nothing, wherever the power is cut', async (_what, scenario) => {
  const { lost, cuts } = await crashEverywhere(scenario);
  expect(lost).toEqual([]);
  expect(cuts).toBeGreaterThan(100);
});

test('each missing fsync of archiving is found, except where there was nothing to lose', async () => {
  expect(await withoutEachSync(archiving)).toEqual({
    found: [staged(1), staged(2), 'syncDirectory /share/archive/orders', `syncDirectory ${SHARD}`],
    harmless: [
      // Without it a deleted source file comes back, and is archived already.
      'syncDirectory /host/wal',
      // Durable before.
      'syncDirectory /share',
      'syncDirectory /share/archive',
    ],
  });
});

test('each missing fsync of a process that finds the object is found (I1)', async () => {
  const { found } = await withoutEachSync(copiedIn);
  expect(found).toEqual([
    staged(2),
    `file.sync ${objectPath(1)}`,
    'syncDirectory /share/archive/orders',
    `syncDirectory ${SHARD}`,
  ]);
});
