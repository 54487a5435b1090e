import assert from 'node:assert/strict';
import { listQuarantine, openStore, quarantineSegment, type Disk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { ARCHIVE, storeOn } from './archived-source.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';

const RECORDS = `${ARCHIVE}/orders/_walq`;

const reason = (segment: string) => ({
  segment,
  code: 'duplicate' as const,
  message: 'it is another',
  hint: 'compare both',
  quarantinedAt: '2026-01-31T10:00:00.100Z',
  worker: 'test:1',
});

/** What was promised is there, and whole. */
async function checkPromised(disk: Disk, promised: ReadonlySet<string>): Promise<void> {
  const there = promised.size === 0 ? [] : await listQuarantine(storeOn(disk), 'orders');
  for (const segment of promised)
    assert.ok(
      there.some((one) => one.segment === segment),
      segment,
    );
}

/** And nothing is there in part, or under its final name before it is whole. */
async function checkWhole(disk: Disk, promised: ReadonlySet<string>): Promise<void> {
  await checkPromised(disk, promised);
  const there = await listQuarantine(storeOn(disk), 'orders');
  for (const { code } of there) assert.equal(code, 'duplicate');
}

const quarantining: Scenario = {
  prepare: async (disk) => void (await disk.makeDirectory(ARCHIVE)),
  run: async (disk, promised) => {
    const store = storeOn(disk);
    for (const segment of ['a', 'b']) {
      await quarantineSegment(store, 'orders', reason(segment));
      promised(segment);
    }
  },
  check: checkWhole,
};

/** Another worker has created the record and was killed before it was durable. */
const foundThere: Scenario = {
  ...quarantining,
  before: async (disk) => {
    const store = openStore(ARCHIVE, { disk: { ...disk, syncDirectory: async () => {} } });
    await quarantineSegment(store, 'orders', reason('a'));
  },
};

/** The same by a writer that fsyncs nothing. */
const copiedIn: Scenario = {
  ...quarantining,
  check: checkPromised,
  before: async (disk) => {
    const openNew: Disk['openNew'] = async (path) => ({
      ...(await disk.openNew(path)),
      sync: async () => {},
    });
    const store = openStore(ARCHIVE, { disk: { ...disk, openNew, syncDirectory: async () => {} } });
    await quarantineSegment(store, 'orders', reason('a'));
  },
};

test.each([
  ['made', quarantining],
  ['found', foundThere],
  ['copied in', copiedIn],
])('a quarantine that was %s is durable once the call resolves', async (_what, scenario) => {
  expect((await crashEverywhere(scenario)).lost).toEqual([]);
});

test('each missing fsync of a record is found', async () => {
  const { found } = await withoutEachSync(quarantining);
  expect(found.filter((one) => one.startsWith('file.sync'))).toHaveLength(2);
  expect(found.filter((one) => one.startsWith('syncDirectory'))).toEqual([
    `syncDirectory ${ARCHIVE}`,
    `syncDirectory ${ARCHIVE}/orders`,
    `syncDirectory ${RECORDS}`,
    `syncDirectory ${RECORDS}/quarantine`,
  ]);
  expect(
    (await withoutEachSync(copiedIn)).found.filter((one) => one.startsWith('syncFile')),
  ).toHaveLength(1);
});
