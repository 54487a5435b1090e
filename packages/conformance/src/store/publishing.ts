import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { isWalqError, publishOne } from '@walq/wal-core/internal';
import { aKey, listed, numbersUpTo, put, SOURCE, stageText, textOf } from './objects.ts';
import type { StorePromise } from './store-conformance.ts';

const CONCURRENT = 20;

const isRetryable = (error: unknown): boolean => isWalqError(error) && error.class === 'retryable';

export const publishing: readonly StorePromise[] = [
  {
    promise: 'fetches what was published',
    test: async ({ store }) => {
      assert.equal(await put(store, aKey(), 'first'), 'published');
      assert.equal(await textOf(store, aKey()), 'first');
    },
  },
  {
    promise: 'publishes an empty object',
    test: async ({ store }) => {
      assert.equal(await put(store, aKey(), ''), 'published');
      assert.equal((await store.stat(aKey()))?.sizeBytes, 0);
    },
  },
  {
    promise: 'reports that a key exists, and leaves its object unchanged',
    test: async ({ store }) => {
      await put(store, aKey(), 'first');
      assert.equal(await put(store, aKey(), 'second and longer'), 'exists');
      assert.equal(await textOf(store, aKey()), 'first');
    },
  },
  {
    promise: 'has one winner among concurrent publishers of a key, whose content stays',
    test: async ({ store, twin }) => {
      const stagings = await Promise.all(
        numbersUpTo(CONCURRENT).map((n) => stageText(n % 2 ? store : twin, aKey(), `writer ${n}`)),
      );
      const answers = await Promise.all(
        stagings.map((staging, n) => publishOne(n % 2 ? store : twin, staging)),
      );
      const winner = answers.indexOf('published');
      assert.equal(answers.filter((answer) => answer === 'published').length, 1);
      assert.equal(await textOf(store, aKey()), `writer ${winner}`);
    },
  },
  {
    promise: 'publishes different keys concurrently',
    test: async ({ store }) => {
      const keys = numbersUpTo(CONCURRENT).map((n) => aKey(n * 10_000));
      const answers = await Promise.all(keys.map((key) => put(store, key, key.segment)));
      assert.deepEqual(new Set(answers), new Set(['published']));
      const texts = await Promise.all(keys.map((key) => textOf(store, key)));
      assert.deepEqual(
        texts,
        keys.map((key) => key.segment),
      );
    },
  },
  {
    promise: 'answers for each of several stagings, in order, whatever becomes of the others',
    test: async ({ store }) => {
      await put(store, aKey(2), 'before');
      const numbers = [1, 2, 3, 20_000];
      const stagings = await Promise.all(
        numbers.map((number) => stageText(store, aKey(number), `staged ${number}`)),
      );
      const [, , lost] = stagings;
      if (lost !== undefined) await store.discard(lost);
      const [first, second, third, other] = await store.publish(stagings);
      assert.deepEqual([first, second, other], ['published', 'exists', 'published']);
      assert.ok(isRetryable(third));
      const texts = await Promise.all(numbers.map((number) => textOf(store, aKey(number))));
      assert.deepEqual(texts, ['staged 1', 'before', undefined, 'staged 20000']);
    },
  },
  {
    promise: 'publishes nothing where nothing is staged',
    test: async ({ store }) => assert.deepEqual(await store.publish([]), []),
  },
  {
    promise: 'gives each caller that stages a key a new file name of its own',
    test: async ({ store, twin }) => {
      const stagings = await Promise.all(
        numbersUpTo(CONCURRENT).map((n) => (n % 2 ? store : twin).stage(aKey())),
      );
      assert.equal(new Set(stagings.map(({ path }) => path)).size, CONCURRENT);
      for (const { path } of stagings) await writeFile(path, '', { flag: 'wx' });
      for (const staging of stagings) await store.discard(staging);
    },
  },
  {
    promise: 'shows nothing of a staged object before it is published',
    test: async ({ store, twin }) => {
      const staging = await stageText(store, aKey(), 'not yet');
      for (const reader of [store, twin]) {
        assert.equal(await reader.stat(aKey()), undefined);
        assert.equal(await reader.fetch(aKey()), undefined);
        assert.equal(await reader.readTail(aKey(), 10), undefined);
        assert.deepEqual(await listed(reader), []);
      }
      await store.discard(staging);
    },
  },
  {
    promise: 'never shows a part of an object to a concurrent reader',
    test: async ({ store, twin }) => {
      const whole = 'x'.repeat(300_000);
      let published = false;
      const publishing = put(store, aKey(), whole).finally(() => (published = true));
      while (!published) {
        assert.ok([undefined, whole].includes(await textOf(twin, aKey())));
        await setImmediate();
      }
      await publishing;
      assert.equal(await textOf(twin, aKey()), whole);
    },
  },
  {
    promise: 'discards a staging, also repeatedly and concurrently',
    test: async ({ store }) => {
      const staging = await stageText(store, aKey(), 'never mind');
      await Promise.all(numbersUpTo(5).map(() => store.discard(staging)));
      await store.discard(staging);
      assert.equal(await store.stat(aKey()), undefined);
      await assert.rejects(publishOne(store, staging), isRetryable);
    },
  },
  {
    promise: 'keeps the object when its used-up staging is discarded',
    test: async ({ store }) => {
      const staging = await stageText(store, aKey(), 'kept');
      await publishOne(store, staging);
      await store.discard(staging);
      assert.equal(await textOf(store, aKey()), 'kept');
    },
  },
  {
    promise: 'makes an object durable that another opening published, also concurrently',
    test: async ({ store, twin }) => {
      await put(store, aKey(), 'durable');
      await Promise.all([
        twin.makeDurable(aKey()),
        twin.makeDurable(aKey()),
        store.makeDurable(aKey()),
      ]);
      assert.equal(await textOf(twin, aKey()), 'durable');
    },
  },
  {
    promise: 'fails retryably to make a missing object durable',
    test: async ({ store }) => {
      await assert.rejects(store.makeDurable(aKey()), isRetryable);
    },
  },
  {
    promise: 'rejects a source name that would lead out of the archive',
    test: async ({ store }) => {
      for (const source of ['..', '.', '', 'a/b', '../x', 'a\0b', '.hidden']) {
        const key = { ...aKey(), source };
        await assert.rejects(store.stage(key), isWalqError);
        await assert.rejects(store.stat(key), isWalqError);
        await assert.rejects(listed(store, source), isWalqError);
      }
      await assert.rejects(store.stage({ ...aKey(), shard: '../0000000' }), isWalqError);
      assert.deepEqual(await store.listSources(), []);
      assert.deepEqual(await listed(store, SOURCE), []);
    },
  },
];

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
    promise: 'reports the size of an object',
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
    promise: 'lets many read an object concurrently, also after one of them released it',
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
