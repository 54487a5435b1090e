import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openLog, type Disk } from '@walq/wal-core/internal';
import { faultyDisk, systemError, type DiskOperation } from '@walq/conformance';
import { expect, test } from 'vitest';
import { contentsOf, openedLog, text } from './opened-log.ts';

const unusable = { code: 'log-write-failed' };

/** A disk on which one kind of call fails on request. */
function failingDisk(operation: DiskOperation, code: string, when: 'onCall' | 'onDone' = 'onCall') {
  const state = { fails: false, calls: 0 };
  const disk: Disk = faultyDisk(nodeDisk, {
    [when]: (call: Parameters<typeof systemError>[1]) => {
      if (!state.fails || call.operation !== operation) return;
      state.calls += 1;
      throw systemError(code, call);
    },
  });
  return { disk, state };
}

test.each([
  ['file.write', 'ENOSPC'],
  ['file.sync', 'EIO'],
] as const)(
  'after a failed %s the log takes no more records, and takes them again when reopened',
  async (operation, code) => {
    const directory = await temporaryDirectory('log');
    const { disk, state } = failingDisk(operation, code);
    const log = await openLog({ directory: directory.path, disk });
    await log.append(text('durable'));
    state.fails = true;
    const pending = [log.append(text('a')), log.append(text('b')), log.seal()];
    for (const result of await Promise.allSettled(pending)) {
      expect(result).toMatchObject({ status: 'rejected', reason: unusable });
    }
    await expect(log.append(text('later'))).rejects.toMatchObject(unusable);
    await expect(log.seal()).rejects.toMatchObject(unusable);
    expect(log.position).toBe(1n);
    expect(state.calls).toBe(1);
    await log.close();

    const again = await openedLog(directory.path);
    const contents = await contentsOf(directory.path);
    expect(contents[0]).toBe('1:durable');
    expect(again.position).toBe(BigInt(contents.length));
    expect(await again.append(text('on'))).toBe(BigInt(contents.length + 1));
  },
);

test.each([
  ['openNew', 'EMFILE'],
  ['file.write', 'ENOSPC'],
  ['file.sync', 'EIO'],
  ['syncDirectory', 'EIO'],
] as const)(
  'a rotation whose %s fails loses nothing that was acknowledged',
  async (operation, code) => {
    const directory = await temporaryDirectory('log');
    const { disk, state } = failingDisk(operation, code);
    const log = await openLog({ directory: directory.path, disk });
    await log.append(text('one'));
    state.fails = true;
    await expect(log.seal()).rejects.toMatchObject(unusable);
    await log.close();
    const again = await openedLog(directory.path);
    expect(await again.append(text('two'))).toBe(2n);
    expect(await contentsOf(directory.path)).toEqual(['1:one', '2:two']);
  },
);

test('recovery rewrites the last commit before it trusts an fsync after a failed one', async () => {
  const directory = await temporaryDirectory('log');
  const { disk, state } = failingDisk('file.sync', 'EIO');
  const log = await openLog({ directory: directory.path, disk });
  state.fails = true;
  await expect(log.append(text('in the page cache'))).rejects.toMatchObject(unusable);
  await log.close();

  const calls: string[] = [];
  const watched = faultyDisk(nodeDisk, {
    onDone: ({ operation, path }) => {
      if (path.endsWith('.wal')) calls.push(operation);
    },
  });
  const again = await openedLog(directory.path, { disk: watched });
  expect(again.position).toBe(1n);
  expect(calls.filter((each) => each === 'file.write' || each === 'file.sync')).toEqual([
    'file.write',
    'file.sync',
  ]);
});

test('a log that cannot be opened says why and leaves no lock behind', async () => {
  const directory = await temporaryDirectory('log');
  const { disk, state } = failingDisk('openNew', 'EACCES');
  state.fails = true;
  await expect(openLog({ directory: directory.path, disk })).rejects.toMatchObject({
    code: 'source-denied',
    message: expect.stringContaining('EACCES'),
  });
  await openedLog(directory.path);
});
