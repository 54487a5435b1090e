import assert from 'node:assert/strict';
import { archiveKeyOf, keyPath, type ArchiveKey } from '@walq/wal-core/internal';
import { aKey, listed, numbersUpTo, put, SOURCE, stageText, textOf } from './objects.ts';
import type { StorePromise } from './store-conformance.ts';

const MANY = 2000;
const AT_ONCE = 16;

const strangeNames = [
  'with space.wal',
  ' leading and trailing ',
  'ünï-çødé-日本-🎉',
  'percent%41%',
  '%2E%2E',
  '..',
  '.',
  '.hidden',
  'trailing.',
  'new\nline',
  'a/b\\c',
  'UPPER and lower',
  'upper AND LOWER',
  'ends-in.zst',
  '_walq',
  'quote\'"$`;&|',
];

const inOrder = (keys: readonly ArchiveKey[]): readonly string[] => keys.map(keyPath).toSorted();

export const keysAndListing: readonly StorePromise[] = [
  {
    promise: 'lists nothing for an unknown source',
    test: async ({ store }) => {
      assert.deepEqual(await listed(store, 'unknown'), []);
      assert.deepEqual(await store.listSources(), []);
    },
  },
  {
    promise: 'lists thousands of keys once each, in the order of their shards',
    test: async ({ store }) => {
      const keys = numbersUpTo(MANY).map((n) => aKey(((n * 7919) % MANY) * 1000));
      for (let at = 0; at < MANY; at += AT_ONCE) {
        await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => put(store, key, 'x')));
      }
      const found = await listed(store);
      assert.deepEqual(inOrder(found), inOrder(keys));
      const shards = found.map(({ shard }) => BigInt(shard));
      assert.deepEqual(
        shards,
        shards.toSorted((a, b) => Number(a - b)),
      );
    },
  },
  {
    promise: 'orders shards by number, also where their names have different lengths',
    test: async ({ store }) => {
      const numbers = [10n ** 12n, 10n ** 12n - 1n, 2n ** 80n, 5n];
      const keys = numbers.map((number) => archiveKeyOf(SOURCE, { name: `${number}`, number }));
      for (const key of keys) await put(store, key, 'x');
      const found = (await listed(store)).map(({ segment }) => segment);
      assert.deepEqual(found, ['5', '999999999999', '1000000000000', `${2n ** 80n}`]);
    },
  },
  {
    promise: 'lists only the shards that are asked for',
    test: async ({ store }) => {
      const keys = [1, 20_000, 30_000].map((n) => aKey(n));
      for (const key of keys) await put(store, key, 'x');
      const found: ArchiveKey[] = [];
      const includesShard = (shard: string) => shard === '00000002';
      for await (const piece of store.list(SOURCE, includesShard)) found.push(...piece);
      assert.deepEqual(found, [aKey(20_000)]);
    },
  },
  {
    promise:
      'distinguishes names with spaces, unicode, dots and percent signs, and lists them unchanged',
    test: async ({ store }) => {
      const keys = strangeNames.map((name) => archiveKeyOf(SOURCE, { name, number: 1n }));
      for (const key of keys) assert.equal(await put(store, key, key.segment), 'published');
      for (const key of keys) assert.equal(await textOf(store, key), key.segment);
      const found = (await listed(store)).map(({ segment }) => segment);
      assert.deepEqual(found.toSorted(), strangeNames.toSorted());
    },
  },
  {
    promise: 'separates sources, and lists their names',
    test: async ({ store, twin }) => {
      await put(store, aKey(1, 'orders'), 'o');
      await put(store, aKey(1, 'ledger-2'), 'l');
      assert.deepEqual(await twin.listSources(), ['ledger-2', 'orders']);
      assert.deepEqual(await listed(twin, 'ledger-2'), [aKey(1, 'ledger-2')]);
      assert.equal(await textOf(twin, aKey(1, 'orders')), 'o');
    },
  },
  {
    promise: 'lists only objects: no stagings, no records',
    test: async ({ store }) => {
      await put(store, aKey(1), 'x');
      await store.records.create(SOURCE, 'source', '{}');
      const staging = await stageText(store, aKey(2), 'staged');
      assert.deepEqual(await listed(store), [aKey(1)]);
      await store.discard(staging);
    },
  },
  {
    promise: 'can be listed concurrently, while others publish',
    test: async ({ store, twin }) => {
      for (const n of numbersUpTo(50)) await put(store, aKey(n), 'x');
      const [before, during] = await Promise.all([
        listed(store),
        listed(twin),
        ...numbersUpTo(20).map((n) => put(twin, aKey(n + 1000), 'x')),
      ]);
      for (const found of [before, during]) {
        const names = new Set(found.map(({ segment }) => segment));
        for (const n of numbersUpTo(50)) assert.ok(names.has(aKey(n).segment));
      }
      assert.equal((await listed(store)).length, 70);
    },
  },
];
