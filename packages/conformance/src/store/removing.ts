import assert from 'node:assert/strict';
import type { StorePromise } from './store-conformance.ts';
import { aKey, listed, numbersUpTo, put, SOURCE, stageText, textOf } from './objects.ts';

export const removing: readonly StorePromise[] = [
  {
    promise: 'removes an object for every opening, and none of its neighbours',
    test: async ({ store, twin }) => {
      for (const key of [aKey(7), aKey(8), aKey(10_007), aKey(7, 'others')])
        await put(store, key, 'x');
      assert.equal(await twin.remove(aKey(7)), 'removed');
      for (const opening of [store, twin]) {
        assert.equal(await opening.stat(aKey(7)), undefined);
        assert.equal(await opening.fetch(aKey(7)), undefined);
        assert.equal(await opening.readTail(aKey(7), 1), undefined);
      }
      assert.deepEqual(await listed(store), [aKey(8), aKey(10_007)]);
      assert.equal(await textOf(store, aKey(7, 'others')), 'x');
    },
  },
  {
    promise: 'says that there was nothing to remove',
    test: async ({ store, twin }) => {
      assert.equal(await store.remove(aKey(7, 'unknown')), 'absent');
      await put(store, aKey(8), 'x');
      assert.equal(await store.remove(aKey(7)), 'absent');
      assert.equal(await store.remove(aKey(20_000)), 'absent');
      assert.equal(await store.remove(aKey(8)), 'removed');
      assert.equal(await twin.remove(aKey(8)), 'absent');
    },
  },
  {
    promise: 'can be asked by many at once',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'x');
      const answers = await Promise.all(
        numbersUpTo(20).map((n) => (n % 2 ? store : twin).remove(aKey())),
      );
      assert.ok(answers.includes('removed'));
      assert.ok(!answers.includes('held'));
      assert.equal(await store.stat(aKey()), undefined);
    },
  },
  {
    promise: 'removes many of one shard at the same time as others are published there',
    test: async ({ store, twin }) => {
      const old = numbersUpTo(30).map((n) => aKey(n));
      const young = numbersUpTo(30).map((n) => aKey(n + 1000));
      for (const key of old) await put(store, key, 'old');
      await Promise.all([
        ...old.map((key) => twin.remove(key)),
        ...young.map((key) => put(store, key, 'young')),
      ]);
      const names = (await listed(store)).map(({ segment }) => segment);
      assert.deepEqual(names.toSorted(), young.map(({ segment }) => segment).toSorted());
    },
  },
  {
    promise: 'lets a removed key be published anew, and leaves stagings and records',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'first');
      await store.records.create(SOURCE, 'source', '{}');
      const staging = await stageText(twin, aKey(), 'second');
      assert.equal(await store.remove(aKey()), 'removed');
      assert.equal(await twin.publish(staging), 'published');
      await twin.settle(aKey());
      assert.equal(await textOf(store, aKey()), 'second');
      assert.equal(await twin.records.read(SOURCE, 'source'), '{}');
    },
  },
  {
    promise: 'leaves what the place keeps, and says so',
    test: async ({ store, twin, hold }) => {
      if (hold === undefined) return;
      await put(store, aKey(7), 'kept');
      await put(store, aKey(8), 'x');
      await hold(aKey(7));
      for (const opening of [store, twin]) assert.equal(await opening.remove(aKey(7)), 'held');
      assert.equal(await store.remove(aKey(8)), 'removed');
      assert.equal(await textOf(twin, aKey(7)), 'kept');
    },
  },
];
