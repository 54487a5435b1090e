import assert from 'node:assert/strict';
import { isWalqError, sha256Of } from '@walq/wal-core/internal';
import { aKey, listed, numbersUpTo, put, SOURCE } from './objects.ts';
import type { StorePromise } from './store-conformance.ts';

const climbing = ['../x', '..', 'a/../b', '/etc/x', 'a/b/c', '', 'a/', '/a', 'a\0', '.x', 'a\\b'];

export const recording: readonly StorePromise[] = [
  {
    promise: 'reads a record back, also through another opening',
    test: async ({ store, twin }) => {
      assert.equal(await store.records.create(SOURCE, 'source', '{"v":1,"ü":"日"}'), 'created');
      assert.equal(await twin.records.read(SOURCE, 'source'), '{"v":1,"ü":"日"}');
      assert.equal(await twin.records.read('others', 'source'), undefined);
      assert.deepEqual(await twin.listSources(), [SOURCE]);
    },
  },
  {
    promise: 'reports that a record exists, and leaves it unchanged',
    test: async ({ store, twin }) => {
      await store.records.create(SOURCE, 'quarantine/a', 'first');
      assert.equal(await twin.records.create(SOURCE, 'quarantine/a', 'second'), 'exists');
      assert.equal(await store.records.read(SOURCE, 'quarantine/a'), 'first');
    },
  },
  {
    promise: 'has one winner among concurrent creators of a record, whose text stays',
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
    promise: 'removes a record, also repeatedly and concurrently, and lets it be created again',
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
    promise: 'rejects a record name that would lead out of its folder',
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
    promise: 'separates records from objects',
    test: async ({ store }) => {
      await store.records.create(SOURCE, 'source', '{}');
      await put(store, aKey(), 'object');
      await store.records.remove(SOURCE, 'source');
      assert.deepEqual(await listed(store), [aKey()]);
    },
  },
];

const aDictionary = (text: string): [sha256: string, bytes: Uint8Array] => {
  // Contains every byte value: a dictionary is binary.
  const bytes = Buffer.concat([Buffer.from(numbersUpTo(256)), Buffer.from(text)]);
  return [sha256Of(bytes), bytes];
};

const otherNames = ['', 'x', '..', '../x', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}\0`];

export const dictionaries: readonly StorePromise[] = [
  {
    promise: 'reads a dictionary back byte for byte, also through another opening',
    test: async ({ store, twin }) => {
      const [name, bytes] = aDictionary('one');
      assert.equal(await store.dictionaries.create(SOURCE, name, bytes), 'created');
      const read = await twin.dictionaries.read(SOURCE, name);
      assert.deepEqual(Buffer.from(read ?? []), Buffer.from(bytes));
      assert.deepEqual(await twin.listSources(), [SOURCE]);
    },
  },
  {
    promise: 'has no dictionary that was never stored, nor one of another source',
    test: async ({ store }) => {
      const [name, bytes] = aDictionary('one');
      await store.dictionaries.create(SOURCE, name, bytes);
      assert.equal(await store.dictionaries.read('others', name), undefined);
      assert.equal(await store.dictionaries.read(SOURCE, aDictionary('two')[0]), undefined);
    },
  },
  {
    promise: 'reports that a dictionary exists, also repeatedly and concurrently',
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
    promise: 'rejects a dictionary whose bytes do not match its name',
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
    promise:
      'rejects a name that is not a SHA-256, and a source name that would lead out of the archive',
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
    promise: 'separates dictionaries, records and objects',
    test: async ({ store }) => {
      await store.dictionaries.create(SOURCE, ...aDictionary('one'));
      await put(store, aKey(), 'object');
      assert.deepEqual(await listed(store), [aKey()]);
      assert.deepEqual(await store.records.list(SOURCE, 'dictionaries'), []);
    },
  },
];
