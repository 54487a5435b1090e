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

const introduce = (disk: Disk) =>
  openSource({ disk, source, store: storeOn(disk), registerIfNew: true });

const marking: Scenario = {
  prepare: prepareSource,
  run: async (disk, told) => {
    const sourceId = (await readIdentity(disk, source)) ?? '';
    await advanceWatermark(disk, source, sourceId, segmentName(3));
    told('flushed');
  },
  check: async (disk, told) => {
    const { sourceId } = await introduce(disk);
    const watermark = await readWatermark(disk, source, sourceId);
    const number = Number(watermark?.number);
    assert.ok(number === 3 || (number === 2 && !told.has('flushed')), `${number}`);
  },
};

/** A source and an archive that have never heard of one another. */
const introducing: Scenario = {
  prepare: async (disk) => {
    await disk.makeDirectory(source.directory);
    await disk.makeDirectory(ARCHIVE);
    await putDurably(disk, `${source.directory}/${nameOf(1)}`, contentOf(1));
  },
  run: async (disk, told) => told((await introduce(disk)).sourceId),
  check: async (disk, told) => {
    const isMade = (await textAt(disk, `${WALQ}/source.json`)) !== undefined;
    const { sourceId } = await introduce(disk);
    for (const promised of told) assert.deepEqual([sourceId, isMade], [promised, true]);
  },
};

test.each([
  ['a watermark', marking],
  ['an introduction', introducing],
])('%s is old or new after a power cut, and stands once it is said', async (_what, scenario) => {
  expect((await crashEverywhere(scenario)).lost).toEqual([]);
});

test('an introduction that another process was killed in is made durable by the next', async () => {
  for (let calls = 1; ; calls += 1) {
    let isKilled = false;
    const before = async (disk: Disk): Promise<void> => {
      const dying = faultyDisk(disk, {
        onCall: ({ number }) => {
          if (number >= calls) throw new Error('killed');
        },
      });
      await introduce(dying).catch(() => {
        isKilled = true;
      });
    };
    expect((await crashEverywhere({ ...introducing, before })).lost, `call ${calls}`).toEqual([]);
    if (!isKilled) return;
  }
});

test('each missing fsync of a watermark is found', async () => {
  expect(await withoutEachSync(marking)).toEqual({
    found: [`file.sync ${WALQ}/.watermark.json.tmp`, `syncDirectory ${WALQ}`],
    harmless: [],
  });
});

test('each missing fsync of an introduction is found, save what is proved later', async () => {
  expect(await withoutEachSync(introducing)).toEqual({
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
      // What is remembered of an archive guards against one that is not mounted, which no cut here is.
      expect.stringContaining(`file.sync ${WALQ}/archives/`),
      `syncDirectory ${WALQ}/archives`,
      // Was durable before.
      'syncDirectory /share',
      // Of what another may have begun; here nobody has.
      `syncFile ${WALQ}/source.json`,
      `syncFile ${ARCHIVE}/orders/_walq/source.json`,
    ],
  });
});
