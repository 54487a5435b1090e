import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import {
  nodeDisk,
  openCheckHistory,
  type CheckHistory,
  type FoundObject,
} from '@walq/wal-core/internal';
import { failOperation, faultyDisk } from '@walq/conformance';
import { flipByte } from '../../support/flip-byte.ts';
import { nameOf, segmentName } from '../../support/place.ts';

const URL = 'file:///srv/wal-archive';

const object = (number: number, more: Partial<FoundObject> = {}): FoundObject => ({
  key: { source: 'orders', shard: '00000000', segment: nameOf(number) },
  name: segmentName(number),
  objectBytes: 100,
  identity: '7:1',
  ...more,
});

const open = (directory: string, url = URL) => openCheckHistory(nodeDisk, directory, url, 'orders');

async function saved(count: number): Promise<{ directory: string; file: string }> {
  const { path: directory } = await temporaryDirectory('checks');
  const checkHistory = await open(directory);
  for (let number = 1; number <= count; number += 1) {
    checkHistory.add(object(number), { checkedAtMs: 1_000 + number });
  }
  await checkHistory.save();
  return { directory, file: (await filesIn(directory))[0] ?? '' };
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

const known = (checkHistory: CheckHistory, ...numbers: number[]) =>
  numbers.map((number) => checkHistory.find(object(number))?.checkedAtMs);

it('records what was checked and the result, by archive', async () => {
  const { directory } = await saved(2);
  const checkHistory = await open(directory);
  const fault = { code: 'object-corrupt', message: 'it does not decode' } as const;
  checkHistory.add(object(2), { checkedAtMs: 2_000, fault });
  await checkHistory.save();
  const again = await open(directory);
  expect(known(again, 1, 2, 3)).toEqual([1_001, 2_000, undefined]);
  expect(again.find(object(2))?.fault).toEqual(fault);
  expect(known(await open(directory, 'file:///elsewhere'), 1)).toEqual([undefined]);
});

it('does not know an object that has changed since', async () => {
  const checkHistory = await open((await saved(1)).directory);
  expect(checkHistory.find(object(1, { objectBytes: 101 }))).toBeUndefined();
  expect(checkHistory.find(object(1, { identity: '8:1' }))).toBeUndefined();
});

it('drops objects that no longer exist', async () => {
  const { directory } = await saved(3);
  const checkHistory = await open(directory);
  checkHistory.keepOnly(new Set([`orders/00000000/${nameOf(2)}.zst`]));
  await checkHistory.save();
  expect(known(await open(directory), 1, 2, 3)).toEqual([undefined, 1_002, undefined]);
});

it('loses nothing when two processes save at the same time, and becomes one file again', async () => {
  const { directory } = await saved(1);
  const [one, other] = [await open(directory), await open(directory)];
  one.add(object(2), { checkedAtMs: 2_000 });
  other.add(object(3), { checkedAtMs: 3_000 });
  other.add(object(1), { checkedAtMs: 3_001 });
  await Promise.all([one.save(), other.save()]);
  const next = await open(directory);
  expect(known(next, 1, 2, 3)).toEqual([3_001, 2_000, 3_000]);
  await next.save();
  expect(await filesIn(directory)).toHaveLength(1);
  expect(known(await open(directory), 1, 2, 3)).toEqual([3_001, 2_000, 3_000]);
});

it.each([
  ['cut short', (file: string) => truncate(file, 100)],
  ['of another program', (file: string) => writeFile(file, 'PNG\n{"a":1}\n[1,2,3]\n\u0000\n')],
  ['empty', (file: string) => truncate(file, 0)],
])('checks an object again where its record cannot be read: %s', async (_what, damage) => {
  const { directory, file } = await saved(3);
  await damage(file);
  const checkHistory = await open(directory);
  expect(known(checkHistory, 3)).toEqual([undefined]);
  checkHistory.add(object(3), { checkedAtMs: 5_000 });
  await checkHistory.save();
  expect(known(await open(directory), 3)).toEqual([5_000]);
});

it('skips a line with a flipped bit, and reads all others', async () => {
  const { directory, file } = await saved(3);
  const [first = ''] = (await readFile(file, 'utf8')).split('\n');
  for (let at = 0; at < first.length; at += 7) {
    await flipByte(file, at);
    expect(known(await open(directory), 1, 2, 3)).toEqual([undefined, 1_002, 1_003]);
    await flipByte(file, at);
  }
});

it('skips a line that is not JSON although its checksum matches', async () => {
  const { directory, file } = await saved(1);
  await appendFile(file, '00000000 \n');
  expect(known(await open(directory), 1)).toEqual([1_001]);
});

it('skips a check in the future, which would never be due again', async () => {
  const { directory } = await saved(1);
  const checkHistory = await open(directory);
  checkHistory.add(object(2), { checkedAtMs: Date.now() + 86_400_000 });
  await checkHistory.save();
  expect(known(await open(directory), 1, 2)).toEqual([1_001, undefined]);
});

it('reports where it could not be saved, and keeps what was saved before', async () => {
  const { directory, file } = await saved(1);
  await mkdir(join(directory, 'unrelated'));
  await appendFile(join(directory, 'unrelated', 'note'), 'mine');
  const disk = faultyDisk(nodeDisk, { onCall: failOperation('file.sync', 'ENOSPC') });
  const checkHistory = await openCheckHistory(disk, directory, URL, 'orders');
  checkHistory.add(object(2), { checkedAtMs: 2_000 });
  await expect(checkHistory.save()).rejects.toMatchObject({ code: 'state-io' });
  expect(await filesIn(directory)).toEqual(
    expect.arrayContaining([file, join(directory, 'unrelated', 'note')]),
  );
  expect(known(await open(directory), 1, 2)).toEqual([1_001, undefined]);
});
