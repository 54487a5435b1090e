import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import {
  faultsAtAnyTime,
  faultsAtTheEnd,
  temporaryDirectory,
  type CheckedPlace,
  type TemporaryDirectory,
} from '@walq/test-support';

let root: TemporaryDirectory;
let place: CheckedPlace;

const object = (name: string) => root.at('archive/orders/00000000', name);

beforeEach(async () => {
  root = await temporaryDirectory('checker');
  place = {
    originals: root.at('originals'),
    source: root.at('wal'),
    sourceFolder: root.at('archive/orders'),
  };
  for (const folder of ['originals', 'wal', 'archive/orders/00000000', 'archive/orders/_walq']) {
    await mkdir(root.at(folder), { recursive: true });
  }
  for (const name of ['a 1', 'a 2'])
    await writeFile(root.at('originals', name), name.repeat(9_000));
  await copyFile(root.at('originals/a 2'), root.at('wal/a 2'));
  execFileSync('zstd', ['-q', root.at('originals/a 1'), '-o', object('a%201.zst')]);
  await writeFile(object('.a%202.zst.tmp'), 'being written');
});

test('finds nothing wrong where each segment is at one of its two places', async () => {
  expect(await faultsAtAnyTime(place)).toEqual([]);
  expect(await faultsAtTheEnd(place, { archived: ['a 1'], left: ['a 2'] })).toEqual([]);
});

test('finds a segment that is gone', async () => {
  await rm(root.at('wal/a 2'));
  expect(await faultsAtAnyTime(place)).toEqual(['a 2 is neither at the source nor in the archive']);
});

test('finds a source that was changed', async () => {
  await truncate(root.at('wal/a 2'), 7);
  expect(await faultsAtAnyTime(place)).toEqual(['a 2 was changed at the source']);
});

test('finds a partial object', async () => {
  await truncate(object('a%201.zst'), 20);
  expect(await faultsAtAnyTime(place)).toEqual([
    `${object('a%201.zst')} does not decode to its segment`,
  ]);
});

test('finds an object of no segment, and a name that is none', async () => {
  await copyFile(object('a%201.zst'), object('b.zst'));
  await writeFile(object('half'), '');
  expect(await faultsAtAnyTime(place)).toEqual([
    `${object('b.zst')} is of no segment`,
    `${object('half')} is not named as an object`,
  ]);
});

test('finds a segment that is there twice', async () => {
  await mkdir(root.at('archive/orders/00000001'));
  await copyFile(object('a%201.zst'), root.at('archive/orders/00000001/a%201.zst'));
  expect(await faultsAtAnyTime(place)).toEqual([
    `${root.at('archive/orders/00000001/a%201.zst')} holds a segment that is in the archive twice`,
  ]);
});

test('finds what was not archived and what was left', async () => {
  expect(await faultsAtTheEnd(place, { archived: ['a 1', 'a 2'], left: [] })).toEqual([
    'a 2 is not in the archive',
    'a 2 is still at the source',
  ]);
});
