import assert from 'node:assert/strict';
import { isWalqError, archiveKeyOf } from '@walq/wal-core/internal';
import type { StorePromise } from './store-conformance.ts';
import { aKey, listed, numbersUpTo, put, SOURCE, textOf } from './objects.ts';

const asideName = /^orders\/_walq\/replaced\/wal-7\.bin-[0-9a-f-]{36}\.zst$/;

export const settingAside: readonly StorePromise[] = [
  {
    promise: 'frees a key and keeps its object under the name that it gives',
    test: async ({ store, twin, textAt }) => {
      await put(store, aKey(), 'damaged');
      const aside = await store.setAside(aKey());
      assert.match(aside ?? '', asideName);
      assert.equal(await textAt(aside ?? ''), 'damaged');
      assert.equal(await twin.stat(aKey()), undefined);
      assert.equal(await put(twin, aKey(), 'right'), 'published');
      assert.equal(await textOf(store, aKey()), 'right');
      assert.equal(await textAt(aside ?? ''), 'damaged');
    },
  },
  {
    promise:
      'tells another identity of the object that takes the place of one, and the same until then',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'first');
      const first = await store.stat(aKey());
      assert.deepEqual(await twin.stat(aKey()), first);
      await store.setAside(aKey());
      await put(twin, aKey(), 'other');
      const other = await store.stat(aKey());
      assert.equal(other?.sizeBytes, first?.sizeBytes);
      assert.ok(first?.identity === undefined || other?.identity !== first.identity);
    },
  },
  {
    promise: 'sets nothing aside where there is nothing, also of a source that it does not know',
    test: async ({ store }) => {
      assert.equal(await store.setAside(aKey()), undefined);
      await put(store, aKey(1), 'another');
      assert.equal(await store.setAside(aKey()), undefined);
      assert.equal(await textOf(store, aKey(1)), 'another');
    },
  },
  {
    promise: 'keeps each of those that were set aside one after another',
    test: async ({ store, textAt }) => {
      const names: string[] = [];
      for (const n of numbersUpTo(5)) {
        await put(store, aKey(), `object ${n}`);
        names.push((await store.setAside(aKey())) ?? '');
      }
      assert.equal(new Set(names).size, 5);
      for (const [n, name] of names.entries()) assert.equal(await textAt(name), `object ${n}`);
    },
  },
  {
    promise: 'never shows what is set aside in a listing, and never sweeps it',
    test: async ({ store, textAt }) => {
      await put(store, aKey(1), 'stays');
      await put(store, aKey(), 'damaged');
      const aside = await store.setAside(aKey());
      assert.deepEqual(await listed(store), [aKey(1)]);
      assert.deepEqual(await store.listSources(), [SOURCE]);
      await store.sweep(SOURCE);
      assert.equal(await textAt(aside ?? ''), 'damaged');
    },
  },
  {
    promise: 'may be asked by many at once, and loses no object',
    test: async ({ store, twin, textAt }) => {
      await put(store, aKey(), 'damaged');
      const names = await Promise.all(
        numbersUpTo(10).map((n) => (n % 2 ? store : twin).setAside(aKey())),
      );
      const given = names.filter((name) => name !== undefined);
      assert.ok(given.length > 0);
      for (const name of given) assert.equal(await textAt(name), 'damaged');
      assert.equal(await store.stat(aKey()), undefined);
    },
  },
  {
    promise: 'sets objects with the longest and the strangest names aside',
    test: async ({ store, textAt }) => {
      for (const name of ['x'.repeat(251), '../up', 'a/b', '.hidden', 'ü '.repeat(27)]) {
        const key = archiveKeyOf(SOURCE, { name, number: 1n });
        await put(store, key, name);
        assert.equal(await textAt((await store.setAside(key)) ?? ''), name);
      }
    },
  },
  {
    promise: 'refuses to set aside what would lead out of the archive',
    test: async ({ store }) => {
      await assert.rejects(store.setAside({ ...aKey(), source: '..' }), isWalqError);
      await assert.rejects(store.setAside({ ...aKey(), shard: '../0000000' }), isWalqError);
    },
  },
];
