import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { failOperation, faultyDisk } from '@walq/conformance';
import {
  AheadDirectory,
  fetchAhead,
  nodeDisk,
  openStore,
  type AheadOptions,
  type Disk,
  type Threads,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { eventually, temporaryDirectory } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { archivedPlace, nameOf, objectPath, optionsOf } from '../../support/archived-place.ts';
import { flipByte } from '../../support/flip-byte.ts';
import type { PostgresPlace } from '../../support/postgres-place.ts';

async function aheadOf(
  place: PostgresPlace,
  aheadMax: number,
  more: Partial<AheadOptions> = {},
  disk: Disk = nodeDisk,
) {
  const { at } = await temporaryDirectory('ahead');
  const directory = new AheadDirectory(disk, at('fetched'));
  const stopping = new AbortController();
  const { segmentBytes } = place.cluster;
  const options = optionsOf(place, { signal: stopping.signal });
  const rest = { idleMsMax: 60_000, ...more };
  const running = fetchAhead({ ...options, directory, segmentBytes, aheadMax, ...rest });
  onTestFinished(async () => {
    stopping.abort();
    await running;
  });
  const untilReady = (...numbers: number[]) =>
    eventually(async () =>
      expect([...(await directory.ready())].toSorted()).toEqual(numbers.map(nameOf)),
    );
  return { directory, running, stopping, untilReady, at };
}

test.each(['ENOENT', 'EXDEV', 'EACCES'])(
  'one that cannot be taken for %s is left to be fetched',
  async (errno) => {
    const { at } = await temporaryDirectory('ahead');
    const disk = faultyDisk(nodeDisk, { onCall: failOperation('rename', errno) });
    expect(await new AheadDirectory(disk, at('fetched')).take(nameOf(1), at('X'))).toBe(false);
  },
);

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** What is done to a file before it lies ready, on a machine that distinguishes its boots or does not. */
async function callsBeforeReady(hasBootId: boolean): Promise<string[]> {
  const place = await archivedPlace(2);
  const calls: string[] = [];
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ path }) => {
      if (path === BOOT_ID && !hasBootId) throw Object.assign(new Error(), { code: 'ENOENT' });
    },
    onDone: ({ operation, path }) => {
      if (path.endsWith('.tmp') && path.includes(nameOf(2))) calls.push(operation);
    },
  });
  const threads = createInlineThreads(disk);
  const more = { disk, threads: () => threads };
  const { directory, untilReady } = await aheadOf(place, 1, more, disk);
  await directory.request(nameOf(1));
  await untilReady(2);
  return calls.slice(0, calls.indexOf('rename'));
}

test('prefetched files are fsynced where one boot cannot be distinguished from the next', async () => {
  expect(await callsBeforeReady(false)).toContain('file.sync');
  expect(await callsBeforeReady(true)).not.toContain('file.sync');
});

test('files of an earlier boot are not used, and are removed', async () => {
  const { at } = await temporaryDirectory('ahead');
  const directory = new AheadDirectory(nodeDisk, at('fetched'));
  await directory.begin();
  await writeFile(directory.pathOf(nameOf(2)), 'whole when it was put here');
  const boot = directory.pathOf('boot');
  const now = await readFile(boot);
  await writeFile(boot, 'another boot\n');
  expect(await directory.take(nameOf(2), at('X'))).toBe(false);
  expect([...(await directory.ready())]).toEqual([nameOf(2)]);
  await directory.begin();
  expect([...(await directory.ready())]).toEqual([]);
  expect((await readFile(boot)).equals(now)).toBe(true);
});

test('the following files are ready, a bounded number, and more as they are taken', async () => {
  const place = await archivedPlace(6);
  const { directory, untilReady, at } = await aheadOf(place, 3);
  await directory.request(nameOf(1));
  await untilReady(2, 3, 4);
  expect(await directory.isRunning()).toBe(true);
  expect(await directory.take(nameOf(2), at('X'))).toBe(true);
  expect((await readFile(at('X'))).equals(place.cluster.segment(nameOf(2)))).toBe(true);
  await untilReady(3, 4, 5);
  expect(await directory.take(nameOf(6), at('X'))).toBe(false);
});

test('a file that becomes ready during the listing was not taken', async () => {
  const place = await archivedPlace(4);
  const { at } = await temporaryDirectory('late');
  const directory = new AheadDirectory(nodeDisk, at('fetched'));
  const listings = new EventEmitter();
  const list = directory.ready.bind(directory);
  const inline = createInlineThreads(nodeDisk);
  let listedCount = 0;
  // The first file is decoded once a listing has started that does not see it, and that ends when it is there.
  directory.ready = async () => {
    listedCount += 1;
    const there = await list();
    if (listings.listenerCount('list') === 0) return there;
    listings.emit('list');
    await eventually(async () => expect((await list()).size).toBe(1));
    return there;
  };
  const decode: Threads['decode'] = async (task, signal) => {
    if (task.where.includes(nameOf(2))) await once(listings, 'list');
    return inline.decode(task, signal);
  };
  await aheadOf(place, 1, { directory, threads: () => ({ ...inline, decode }) });
  await directory.request(nameOf(1));
  await eventually(async () => expect((await list()).size).toBe(1));
  const before = listedCount;
  await eventually(() => expect(listedCount).toBeGreaterThan(before + 20));
  expect([...(await list())]).toEqual([nameOf(2)]);
});

test('a request elsewhere prefetches the files after it', async () => {
  const place = await archivedPlace(9);
  const { directory, untilReady } = await aheadOf(place, 2);
  await directory.request(nameOf(1));
  await untilReady(2, 3);
  await directory.request(nameOf(6));
  await untilReady(7, 8);
});

test('at the end of the archive it waits for the next request', async () => {
  const place = await archivedPlace(2);
  const { directory, untilReady } = await aheadOf(place, 4);
  await directory.request(nameOf(1));
  await untilReady(2);
  for (const number of [3, 4]) {
    await place.cluster.ready(nameOf(number));
    await place.archive(nameOf(number));
  }
  await directory.request(nameOf(2));
  await untilReady(3, 4);
});

test('a damaged file is never ready; a request for it reports why', async () => {
  const place = await archivedPlace(4);
  await flipByte(objectPath(place, nameOf(3)), 60);
  const { directory, untilReady } = await aheadOf(place, 1);
  await directory.request(nameOf(1));
  await untilReady(2);
  await rm(directory.pathOf(nameOf(2)));
  await eventually(async () => expect((await directory.ready()).size).toBe(0));
  await directory.request(nameOf(3));
  await untilReady(4);
});

test('it ends without requests, and leaves nothing behind', async () => {
  const place = await archivedPlace(3);
  const { directory, running, untilReady } = await aheadOf(place, 2, { idleMsMax: 1_500 });
  await directory.request(nameOf(1));
  await untilReady(2, 3);
  await running;
  expect((await readdir(directory.path)).toSorted()).toEqual(['requested']);
  expect(await directory.isRunning()).toBe(false);
});

test('a new process removes what a dead one left, and no running request', async () => {
  const place = await archivedPlace(3);
  const first = await aheadOf(place, 2);
  await first.directory.request(nameOf(1));
  await first.untilReady(2, 3);
  await writeFile(first.directory.pathOf(`.${nameOf(3)}.${randomUUID()}.tmp`), '');
  const asking = `.requested.${randomUUID()}.tmp`;
  await writeFile(first.directory.pathOf(asking), nameOf(2));
  const store = openStore(place.store.url, { disk: nodeDisk });
  const stopping = new AbortController();
  stopping.abort();
  await fetchAhead({
    ...optionsOf(place, { signal: stopping.signal, store }),
    directory: first.directory,
    segmentBytes: place.cluster.segmentBytes,
    aheadMax: 2,
  });
  first.stopping.abort();
  await first.running;
  expect((await readdir(first.directory.path)).toSorted()).toEqual([asking, 'requested']);
});
