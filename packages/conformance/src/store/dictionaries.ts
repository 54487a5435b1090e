import assert from 'node:assert/strict';
import { isWalqError, sha256Of } from '@walq/wal-core/internal';
import type { StorePromise } from './store-conformance.ts';
import { aKey, listed, numbersUpTo, put, SOURCE } from './objects.ts';

const aDictionary = (text: string): [sha256: string, bytes: Uint8Array] => {
  // Every byte there is: a dictionary is no text.
  const bytes = Buffer.concat([Buffer.from(numbersUpTo(256)), Buffer.from(text)]);
  return [sha256Of(bytes), bytes];
};

const otherNames = ['', 'x', '..', '../x', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}\0`];

export const dictionaries: readonly StorePromise[] = [
  {
    promise: 'gives a dictionary back byte for byte, also through another opening',
    test: async ({ store, twin }) => {
      const [name, bytes] = aDictionary('one');
      assert.equal(await store.dictionaries.create(SOURCE, name, bytes), 'created');
      const read = await twin.dictionaries.read(SOURCE, name);
      assert.deepEqual(Buffer.from(read ?? []), Buffer.from(bytes));
      assert.deepEqual(await twin.listSources(), [SOURCE]);
    },
  },
  {
    promise: 'has no dictionary that was never kept, nor one of another source',
    test: async ({ store }) => {
      const [name, bytes] = aDictionary('one');
      await store.dictionaries.create(SOURCE, name, bytes);
      assert.equal(await store.dictionaries.read('others', name), undefined);
      assert.equal(await store.dictionaries.read(SOURCE, aDictionary('two')[0]), undefined);
    },
  },
  {
    promise: 'says that a dictionary exists, as often as asked and at the same time',
    test: async ({ store, twin }) => {
      const [name, bytes] = aDictionary('one');
      const answers = await Promise.all(
        numbersUpTo(12).map((n) => (n % 2 ? store : twin).dictionaries.create(SOURCE, name, bytes)),
      );
      assert.equal(answers.filter((answer) => answer === 'created').length, 1);
      assert.equal(await twin.dictionaries.create(SOURCE, name, bytes), 'exists');
      assert.deepEqual(Buffer.from((await store.dictionaries.read(SOURCE, name)) ?? []), bytes);
    },
  },
  {
    promise: 'lists the dictionaries of one source, in order',
    test: async ({ store, twin }) => {
      const all = numbersUpTo(5).map((n) => aDictionary(`number ${n}`));
      for (const [name, bytes] of all) await store.dictionaries.create(SOURCE, name, bytes);
      await store.dictionaries.create('others', ...aDictionary('theirs'));
      assert.deepEqual(await twin.dictionaries.list(SOURCE), all.map(([name]) => name).toSorted());
      assert.deepEqual(await store.dictionaries.list('unknown'), []);
    },
  },
  {
    promise: 'refuses a dictionary whose bytes have another SHA-256 than its name',
    test: async ({ store }) => {
      const [name, bytes] = aDictionary('one');
      for (const other of [aDictionary('two')[1], bytes.subarray(1), new Uint8Array(0)]) {
        await assert.rejects(store.dictionaries.create(SOURCE, name, other), isWalqError);
      }
      const none = new Uint8Array(0);
      await assert.rejects(store.dictionaries.create(SOURCE, sha256Of(none), none), isWalqError);
      assert.deepEqual(await store.dictionaries.list(SOURCE), []);
    },
  },
  {
    promise: 'refuses a name that is no SHA-256, and a source that would lead out of the archive',
    test: async ({ store }) => {
      const [name, bytes] = aDictionary('one');
      for (const other of otherNames) {
        await assert.rejects(store.dictionaries.create(SOURCE, other, bytes), isWalqError);
        await assert.rejects(store.dictionaries.read(SOURCE, other), isWalqError);
      }
      for (const source of ['..', '', 'a/b']) {
        await assert.rejects(store.dictionaries.create(source, name, bytes), isWalqError);
        await assert.rejects(store.dictionaries.read(source, name), isWalqError);
        await assert.rejects(store.dictionaries.list(source), isWalqError);
      }
      assert.deepEqual(await store.listSources(), []);
    },
  },
  {
    promise: 'keeps dictionaries, records and objects apart',
    test: async ({ store }) => {
      await store.dictionaries.create(SOURCE, ...aDictionary('one'));
      await put(store, aKey(), 'object');
      assert.deepEqual(await listed(store), [aKey()]);
      assert.deepEqual(await store.records.list(SOURCE, 'dictionaries'), []);
    },
  },
];
