import assert from 'node:assert/strict';
import { isWalqError } from '@walq/wal-core/internal';
import type { StorePromise } from './store-conformance.ts';
import { aKey, listed, numbersUpTo, put, SOURCE } from './objects.ts';

const climbing = ['../x', '..', 'a/../b', '/etc/x', 'a/b/c', '', 'a/', '/a', 'a\0', '.x', 'a\\b'];

export const recording: readonly StorePromise[] = [
  {
    promise: 'gives a record back, also through another opening',
    test: async ({ store, twin }) => {
      assert.equal(await store.records.create(SOURCE, 'source', '{"v":1,"ü":"日"}'), 'created');
      assert.equal(await twin.records.read(SOURCE, 'source'), '{"v":1,"ü":"日"}');
      assert.equal(await twin.records.read('others', 'source'), undefined);
      assert.deepEqual(await twin.listSources(), [SOURCE]);
    },
  },
  {
    promise: 'says that a record exists, and leaves it untouched',
    test: async ({ store, twin }) => {
      await store.records.create(SOURCE, 'quarantine/a', 'first');
      assert.equal(await twin.records.create(SOURCE, 'quarantine/a', 'second'), 'exists');
      assert.equal(await store.records.read(SOURCE, 'quarantine/a'), 'first');
    },
  },
  {
    promise: 'has one creator among concurrent ones, whose text stands',
    test: async ({ store, twin }) => {
      const answers = await Promise.all(
        numbersUpTo(20).map((n) => (n % 2 ? store : twin).records.create(SOURCE, 'x', `by ${n}`)),
      );
      assert.equal(answers.filter((answer) => answer === 'created').length, 1);
      const winner = answers.indexOf('created');
      assert.equal(await store.records.read(SOURCE, 'x'), `by ${winner}`);
    },
  },
  {
    promise: 'lists the records of one folder, in order',
    test: async ({ store }) => {
      const names = numbersUpTo(30).map((n) => `r${n}`);
      await Promise.all(names.map((name) => store.records.create(SOURCE, `gaps/${name}`, '{}')));
      await store.records.create(SOURCE, 'quarantine/q', '{}');
      await store.records.create(SOURCE, 'alone', '{}');
      assert.deepEqual(await store.records.list(SOURCE, 'gaps'), names.toSorted());
      assert.deepEqual(await store.records.list(SOURCE, 'nothing'), []);
      assert.deepEqual(await store.records.list('others', 'gaps'), []);
    },
  },
  {
    promise: 'removes a record, as often as asked and at the same time, and lets it be made anew',
    test: async ({ store, twin }) => {
      await store.records.create(SOURCE, 'gaps/a', 'old');
      await Promise.all([store, twin].map(({ records }) => records.remove(SOURCE, 'gaps/a')));
      await store.records.remove(SOURCE, 'gaps/a');
      await store.records.remove('others', 'gaps/a');
      assert.equal(await twin.records.read(SOURCE, 'gaps/a'), undefined);
      assert.deepEqual(await twin.records.list(SOURCE, 'gaps'), []);
      assert.equal(await twin.records.create(SOURCE, 'gaps/a', 'new'), 'created');
      assert.equal(await store.records.read(SOURCE, 'gaps/a'), 'new');
    },
  },
  {
    promise: 'refuses a record that would lead out of its place',
    test: async ({ store }) => {
      for (const name of climbing) {
        await assert.rejects(store.records.create(SOURCE, name, '{}'), isWalqError, name);
        await assert.rejects(store.records.read(SOURCE, name), isWalqError, name);
        await assert.rejects(store.records.remove(SOURCE, name), isWalqError, name);
        await assert.rejects(store.records.list(SOURCE, `${name}/`), isWalqError, name);
      }
      await assert.rejects(store.records.create('..', 'x', '{}'), isWalqError);
      assert.deepEqual(await store.listSources(), []);
    },
  },
  {
    promise: 'keeps records and objects apart',
    test: async ({ store }) => {
      await store.records.create(SOURCE, 'source', '{}');
      await put(store, aKey(), 'object');
      await store.records.remove(SOURCE, 'source');
      assert.deepEqual(await listed(store), [aKey()]);
    },
  },
];
