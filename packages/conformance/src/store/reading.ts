import assert from 'node:assert/strict';
import type { StorePromise } from './store-conformance.ts';
import { aKey, numbersUpTo, put, textOf } from './objects.ts';

export const reading: readonly StorePromise[] = [
  {
    promise: 'has nothing under a key that was never published',
    test: async ({ store }) => {
      assert.equal(await store.stat(aKey()), undefined);
      assert.equal(await store.fetch(aKey()), undefined);
      assert.equal(await store.readTail(aKey(), 1), undefined);
    },
  },
  {
    promise: 'has nothing under a neighbour of a published key',
    test: async ({ store }) => {
      await put(store, aKey(7), 'seven');
      for (const key of [aKey(8), aKey(10_007), aKey(7, 'others')]) {
        assert.equal(await store.stat(key), undefined);
      }
    },
  },
  {
    promise: 'gives the size of an object',
    test: async ({ store }) => {
      await put(store, aKey(), 'x'.repeat(70_000));
      assert.equal((await store.stat(aKey()))?.sizeBytes, 70_000);
    },
  },
  {
    promise: 'reads the tail of an object, or all of a smaller one',
    test: async ({ store }) => {
      await put(store, aKey(), '0123456789');
      const tail = async (bytesMax: number): Promise<string> =>
        Buffer.from((await store.readTail(aKey(), bytesMax)) ?? 'none').toString();
      assert.equal(await tail(1), '9');
      assert.equal(await tail(9), '123456789');
      assert.equal(await tail(10), '0123456789');
      assert.equal(await tail(100_000), '0123456789');
      assert.equal(await tail(0), '');
    },
  },
  {
    promise: 'lets an object be read by many at once, and after another released it',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'shared');
      const [kept, released] = await Promise.all([store.fetch(aKey()), twin.fetch(aKey())]);
      await released?.release();
      const texts = await Promise.all(
        numbersUpTo(10).map((n) => textOf(n % 2 ? store : twin, aKey())),
      );
      assert.deepEqual(new Set(texts), new Set(['shared']));
      await kept?.release();
    },
  },
  {
    promise: 'shows an object to another opening of the same place',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'seen');
      assert.equal(await textOf(twin, aKey()), 'seen');
      assert.equal(await put(twin, aKey(), 'other'), 'exists');
      assert.equal(Buffer.from((await twin.readTail(aKey(), 4)) ?? []).toString(), 'seen');
    },
  },
];
