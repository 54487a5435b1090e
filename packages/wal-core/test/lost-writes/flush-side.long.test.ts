import assert from 'node:assert/strict';
import {
  advanceWatermark,
  openSource,
  readIdentity,
  readWatermark,
  type Disk,
} from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { expect, test } from 'vitest';
import { nameOf, segmentName } from '../support/place.ts';
import { ARCHIVE, contentOf, prepareSource, source, storeOn } from './archived-source.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';
import { putDurably, textAt } from './small-files.ts';

const WALQ = `${source.directory}/.walq`;

const register = (disk: Disk) =>
  openSource({ disk, source, store: storeOn(disk), registerIfNew: true });

const marking: Scenario = {
  prepare: prepareSource,
  run: async (disk, promised) => {
    const sourceId = (await readIdentity(disk, source)) ?? '';
    await advanceWatermark(disk, source, sourceId, segmentName(3));
    promised('flushed');
  },
  check: async (disk, promised) => {
    const { sourceId } = await register(disk);
    const watermark = await readWatermark(disk, source, sourceId);
    const number = Number(watermark?.number);
    assert.ok(number === 3 || (number === 2 && !promised.has('flushed')), `${number}`);
  },
};

/** A source and an archive that do not know each other. */
const registering: Scenario = {
  prepare: async (disk) => {
    await disk.makeDirectory(source.directory);
    await disk.makeDirectory(ARCHIVE);
    await putDurably(disk, `${source.directory}/${nameOf(1)}`, contentOf(1));
  },
  run: async (disk, promised) => promised((await register(disk)).sourceId),
  check: async (disk, promised) => {
    const isMade = (await textAt(disk, `${WALQ}/source.json`)) !== undefined;
    const { sourceId } = await register(disk);
    for (const id of promised) assert.deepEqual([sourceId, isMade], [id, true]);
  },
};

test.each([
  ['a watermark', marking],
  ['a registration', registering],
])(
  '%s is old or new after a power cut, and durable once the call resolves',
  async (_what, scenario) => {
    expect((await crashEverywhere(scenario)).lost).toEqual([]);
  },
);

test('a registration that another process was killed in is made durable by the next', async () => {
  for (let calls = 1; ; calls += 1) {
    let isKilled = false;
    const before = async (disk: Disk): Promise<void> => {
      const dying = faultyDisk(disk, {
        onCall: ({ number }) => {
          if (number >= calls) throw new Error('killed');
        },
      });
      await register(dying).catch(() => {
        isKilled = true;
      });
    };
    expect((await crashEverywhere({ ...registering, before })).lost, `call ${calls}`).toEqual([]);
    if (!isKilled) return;
  }
});

test('each missing fsync of a watermark is found', async () => {
  expect(await withoutEachSync(marking)).toEqual({
    found: [`file.sync ${WALQ}/.watermark.json.tmp`, `syncDirectory ${WALQ}`],
    harmless: [],
  });
});

test('each missing fsync of a registration is found, except those that are proved later', async () => {
  expect(await withoutEachSync(registering)).toEqual({
    found: [
      `file.sync ${WALQ}/.source.json.tmp`,
      `file.sync ${ARCHIVE}/orders/_walq/.source.json.tmp`,
      `syncDirectory ${source.directory}`,
      `syncDirectory ${WALQ}`,
      `syncDirectory ${ARCHIVE}`,
      `syncDirectory ${ARCHIVE}/orders`,
      `syncDirectory ${ARCHIVE}/orders/_walq`,
    ],
    harmless: [
      // The record of known archives protects against an archive that is not mounted, and no cut here unmounts one.
      expect.stringContaining(`file.sync ${WALQ}/archives/`),
      `syncDirectory ${WALQ}/archives`,
      // Durable before.
      'syncDirectory /share',
      // For what another process may have started; none has here.
      `syncFile ${WALQ}/source.json`,
      `syncFile ${ARCHIVE}/orders/_walq/source.json`,
    ],
  });
});
