import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  archiveOne,
  createArchiver,
  isWalqError,
  nodeDisk,
  openStore,
  steps,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { failCall, faultyDisk, type DiskCall } from '@walq/conformance';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

/** After any failure nothing is lost or incomplete, and the next attempt archives the segment. */
async function expectWholeAfterRetry(place: Place): Promise<void> {
  const there = await place.sourceNames();
  if (!there.includes(nameOf(1))) expect(place.unpacked(1).toString()).toBe(textOf(1));
  await place.archive1(1);
  expect(place.unpacked(1).toString()).toBe(textOf(1));
  expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
}

/** Only a PostgreSQL source passes them; see test/postgres/archive.test.ts. */
const postgresOnly: readonly string[] = ['recheck', 'acknowledge'];
const ownSteps = steps.filter((step) => !postgresOnly.includes(step));

test.each(ownSteps)('a process that dies before the step %s loses nothing', async (deadly) => {
  const place = await newPlace();
  if (deadly === 'make-durable') await publishedByAnother(place);
  const onStep = (step: string) => {
    if (step === deadly) throw new Error('killed');
  };
  await expect(place.archive1(1, { onStep })).rejects.toThrow('killed');
  await expectWholeAfterRetry(place);
});

test.each(['EIO', 'ENOSPC', 'EMFILE'])(
  'any one disk call that fails with %s loses nothing',
  async (errno) => {
    for (let number = 1; ; number += 1) {
      const place = await newPlace();
      let calls = 0;
      const onCall = (call: DiskCall) => {
        calls = call.number;
        failCall(number, errno)(call);
      };
      const failure = await attempt(place, onCall);
      if (failure !== undefined) expect(failure).toSatisfy(isWalqError);
      await expectWholeAfterRetry(place);
      if (calls < number) return;
    }
  },
);

test('a lost answer to any disk call loses nothing', async () => {
  for (let number = 1; ; number += 1) {
    const place = await newPlace();
    let calls = 0;
    const disk = faultyDisk(nodeDisk, {
      onDone: (call) => {
        calls = call.number;
        // The answer of an open is the file itself: without it nobody could close it.
        if (!call.operation.startsWith('open')) failCall(number, 'EIO')(call);
      },
    });
    await place.archive1(1, { disk }).catch((error: unknown) => error);
    await expectWholeAfterRetry(place);
    if (calls < number) return;
  }
});

test('after a failed fsync the staged file is discarded and the source is read again', async () => {
  const place = await newPlace();
  const synced = new Set<string>();
  let failed: string | undefined;
  const onCall = (call: DiskCall) => {
    if (call.operation !== 'file.sync') return;
    expect(synced.has(call.path)).toBe(false);
    synced.add(call.path);
    if (failed === undefined) {
      failed = call.path;
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    }
  };
  const disk = faultyDisk(nodeDisk, { onCall });
  await expect(place.archive1(1, { disk })).rejects.toMatchObject({ code: 'store-fsync-failed' });
  expect(await place.archiveNames()).toEqual([]);
  await place.archive1(1, { disk });
  expect(place.unpacked(1).toString()).toBe(textOf(1));
});

test.each([
  ['with a flipped bit', flipBit, 'decode-mismatch'],
  ['without its manifest', (path: string) => writeFileSync(path, 'x'), 'decode-mismatch'],
  ['away', (path: string) => rmSync(path), 'store-unavailable'],
])('a staged copy that is read back %s is written again', async (_what, damage, code) => {
  const place = await newPlace();
  let damaged = false;
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (damaged || operation !== 'file.read' || !path.endsWith('.tmp')) return;
      damaged = true;
      damage(path);
    },
  });
  await expect(place.archive1(1, { disk })).rejects.toMatchObject({ code, class: 'retryable' });
  expect(await place.archiveNames()).toEqual([]);
  expect((await place.read(1)).toString()).toBe(textOf(1));
  expect(await place.archive1(1, { disk })).toMatchObject({ outcome: 'archived' });
  expect(place.unpacked(1).toString()).toBe(textOf(1));
});

test('a process that finds the object makes it durable itself before it deletes the source (I1)', async () => {
  const place = await newPlace();
  await publishedByAnother(place);
  const calls: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onDone: ({ operation, path }) => {
      calls.push(`${operation} ${path}`);
    },
  });
  await place.archive1(1, { disk });
  const unlinked = calls.indexOf(`unlink ${place.pathOf(1)}`);
  const before = calls.slice(0, unlinked);
  expect(unlinked).toBeGreaterThan(0);
  expect(before).toContain(`file.sync ${place.objectPath(1)}`);
  expect(before.filter((call) => call.startsWith('syncDirectory'))).toEqual(
    expect.arrayContaining(
      ['/orders/00000000', '/orders', ''].map((part) => `syncDirectory ${place.archive}${part}`),
    ),
  );
  expect(calls.slice(unlinked)).toContain(`syncDirectory ${place.source.directory}`);
});

test('object and directory are durable, and the object is decoded, before the source is deleted', async () => {
  const place = await newPlace();
  const order: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onDone: ({ operation, path, to }) => {
      if (to === place.objectPath(1)) order.push('link');
      if (operation === 'file.sync' && path.includes('.tmp')) order.push('sync object');
      if (operation === 'file.read' && path.includes('.tmp')) order.push('read back');
      if (operation === 'syncDirectory' && path.endsWith('00000000')) order.push('sync shard');
      if (operation === 'unlink' && path === place.pathOf(1)) order.push('delete');
    },
  });
  await place.archive1(1, { disk });
  // The disk makes it durable while it is read back.
  expect(new Set(order.slice(0, 2))).toEqual(new Set(['sync object', 'read back']));
  expect(order.slice(2)).toEqual(['link', 'sync shard', 'delete']);
});

test('cancelled work ends between two chunks and leaves nothing behind', async () => {
  const big = Buffer.alloc(4 * 1024 * 1024, 'wal');
  const place = await newPlace({ segments: { 1: big, 2: 'b', 3: 'c' } });
  const abort = new AbortController();
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (operation === 'file.write' && path.includes('.tmp')) abort.abort();
    },
  });
  const store = openStore(place.archive, { disk });
  const archiver = createArchiver({
    disk,
    threads: createInlineThreads(disk),
    storeOf: () => store,
    level: 3,
    conservative: true,
    worker: 'test:1',
  });
  const work = archiveOne(archiver, place.source, nameOf(1), { signal: abort.signal });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(await place.archiveNames()).toEqual([]);
  expect(await place.sourceNames()).toHaveLength(3);
});

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(40) ^ 0x10, 40);
  writeFileSync(path, bytes);
}

async function attempt(place: Place, onCall: (call: DiskCall) => void): Promise<unknown> {
  const disk = faultyDisk(nodeDisk, { onCall });
  return place.archive1(1, { disk }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** An object that a process published which died before it could delete the source. */
async function publishedByAnother(place: Place): Promise<void> {
  const onStep = (step: string) => {
    if (step === 'confirm') throw new Error('died');
  };
  await expect(place.archive1(1, { onStep })).rejects.toThrow('died');
}
