import { expect, test } from 'vitest';
import type { ArchiveStore, Disk } from '@walq/wal-core/internal';
import {
  archive,
  archiveBatch,
  archiverOn,
  checkDeletions,
  checkSegments,
  objectPath,
  prepareSegments,
  prepareSource,
  source,
  storeOn,
} from './archived-source.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';

const SHARD = '/share/archive/orders/00000000';
const BATCH = [1, 2, 3];
/** In two shards of the archive. */
const ACROSS = [9_999, 10_000];
const NEXT_SHARD = '/share/archive/orders/00000001';
const staged = (number: number): string =>
  `file.sync ${objectPath(number).replace(/wal-\d+\.bin\.zst$/, '.$&.tmp')}`;

/** One segment after another. */
const archiving: Scenario = {
  prepare: prepareSource,
  run: async (disk) => {
    const archiver = archiverOn(disk);
    for (const number of [1, 2]) await archive(archiver, number);
  },
  check: checkSegments(),
};

const archivingAsOne = (numbers: readonly number[]): Scenario => ({
  prepare: (disk) => prepareSegments(disk, numbers),
  run: (disk) => archiveBatch(archiverOn(disk), numbers),
  check: checkSegments(numbers),
});

const archivingBatch = archivingAsOne(BATCH);
const acrossShards = archivingAsOne(ACROSS);

/** Another process published an object, and was killed before any fsync of a directory. */
const raceLost: Scenario = {
  ...archivingBatch,
  before: (disk) => publishAndDie({ ...disk, syncDirectory: async () => {} }),
};

/** Another program has copied an object into the archive, and fsynced nothing. */
const copiedIn: Scenario = {
  ...archivingBatch,
  check: checkDeletions(BATCH),
  before: async (disk) => {
    const lazy = { ...disk, syncDirectory: async () => {}, openNew: notSyncing(disk) };
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
  ...(await disk.openNew(path)),
  sync: async () => {},
});

test.each([
  ['archiving', archiving],
  ['archiving a batch', archivingBatch],
  ['archiving a batch of two shards', acrossShards],
  ['finding an object whose publisher was killed', raceLost],
  ['finding an object that was copied in', copiedIn],
])('%s loses nothing, wherever the power is cut', async (_what, scenario) => {
  const { lost, cuts } = await crashEverywhere(scenario);
  expect(lost).toEqual([]);
  expect(cuts).toBeGreaterThan(100);
});

test.each([
  ['archiving', archiving, [1, 2], [SHARD]],
  ['archiving a batch', archivingBatch, BATCH, [SHARD]],
  ['archiving a batch of two shards', acrossShards, ACROSS, [SHARD, NEXT_SHARD]],
])(
  'each missing fsync of %s is found, except where there was nothing to lose',
  async (_what, scenario, numbers, shards) => {
    expect(await withoutEachSync(scenario)).toEqual({
      found: [
        ...numbers.map(staged),
        'syncDirectory /share/archive/orders',
        ...shards.map((shard) => `syncDirectory ${shard}`),
      ],
      harmless: [
        // Without it a deleted source file comes back, and is archived already.
        'syncDirectory /host/wal',
        // Durable before.
        'syncDirectory /share',
        'syncDirectory /share/archive',
      ],
    });
  },
);

test('each missing fsync of a process that finds the object is found (I1)', async () => {
  const { found } = await withoutEachSync(copiedIn);
  expect(found).toEqual([
    staged(2),
    staged(3),
    `file.sync ${objectPath(1)}`,
    'syncDirectory /share/archive/orders',
    `syncDirectory ${SHARD}`,
  ]);
});

// Bugs that a batch could have. These tests would not find them if they found nothing here.

/** Issues the receipts of a batch, and deletes its sources, before the batch's barrier. */
function beforeTheBarrier(disk: Disk): Disk {
  let isPending = false;
  return {
    ...disk,
    syncDirectory: async (path) => {
      if (path === SHARD) isPending = true;
      else await disk.syncDirectory(path);
      if (path === source.directory && isPending) await disk.syncDirectory(SHARD);
    },
  };
}

/** Reports a batch as whole when one of its segments failed. */
const reportedWhole = (store: ArchiveStore): ArchiveStore => ({
  ...store,
  publish: async (stagings) => {
    const [first, ...others] = stagings;
    if (first !== undefined) await store.discard(first);
    return [
      ...(first === undefined ? [] : ['published' as const]),
      ...(await store.publish(others)),
    ];
  },
});

test('receipts before the barrier of their batch are found', async () => {
  const { lost } = await crashEverywhere({
    ...archivingBatch,
    run: (disk) => archiveBatch(archiverOn(beforeTheBarrier(disk)), BATCH),
  });
  expect(lost.length).toBeGreaterThan(0);
});

test('a batch that is reported whole when one of its segments failed is found', async () => {
  const { lost } = await crashEverywhere({
    ...archivingBatch,
    run: async (disk) => {
      const archiver = archiverOn(disk, undefined, reportedWhole(storeOn(disk)));
      await archiveBatch(archiver, BATCH);
    },
  });
  expect(lost.length).toBeGreaterThan(0);
});
