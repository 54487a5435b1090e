import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openLog, readLog, type Disk } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { text } from '../log/opened-log.ts';
import { crashEverywhere, withoutEachSync, type Scenario } from './crash-points.ts';

const payloads = ['one', 'two'.repeat(30), 'three', 'four'.repeat(20), 'five', 'six'];

/** The lock is a real socket, so a real directory of the same name holds it. */
const withRealLock = (disk: Disk): Disk => {
  const isLock = (path: string): boolean => /\/log-[^/]*\.lock(\.new)?$/.test(path);
  return {
    ...disk,
    rename: (from, to) => (isLock(from) ? nodeDisk : disk).rename(from, to),
    unlink: (path) => (isLock(path) ? nodeDisk : disk).unlink(path),
    openRead: (path) => (path.startsWith('/proc/') ? nodeDisk : disk).openRead(path),
  };
};

async function contentsOn(disk: Disk, directory: string): Promise<string[]> {
  const contents: string[] = [];
  for await (const { payload } of readLog(directory, { disk })) {
    contents.push(Buffer.from(payload).toString());
  }
  return contents;
}

async function appendAll(disk: Disk, directory: string, promised: (payload: string) => void) {
  const log = await openLog({ directory, disk: withRealLock(disk), segmentBytesMax: 200 });
  try {
    for (const payload of payloads) {
      await log.append(text(payload));
      promised(payload);
    }
  } finally {
    await log.close();
  }
}

async function writingALog(
  before?: (disk: Disk, directory: string) => Promise<void>,
): Promise<Scenario> {
  const real = await temporaryDirectory('log');
  const directory = real.at('log');
  await mkdir(`${directory}/.walq`, { recursive: true });
  return {
    prepare: async (disk) => void (await disk.makeDirectory(real.path)),
    ...(before !== undefined && { before: (disk) => before(disk, directory) }),
    run: (disk, promised) => appendAll(disk, directory, promised),
    check: async (disk, promised) => {
      // Repairs at opening are interrupted by another power cut in the tests of the log itself.
      const log = await openLog({ directory, disk: withRealLock(disk), segmentBytesMax: 200 });
      await log.close();
      const contents = await contentsOn(disk, directory);
      assert.deepEqual(contents.slice(0, promised.size), [...promised]);
      assert.deepEqual(contents, payloads.slice(0, contents.length));
    },
  };
}

test('acknowledged records are there, and in order, wherever the power is cut', async () => {
  const { lost, cuts } = await crashEverywhere(await writingALog());
  expect(lost).toEqual([]);
  expect(cuts).toBeGreaterThan(100);
});

test('the same where another process created the log and was killed', async () => {
  const before = async (disk: Disk, directory: string): Promise<void> => {
    const lazy = withRealLock({ ...disk, syncDirectory: async () => {} });
    await (await openLog({ directory, disk: lazy })).close();
  };
  expect((await crashEverywhere(await writingALog(before))).lost).toEqual([]);
});

test('each missing fsync of the log is found', async () => {
  const { found, harmless } = await withoutEachSync(await writingALog());
  expect(found.map(shortened)).toEqual([
    'file.sync /1.wal',
    'file.sync /2.wal',
    'syncDirectory /..',
    'syncDirectory /.',
  ]);
  expect(harmless).toEqual([]);
});

/** Relative to the log's directory. */
const shortened = (sync: string): string => {
  const [operation, path = ''] = sync.split(' ');
  const number = /0+(\d+\.wal)$/.exec(path)?.[1];
  return `${operation} /${number ?? (path.endsWith('/log') ? '.' : '..')}`;
};
