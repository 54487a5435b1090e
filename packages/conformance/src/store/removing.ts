import assert from 'node:assert/strict';
import { archiveKeyOf, isWalqError, publishOne } from '@walq/wal-core/internal';
import { aKey, listed, numbersUpTo, put, SOURCE, stageText, textOf } from './objects.ts';
import type { StorePromise } from './store-conformance.ts';

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
    promise: 'reports that there was nothing to remove',
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
    promise: 'can be called concurrently',
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
    promise: 'removes many objects of a shard while others are published there',
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
    promise: 'lets a removed key be published again, and leaves stagings and records',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'first');
      await store.records.create(SOURCE, 'source', '{}');
      const staging = await stageText(twin, aKey(), 'second');
      assert.equal(await store.remove(aKey()), 'removed');
      assert.equal(await publishOne(twin, staging), 'published');
      await twin.makeDurable(aKey());
      assert.equal(await textOf(store, aKey()), 'second');
      assert.equal(await twin.records.read(SOURCE, 'source'), '{}');
    },
  },
  {
    promise: 'leaves an object that is locked, and reports it',
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

const asideName = /^orders\/_walq\/replaced\/wal-7\.bin-[0-9a-f-]{36}\.zst$/;

export const movingAside: readonly StorePromise[] = [
  {
    promise: 'frees a key and keeps its object under the returned name',
    test: async ({ store, twin, textAt }) => {
      await put(store, aKey(), 'damaged');
      const aside = await store.moveAside(aKey());
      assert.match(aside ?? '', asideName);
      assert.equal(await textAt(aside ?? ''), 'damaged');
      assert.equal(await twin.stat(aKey()), undefined);
      assert.equal(await put(twin, aKey(), 'right'), 'published');
      assert.equal(await textOf(store, aKey()), 'right');
      assert.equal(await textAt(aside ?? ''), 'damaged');
    },
  },
  {
    promise: 'reports a new identity for a replacement object, and the same one until then',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'first');
      const first = await store.stat(aKey());
      assert.deepEqual(await twin.stat(aKey()), first);
      await store.moveAside(aKey());
      await put(twin, aKey(), 'other');
      const other = await store.stat(aKey());
      assert.equal(other?.sizeBytes, first?.sizeBytes);
      assert.ok(first?.identity === undefined || other?.identity !== first.identity);
    },
  },
  {
    promise: 'moves nothing aside where there is nothing, also for an unknown source',
    test: async ({ store }) => {
      assert.equal(await store.moveAside(aKey()), undefined);
      await put(store, aKey(1), 'another');
      assert.equal(await store.moveAside(aKey()), undefined);
      assert.equal(await textOf(store, aKey(1)), 'another');
    },
  },
  {
    promise: 'keeps each of several objects that were moved aside',
    test: async ({ store, textAt }) => {
      const names: string[] = [];
      for (const n of numbersUpTo(5)) {
        await put(store, aKey(), `object ${n}`);
        names.push((await store.moveAside(aKey())) ?? '');
      }
      assert.equal(new Set(names).size, 5);
      for (const [n, name] of names.entries()) assert.equal(await textAt(name), `object ${n}`);
    },
  },
  {
    promise: 'never lists an object that was moved aside, and never sweeps it',
    test: async ({ store, textAt }) => {
      await put(store, aKey(1), 'stays');
      await put(store, aKey(), 'damaged');
      const aside = await store.moveAside(aKey());
      assert.deepEqual(await listed(store), [aKey(1)]);
      assert.deepEqual(await store.listSources(), [SOURCE]);
      await store.sweep(SOURCE);
      assert.equal(await textAt(aside ?? ''), 'damaged');
    },
  },
  {
    promise: 'can be called concurrently, and loses no object',
    test: async ({ store, twin, textAt }) => {
      await put(store, aKey(), 'damaged');
      const names = await Promise.all(
        numbersUpTo(10).map((n) => (n % 2 ? store : twin).moveAside(aKey())),
      );
      const given = names.filter((name) => name !== undefined);
      assert.ok(given.length > 0);
      for (const name of given) assert.equal(await textAt(name), 'damaged');
      assert.equal(await store.stat(aKey()), undefined);
    },
  },
  {
    promise: 'moves objects with very long and strange names aside',
    test: async ({ store, textAt }) => {
      for (const name of ['x'.repeat(251), '../up', 'a/b', '.hidden', 'ü '.repeat(27)]) {
        const key = archiveKeyOf(SOURCE, { name, number: 1n });
        await put(store, key, name);
        assert.equal(await textAt((await store.moveAside(key)) ?? ''), name);
      }
    },
  },
  {
    promise: 'rejects a key that would lead out of the archive',
    test: async ({ store }) => {
      await assert.rejects(store.moveAside({ ...aKey(), source: '..' }), isWalqError);
      await assert.rejects(store.moveAside({ ...aKey(), shard: '../0000000' }), isWalqError);
    },
  },
];
