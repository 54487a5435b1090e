import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { faultyDisk, type DiskCall } from '@walq/conformance';
import { expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
import { keyOf, put, textOf } from './objects.ts';

const asideIn = (root: string) => join(root, 'orders', '_walq', 'replaced');

it('is durable under its new name before it loses the old one', async () => {
  const { root } = await newArchive();
  await put(openStore(root, { disk: nodeDisk }), keyOf(7), 'damaged');
  const calls: string[] = [];
  const onDone = ({ operation, path, to }: DiskCall) =>
    void calls.push(`${operation} ${(to ?? path).replace(root, 'ROOT')}`);
  await openStore(root, { disk: faultyDisk(nodeDisk, { onDone }) }).moveAside(keyOf(7));
  const isChange = (call: string) => /^(link|rename|unlink|syncDirectory)/.test(call);
  const random = /wal-7\.bin-[0-9a-f-]{36}\.zst$/;
  expect(calls.filter(isChange).map((call) => call.replace(random, 'ASIDE'))).toEqual([
    'link ROOT/orders/_walq/replaced/ASIDE',
    'syncDirectory ROOT/orders/_walq/replaced',
    'syncDirectory ROOT/orders/_walq',
    'syncDirectory ROOT/orders',
    'syncDirectory ROOT',
    expect.stringMatching(/^syncDirectory /),
    'rename ROOT/orders/_walq/replaced/ASIDE',
    'unlink ROOT/orders/_walq/replaced/ASIDE',
    'syncDirectory ROOT/orders/00000000',
  ]);
});

it('puts back an object that another process published while it freed the key', async () => {
  const { root } = await newArchive();
  const healthy = openStore(root, { disk: nodeDisk });
  await put(healthy, keyOf(7), 'damaged');
  let isReplaced = false;
  const disk = faultyDisk(nodeDisk, {
    onCall: async ({ operation }) => {
      if (operation !== 'rename' || isReplaced) return;
      isReplaced = true;
      await healthy.moveAside(keyOf(7));
      await put(healthy, keyOf(7), 'right');
    },
  });
  const aside = await openStore(root, { disk }).moveAside(keyOf(7));
  expect(isReplaced).toBe(true);
  expect(await textOf(healthy, keyOf(7))).toBe('right');
  expect(await readFile(join(root, aside ?? ''), 'utf8')).toBe('damaged');
  const names = await readdir(asideIn(root));
  const texts = await Promise.all(names.map((name) => readFile(join(asideIn(root), name), 'utf8')));
  expect(texts).toEqual(['damaged', 'damaged']);
});
