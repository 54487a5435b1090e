import assert from 'node:assert/strict';
import {
  openStore,
  prune,
  readFloors,
  type ArchiveStore,
  type Disk,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { segmentName } from '../support/place.ts';
import {
  ARCHIVE,
  archive,
  archiverOn,
  objectPath,
  prepareSource,
  source,
  storeOn,
} from './archived-source.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';
import { textAt } from './small-files.ts';

const FLOORS = `${ARCHIVE}/orders/_walq/floors`;
const noIndex = { get: () => undefined, add: () => undefined, save: async () => {} };

const pruneTo = async (
  store: ArchiveStore,
  keepFrom: number,
  onStep: (step: string) => void = () => undefined,
): Promise<unknown> =>
  prune({
    store,
    source: 'orders',
    naming: source.naming,
    rules: { keepFrom: [segmentName(keepFrom)] },
    graceMs: 0,
    index: noIndex,
    by: 'test:1',
    signal: new AbortController().signal,
    onStep,
  });

/** What is missing from the archive is below a floor. */
async function checkBelowFloor(disk: Disk): Promise<void> {
  const floor = (await readFloors(storeOn(disk), 'orders')).get('')?.position ?? 0n;
  for (const number of [1, 2]) {
    const isThere = (await textAt(disk, objectPath(number))) !== undefined;
    assert.ok(isThere || floor > BigInt(number), `${number} is gone, and the floor is ${floor}`);
  }
}

const pruning: Scenario = {
  prepare: async (disk) => {
    await prepareSource(disk);
    const archiver = archiverOn(disk);
    for (const number of [1, 2]) await archive(archiver, number);
  },
  run: async (disk) => void (await pruneTo(storeOn(disk), 2)),
  check: checkBelowFloor,
};

/** Another prune was killed before its floor was durable. */
const foundRaised: Scenario = {
  ...pruning,
  before: async (disk) => {
    const lazy = openStore(ARCHIVE, { disk: { ...disk, syncDirectory: async () => {} } });
    const dying = pruneTo(lazy, 2, (step) => {
      if (step === 'raised') throw new Error('killed');
    });
    await assert.rejects(dying, /killed/);
  },
};

test.each([
  ['raised', pruning],
  ['found', foundRaised],
])('nothing is removed before a floor that was %s is durable', async (_what, scenario) => {
  expect((await crashEverywhere(scenario)).lost).toEqual([]);
});

test('each missing fsync of a floor is found', async () => {
  const { found } = await withoutEachSync(pruning);
  expect(found.filter((one) => one.startsWith('file.sync'))).toHaveLength(1);
  expect(found.filter((one) => one.startsWith('syncDirectory'))).toContain(
    `syncDirectory ${FLOORS}`,
  );
});
