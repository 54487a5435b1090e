import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { faultyDisk } from '@walq/conformance';
import {
  FetchAhead,
  nodeDisk,
  type AheadOptions,
  type Threads,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { eventually, temporaryDirectory } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { archivedPlace, nameOf, objectPath, optionsOf } from '../../support/archived-place.ts';
import { flipByte } from '../../support/flip-byte.ts';
import type { PostgresPlace } from '../../support/postgres-place.ts';

const names = (...numbers: number[]): string[] => numbers.map(nameOf);

async function aheadOf(place: PostgresPlace, aheadMax: number, more: Partial<AheadOptions> = {}) {
  const { at } = await temporaryDirectory('ahead');
  const directory = at('fetched');
  const { segmentBytes } = place.cluster;
  const ahead = await FetchAhead.begin({
    ...optionsOf(place),
    directory,
    segmentBytes,
    aheadMax,
    ...more,
  });
  onTestFinished(() => ahead.close());
  const { signal } = new AbortController();
  const deliver = (number: number, delivery = {}) =>
    ahead.deliver(nameOf(number), at('X'), { signal, isAwaited: () => true, ...delivery });
  const isDelivered = async (number: number) =>
    (await readFile(at('X'))).equals(place.cluster.segment(nameOf(number)));
  const untilReady = (...numbers: number[]) =>
    eventually(async () =>
      expect((await readdir(directory)).toSorted()).toEqual(names(...numbers)),
    );
  return { ahead, directory, deliver, isDelivered, untilReady, at };
}

test('a file is delivered whole, the following ones are ready, a bounded number, and more as they are requested', async () => {
  const place = await archivedPlace(6);
  const { deliver, isDelivered, untilReady } = await aheadOf(place, 3);
  expect(await deliver(1)).toBe(true);
  expect(await isDelivered(1)).toBe(true);
  await untilReady(2, 3, 4);
  expect(await deliver(2)).toBe(true);
  expect(await isDelivered(2)).toBe(true);
  await untilReady(3, 4, 5);
});

test('one in flight is waited for', async () => {
  const place = await archivedPlace(2);
  const inline = createInlineThreads(nodeDisk);
  let resume = (): void => undefined;
  const held = new Promise<void>((resolve) => (resume = resolve));
  const decode: Threads['decode'] = async (task, signal) => {
    if (task.where.includes(nameOf(2))) await held;
    return inline.decode(task, signal);
  };
  const { deliver, isDelivered } = await aheadOf(place, 1, {
    threads: () => ({ ...inline, decode }),
  });
  expect(await deliver(1)).toBe(true);
  const second = deliver(2);
  resume();
  expect(await second).toBe(true);
  expect(await isDelivered(2)).toBe(true);
});

test('nothing is moved once nobody waits for it, and it is there for the next request', async () => {
  const place = await archivedPlace(2);
  const { deliver, isDelivered, at, untilReady } = await aheadOf(place, 1);
  expect(await deliver(1, { isAwaited: () => false })).toBe(false);
  expect(await deliver(1, { signal: AbortSignal.abort() })).toBe(false);
  expect(existsSync(at('X'))).toBe(false);
  await untilReady(1, 2);
  expect(await deliver(1)).toBe(true);
  expect(await isDelivered(1)).toBe(true);
});

test('a request elsewhere fetches the files after it, and drops the others', async () => {
  const place = await archivedPlace(9);
  const { deliver, isDelivered, untilReady } = await aheadOf(place, 2);
  expect(await deliver(1)).toBe(true);
  await untilReady(2, 3);
  expect(await deliver(6)).toBe(true);
  expect(await isDelivered(6)).toBe(true);
  await untilReady(7, 8);
});

test('what the archive lacks is not delivered, until it is archived', async () => {
  const place = await archivedPlace(2);
  const { deliver, isDelivered, untilReady } = await aheadOf(place, 4);
  expect(await deliver(2)).toBe(true);
  expect(await deliver(3)).toBe(false);
  for (const number of [3, 4, 5]) {
    await place.cluster.ready(nameOf(number));
    await place.archive(nameOf(number));
  }
  expect(await deliver(3)).toBe(true);
  expect(await isDelivered(3)).toBe(true);
  await untilReady(4, 5);
});

test('a damaged file is never delivered, and those after it are', async () => {
  const place = await archivedPlace(4);
  await flipByte(objectPath(place, nameOf(3)), 60);
  const { deliver, isDelivered, at } = await aheadOf(place, 2);
  expect(await deliver(2)).toBe(true);
  expect(await deliver(3)).toBe(false);
  expect(await isDelivered(2)).toBe(true);
  expect(await deliver(4)).toBe(true);
  expect(await isDelivered(4)).toBe(true);
  expect(await readdir(at('.'))).toEqual(['X', 'fetched']);
});

test.each(['ENOENT', 'EXDEV', 'EACCES'])(
  'one that cannot be moved for %s is left to be fetched',
  async (errno) => {
    const place = await archivedPlace(1);
    const disk = faultyDisk(nodeDisk, {
      onCall: ({ operation, path }) => {
        if (operation === 'rename' && path.endsWith(nameOf(1)))
          throw Object.assign(new Error(errno), { code: errno });
      },
    });
    const { deliver, directory } = await aheadOf(place, 1, { disk });
    expect(await deliver(1)).toBe(false);
    expect(await readdir(directory)).toEqual([]);
  },
);

test('it leaves nothing behind', async () => {
  const place = await archivedPlace(5);
  const { ahead, deliver, directory } = await aheadOf(place, 4);
  expect(await deliver(1)).toBe(true);
  await ahead.close();
  expect(await readdir(directory)).toEqual([]);
});

test('what a killed process left is removed, and never delivered', async () => {
  const place = await archivedPlace(1);
  const { at } = await temporaryDirectory('left');
  await mkdir(at('fetched'));
  for (const name of [nameOf(2), `.${nameOf(3)}.${randomUUID()}.tmp`, 'ask'])
    await writeFile(at(`fetched/${name}`), 'left');
  const { deliver } = await aheadOf(place, 1, { directory: at('fetched') });
  expect(await readdir(at('fetched'))).toEqual(['ask']);
  expect(await deliver(2)).toBe(false);
});
